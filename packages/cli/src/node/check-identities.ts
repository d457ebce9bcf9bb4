import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import type { TrustIdentity } from '@iotw/runtime/process-options';
import type { Identities } from './identities.js';

/**
 * Whether the ledger, as this process has it by now, does not list its ledger server yet, which may be because the round that admits
 * it is still to be fetched. Only where others order along: with one server there is nobody whom it could fetch from.
 */
export function awaitsAdmission(
  { ledgerServers }: Pick<Ledger, 'ledgerServers'>,
  { ledger: server }: Pick<Identities, 'ledger'>,
  onCometBft: boolean,
): boolean {
  return onCometBft && ledgerServers.rows > 1 && server !== undefined && server.index >= ledgerServers.rows;
}

/**
 * Whether the key file's signing keys (the present or the next ones) and VRF keys are those that the ledger lists now: a node with another key would run
 * and nobody would believe it. A node that no vote has admitted yet waits in a process of its own: a trust node without a
 * ledger, a ledger server that `awaits` its admission. Code: `node-key-wrong`.
 */
export function checkKeys(
  ledger: Pick<Ledger, 'trustNodes' | 'ledgerServers'>,
  { trust, ledger: server }: Pick<Identities, 'trust' | 'ledger'>,
  awaits = false,
): Result<void> {
  const strangers = [
    ...trust.map(({ index }) => ({ name: 'trust node', index, count: ledger.trustNodes.rows })),
    ...(server === undefined || awaits
      ? []
      : [{ name: 'ledger server', index: server.index, count: ledger.ledgerServers.rows }]),
  ].filter(({ index, count }) => index >= count);
  for (const { name, index, count } of strangers)
    return wrong(`names ${name} ${index}, the network has ${count} counted from 0`, `${name}:${index}`);
  for (const { index, ...held } of trust) {
    if (!holds(held, ledger.trustNodes.read(index)?.key)) {
      return wrong(`holds another key for trust node ${index} than the ledger lists`, `trust:${index}`);
    }
  }
  if (server === undefined || awaits) return ok(undefined);
  const listed = ledger.ledgerServers.read(server.index);
  if (
    listed !== undefined &&
    holds(server, listed.key) &&
    equalBytes(listed.vrfKey, server.vrfKeys.publicKey)
  ) {
    return ok(undefined);
  }
  return wrong(
    `holds other keys for ledger server ${server.index} than the ledger lists`,
    `ledger:${server.index}`,
  );
}

function holds(
  { keys, nextKeys }: Pick<TrustIdentity, 'keys' | 'nextKeys'>,
  listed: Uint8Array | undefined,
): boolean {
  return (
    listed !== undefined &&
    [keys, nextKeys].some((pair) => pair !== undefined && equalBytes(pair.publicKey, listed))
  );
}

function wrong(what: string, node: string): Result<never> {
  return fail(
    'node-key-wrong',
    `The key file ${what}: use this node's own key file, and replace its keys by iotw node rotate.`,
    { node },
  );
}
