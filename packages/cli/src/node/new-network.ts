import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { checkGenesis } from '@iotw/ledger/genesis-check';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { devnetGenesis, GUEST_MAKER, MAKERS } from '../devnet/devnet-genesis.js';
import { devnetNodeKeys, devnetSeed } from '../devnet/devnet-keys.js';
import { entrancesFrom } from './entrances.js';
import type { NodeConfig } from './node-config.js';
import { writeNew } from './write-new.js';

export interface NewNetwork {
  readonly dir: string;
  readonly name: string;
  readonly trustNodes: number;
  readonly epochMs?: number;
  /** Where seeds come from (SEED_SOURCE); vrf unless given. */
  readonly seedSource?: number;
  /** Who signs what is assigned (ASSIGNER); the lanes' trust nodes unless given. */
  readonly assigner?: number;
  readonly apiPort: number;
  readonly mqttPort: number;
  /** Starting balances, base units. */
  readonly accounts: readonly { readonly key: Uint8Array; readonly amount: number }[];
}

export interface CreatedNetwork {
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  readonly files: readonly string[];
}

const HOST = '127.0.0.1';
const FIRST_BATCH_DEVICES = 100_000;

/**
 * Makes a test network's directory with fresh random keys: `genesis.json`, `keys.json` and `node.json` of its one
 * process, and `makers/<n>.root.key`, `makers/<n>.batch.key`, `committee/<n>.key`. Nothing is ever overwritten.
 * Errors: `genesis-exists`, `file-unwritable`, and those of checkGenesis.
 */
export async function createNetwork(choices: NewNetwork): Promise<Result<CreatedNetwork>> {
  const seed = new Uint8Array(randomBytes(32));
  const template = devnetGenesis({
    seed,
    timeMs: Date.now(),
    trustNodes: choices.trustNodes,
    ledgerServers: 1,
    deviceKeys: [],
    accounts: choices.accounts,
    parameters: {
      ...(choices.epochMs === undefined ? {} : { epochMs: choices.epochMs }),
      ...(choices.seedSource === undefined ? {} : { seedSource: choices.seedSource }),
      ...(choices.assigner === undefined ? {} : { assigner: choices.assigner }),
    },
  });
  const genesis: Genesis = {
    ...template,
    name: utf8(choices.name),
    // The rest of a maker's quota is for the batches it opens later.
    batches: template.batches.map((batch) => ({
      ...batch,
      quota: Math.min(batch.quota, FIRST_BATCH_DEVICES),
    })),
  };
  const checked = checkGenesis(genesis);
  if (!checked.ok) return checked;
  const files = filesOf(choices, seed, genesis);
  for (const [path, text] of files) {
    const written = await writeNew(join(choices.dir, path), text);
    if (!written.ok) return written;
  }
  return ok({ genesis, network: networkId(genesis), files: files.map(([path]) => join(choices.dir, path)) });
}

function filesOf(
  choices: NewNetwork,
  seed: Uint8Array,
  genesis: Genesis,
): (readonly [path: string, text: string])[] {
  const { dir, trustNodes, apiPort, mqttPort } = choices;
  const hex = (label: string, index: number) => toHex(devnetSeed(seed, label, index));
  const keys = devnetNodeKeys(seed, trustNodes);
  const config: NodeConfig = {
    data: join(dir, 'data'),
    genesis: join(dir, 'genesis.json'),
    keys: join(dir, 'keys.json'),
    roles: ['trust', 'ledger', 'api'],
    api: { host: HOST, port: apiPort },
    mqtt: entrancesFrom(HOST, mqttPort, trustNodes),
    verifyWorkers: 2,
  };
  const pretty = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  const makers = [...MAKERS.keys(), GUEST_MAKER.maker];
  return [
    // First: it tells whether there is a network already.
    ['genesis.json', pretty(genesisToJson(genesis))],
    ['keys.json', pretty(keys)],
    ['node.json', pretty(config)],
    ...makers.flatMap((maker) => [
      [join('makers', `${maker}.root.key`), `${hex('maker', maker)}\n`] as const,
      [join('makers', `${maker}.batch.key`), `${hex('batch', maker)}\n`] as const,
    ]),
    [join('makers', `${GUEST_MAKER.maker}.people.key`), `${hex('people-batch', 0)}\n`],
    ...genesis.committee.map(
      (_, member) => [join('committee', `${member}.key`), `${hex('committee', member)}\n`] as const,
    ),
  ];
}
