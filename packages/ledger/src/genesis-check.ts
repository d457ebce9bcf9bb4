import { isPerson } from '@iotw/assignment/people';
import { toHex } from '@iotw/kernel/bytes';
import { isPublicKey } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { brokenParameter } from '@iotw/protocol/parameter-rules';

/**
 * Whether a network can start from this genesis (spec: clause 3).
 * Errors: `genesis-parameters`, `genesis-supply`, `genesis-duplicate`, `genesis-key`, `genesis-reference`.
 */
export function checkGenesis(genesis: Genesis): Result<{ readonly supply: number }> {
  const parameters = checkParameters(genesis);
  if (!parameters.ok) return parameters;
  const duplicates = checkDuplicates(genesis);
  if (!duplicates.ok) return duplicates;
  const keys = checkKeys(genesis);
  if (!keys.ok) return keys;
  const references = checkReferences(genesis);
  if (!references.ok) return references;
  let supply = genesis.rewardPool;
  const amounts = [
    ...genesis.accounts.map((a) => a.amount),
    ...genesis.trustNodes.flatMap((n) => [n.credit, n.bond]),
  ];
  for (const amount of amounts) {
    if (supply > MAX_SUPPLY || amount > MAX_SUPPLY) break;
    supply += amount;
  }
  if (supply > MAX_SUPPLY || amounts.some((amount) => amount > MAX_SUPPLY)) {
    return fail('genesis-supply', `The genesis hands out more than ${MAX_SUPPLY} base units.`);
  }
  return ok({ supply });
}

function checkParameters(genesis: Genesis): Result<void> {
  const { ledgerServers, apiServers, committee, committeeThreshold, parameters } = genesis;
  const broken =
    (ledgerServers.length === 0 && 'ledgerServers must name at least one') ||
    (committeeThreshold > committee.length && 'committeeThreshold exceeds the committee') ||
    brokenParameter(parameters, ledgerServers.length, apiServers.length);
  return broken === undefined
    ? ok(undefined)
    : fail('genesis-parameters', `The genesis can't start a network: ${broken}.`);
}

function checkDuplicates(genesis: Genesis): Result<void> {
  const nodeKeys = [
    ...genesis.trustNodes.flatMap((n) => [n.key, n.linkKey]),
    ...genesis.ledgerServers.flatMap((n) => [n.key, n.linkKey]),
    ...genesis.apiServers.map((n) => n.key),
  ];
  const lists: readonly (readonly [what: string, values: readonly string[]])[] = [
    ['account', genesis.accounts.map((a) => toHex(a.key))],
    ['device', genesis.devices.map((d) => toHex(d.key))],
    ['node key', nodeKeys.map(toHex)],
    ['committee member', genesis.committee.map(toHex)],
    ['maker', genesis.makers.map((m) => String(m.maker))],
    ['batch', genesis.batches.map((b) => `${b.maker}/${b.batch}`)],
  ];
  for (const [what, values] of lists) {
    const seen = new Set<string>();
    for (const value of values) {
      if (seen.has(value)) return fail('genesis-duplicate', `The genesis names ${what} ${value} twice.`);
      seen.add(value);
    }
  }
  return ok(undefined);
}

/** Keys that the network can't run without; a device or account whose key is none can sign nothing, which harms nobody else. */
function checkKeys(genesis: Genesis): Result<void> {
  const { trustNodes, ledgerServers, apiServers, committee, makers, batches } = genesis;
  const keys: readonly (readonly [what: string, key: Uint8Array])[] = [
    ...[...trustNodes, ...ledgerServers].flatMap(
      (n, i) =>
        [
          [`the key of node ${i}`, n.key],
          [`the link key of node ${i}`, n.linkKey],
        ] as const,
    ),
    ...ledgerServers.map((n, i) => [`the VRF key of ledger server ${i}`, n.vrfKey] as const),
    ...apiServers.map((n, i) => [`the key of API server ${i}`, n.key] as const),
    ...committee.map((key, i) => [`the key of committee member ${i}`, key] as const),
    ...makers.map((m) => [`the key of maker ${m.maker}`, m.key] as const),
    ...batches.map((b) => [`the key of batch ${b.maker}/${b.batch}`, b.key] as const),
  ];
  const bad = keys.find(([, key]) => !isPublicKey(key));
  return bad === undefined
    ? ok(undefined)
    : fail(
        'genesis-key',
        `The genesis names a key that can't sign: ${bad[0]}. Put in a full Ed25519 public key.`,
      );
}

function checkReferences(genesis: Genesis): Result<void> {
  const missing = (what: string): Result<never> =>
    fail('genesis-reference', `The genesis names what it doesn't define: ${what}.`);
  const { regions, clouds } = genesis;
  for (const node of [...genesis.trustNodes, ...genesis.ledgerServers]) {
    if (node.region >= regions.length) return missing(`region ${node.region} of a node`);
    if (node.cloud >= clouds.length) return missing(`cloud ${node.cloud} of a node`);
  }
  const alone = genesis.apiServers.find(({ server }) => server >= genesis.ledgerServers.length);
  if (alone !== undefined) return missing(`ledger server ${alone.server} of an API server`);
  const quotas = new Map(genesis.makers.map((m) => [m.maker, m.quota]));
  const batches = new Map<string, number>();
  const kinds = new Map<string, boolean>();
  for (const batch of genesis.batches) {
    const left = quotas.get(batch.maker);
    if (left === undefined) return missing(`maker ${batch.maker} of batch ${batch.batch}`);
    if (batch.quota > left) return missing(`quota of maker ${batch.maker} for batch ${batch.batch}`);
    quotas.set(batch.maker, left - batch.quota);
    batches.set(`${batch.maker}/${batch.batch}`, batch.quota);
  }
  for (const device of genesis.devices) {
    const name = `${device.maker}/${device.batch}`;
    const left = batches.get(name);
    if (left === undefined) return missing(`batch ${name} of a device`);
    if (left === 0) return missing(`quota of batch ${name} for all of its devices`);
    batches.set(name, left - 1);
    const person = isPerson(device);
    if ((kinds.get(name) ?? person) !== person) return missing(`batch ${name} of people and of things`);
    kinds.set(name, person);
    if (device.host >= genesis.trustNodes.length) return missing(`host ${device.host} of a device`);
    if (device.region >= regions.length) return missing(`region ${device.region} of a device`);
    if (device.deviceClass > DEVICE_CLASS.user) return missing(`device class ${device.deviceClass}`);
  }
  return ok(undefined);
}
