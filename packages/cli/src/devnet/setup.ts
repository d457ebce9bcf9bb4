import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { fleetDeviceKeys } from '@iotw/micro-miner/fleet/device-keys';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisToJson } from '@iotw/protocol/genesis-json';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { entrancesFrom } from '../node/entrances.js';
import { readGenesisFile } from '../node/genesis-file.js';
import type { NodeConfig } from '../node/node-config.js';
import { planOrders } from '../orders/read-orders.js';
import { type AccountTotals, surveyPlan } from '../orders/summary.js';
import { devnetGenesis, GUEST_MAKER, GUEST_PEOPLE } from './devnet-genesis.js';
import { devnetNodeKeys, devnetSeed, personKeys } from './devnet-keys.js';
import { findPlaces, firstTogether } from './ledger-servers.js';
import { operatorWallet, operatorWalletText } from './operator-wallet.js';

export interface DevnetChoices {
  readonly dir: string;
  /** Orders to replay, or undefined for a network without customers. */
  readonly ordersFile: string | undefined;
  readonly devices: number;
  readonly trustNodes: number;
  /** More than one: they order together on CometBFT, each but the first in a process of its own. */
  readonly ledgerServers: number;
  readonly apiPort: number;
  /** First MQTT port: see entrancesFrom; 0: any free. */
  readonly mqttPort: number;
  /** Who signs assignments in a new network (ASSIGNER). */
  readonly assigner?: number;
  /** How a new network elects (ELECTION_MODE). */
  readonly electionMode?: number;
  /** Throws the old network away. */
  readonly fresh: boolean;
}

/** A devnet's own file: what it was made of, so that the next start finds the same network. */
interface DevnetFile {
  readonly seed: string;
  readonly devices: number;
  readonly trustNodes: number;
  /** Not there: one. */
  readonly ledgerServers?: number;
  /** SHA-256 of the orders file; empty without orders. */
  readonly orders: string;
}

export interface DevnetSetup {
  readonly dir: string;
  readonly seed: Uint8Array;
  readonly fleetSeed: Uint8Array;
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  /** Devices on the ledger; the fleet runs at most this many. */
  readonly devices: number;
  readonly nodeConfigPath: string;
  /** Where its ledger servers meet; undefined where there is one. */
  readonly places: Awaited<ReturnType<typeof findPlaces>> | undefined;
  /** Whether the network was there before. */
  readonly resumed: boolean;
}

/** Customers and merchants can replay the orders this often before their money is gone. */
const FUNDED_LOOPS = 100;
/** What each member and maker begins with, for fees. */
const OPERATOR_FUNDS = 1_000 * BASE_UNITS;
const OPERATOR_WALLET_FILE = 'operator-wallet.txt';
/** Fees of a transaction and an operation, with room to spare, base units. */
const FEE_ROOM = 2_000;

/**
 * Makes a devnet's directory, or takes up the one that is there: keys, genesis, the node's configuration.
 * Errors: `devnet-other-orders`, `devnet-other-shape` (both mended by --fresh), `devnet-damaged`, `orders-*`.
 */
export async function setUpDevnet(choices: DevnetChoices): Promise<Result<DevnetSetup>> {
  const { dir } = choices;
  if (choices.fresh) await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const orders = choices.ordersFile === undefined ? ok('') : await fileHash(choices.ordersFile);
  if (!orders.ok) return orders;
  const existing = await readDevnetFile(dir);
  if (!existing.ok) return existing;
  const file = existing.value;
  const resumed = file !== undefined;
  if (file !== undefined) {
    const same = sameNetwork(file, choices, orders.value);
    if (!same.ok) return same;
  } else {
    const made = await makeNetwork(choices, orders.value);
    if (!made.ok) return made;
  }
  const kept = await readDevnetFile(dir);
  if (!kept.ok) return kept;
  const genesis = await readGenesisFile(join(dir, 'genesis.json'));
  if (!genesis.ok) return genesis;
  const seed = fromHex(kept.value!.seed, 32)!;
  const places = choices.ledgerServers > 1 ? await findPlaces(choices.ledgerServers) : undefined;
  const together = places && firstTogether(places, choices.trustNodes);
  const nodeConfigPath = await writeNodeConfig(choices, together);
  return ok({
    dir,
    seed,
    fleetSeed: devnetSeed(seed, 'fleet', 0),
    genesis: genesis.value,
    network: networkId(genesis.value),
    devices: kept.value!.devices,
    nodeConfigPath,
    places,
    resumed,
  });
}

function sameNetwork(file: DevnetFile, choices: DevnetChoices, orders: string): Result<void> {
  if (choices.ordersFile !== undefined && file.orders !== orders) {
    return fail(
      'devnet-other-orders',
      `The network in ${choices.dir} was made for other orders: choose another --dir, or start again with --fresh.`,
    );
  }
  const { devices, trustNodes, ledgerServers = 1 } = file;
  if (
    choices.devices > devices ||
    choices.trustNodes !== trustNodes ||
    choices.ledgerServers !== ledgerServers
  ) {
    return fail(
      'devnet-other-shape',
      `The network in ${choices.dir} has ${devices} devices, ${trustNodes} trust nodes and ${ledgerServers} ledger servers: ask for no more, or start again with --fresh.`,
    );
  }
  return ok(undefined);
}

async function readDevnetFile(dir: string): Promise<Result<DevnetFile | undefined>> {
  let text: string;
  try {
    text = await readFile(join(dir, 'devnet.json'), 'utf8');
  } catch {
    return ok(undefined);
  }
  try {
    const file = JSON.parse(text) as DevnetFile;
    if (fromHex(file.seed, 32) !== undefined && Number.isInteger(file.devices)) return ok(file);
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  return fail(
    'devnet-damaged',
    `${join(dir, 'devnet.json')} can't be read: restore it, or start again with --fresh.`,
  );
}

async function makeNetwork(choices: DevnetChoices, orders: string): Promise<Result<void>> {
  const { dir, devices, trustNodes, ledgerServers, assigner, electionMode } = choices;
  const seed = new Uint8Array(randomBytes(32));
  const accounts: { key: Uint8Array; amount: number }[] = [];
  if (choices.ordersFile !== undefined) {
    const plan = planOrders(choices.ordersFile);
    const summary = await surveyPlan(plan);
    if (plan.tally.stopped !== undefined) return { ok: false, error: plan.tally.stopped };
    for (const [name, totals] of summary.customers) {
      accounts.push({
        key: personKeys(seed, 'customer', name).publicKey,
        amount: funds(totals, totals.traded),
      });
    }
    for (const [name, totals] of summary.merchants) {
      accounts.push({ key: personKeys(seed, 'merchant', name).publicKey, amount: funds(totals, 0) });
    }
  }
  const operators = await operatorWallet(seed);
  const publicKeys = (list: readonly KeyPair[]) => list.map(({ publicKey }) => publicKey);
  const committee = publicKeys(operators.committee);
  const makers = publicKeys(operators.makers);
  accounts.push(...[...committee, ...makers].map((key) => ({ key, amount: OPERATOR_FUNDS })));
  const fleetSeed = devnetSeed(seed, 'fleet', 0);
  const genesis = devnetGenesis({
    seed,
    timeMs: Date.now(),
    trustNodes,
    ledgerServers,
    deviceKeys: Array.from({ length: devices }, (_, i) => fleetDeviceKeys(fleetSeed, i).publicKey),
    accounts,
    operators: { committee, makers },
    parameters: {
      ...(assigner === undefined ? {} : { assigner }),
      ...(electionMode === undefined ? {} : { electionMode }),
      // With VRF seeds an epoch would wait for the server whose turn it is, however long that is gone.
      ...(ledgerServers > 1 ? { seedSource: SEED_SOURCE.threshold } : {}),
    },
  });
  await writeWhole(join(dir, 'genesis.json'), JSON.stringify(genesisToJson(genesis)));
  const { maker } = GUEST_MAKER;
  const guests = { maker, batch: GUEST_PEOPLE.batch, seed: toHex(devnetSeed(seed, 'people-batch', 0)) };
  const keys = { ...devnetNodeKeys(seed, trustNodes), guests };
  await writeWhole(join(dir, 'keys.json'), JSON.stringify(keys));
  await writeWhole(join(dir, OPERATOR_WALLET_FILE), operatorWalletText(operators));
  const file: DevnetFile = { seed: toHex(seed), devices, trustNodes, ledgerServers, orders };
  // Last: a directory without it is not a network yet, and the next start makes it anew.
  await writeWhole(join(dir, 'devnet.json'), JSON.stringify(file));
  return ok(undefined);
}

/** What an account needs for its part of the plan, base units. */
function funds(totals: AccountTotals, spent: number): number {
  const fees = spent / 100 + FEE_ROOM * (1 + totals.transactions + totals.operations);
  return FUNDED_LOOPS * (spent + Math.ceil(fees));
}

async function writeNodeConfig(
  choices: DevnetChoices,
  together: Pick<NodeConfig, 'mesh' | 'cometbft'> = {},
): Promise<string> {
  const { dir, trustNodes, apiPort, mqttPort } = choices;
  const host = '127.0.0.1';
  const config: NodeConfig = {
    data: join(dir, 'node'),
    genesis: join(dir, 'genesis.json'),
    keys: join(dir, 'keys.json'),
    roles: ['trust', 'ledger', 'api'],
    api: { host, port: apiPort, signerPort: signerPortOf(apiPort) },
    mqtt: entrancesFrom(host, mqttPort, trustNodes),
    ...together,
    verifyWorkers: 2,
  };
  const path = join(dir, 'node.json');
  await writeWhole(path, JSON.stringify(config, undefined, 2));
  return path;
}

/** Readable by its owner only, and never seen half written. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

async function fileHash(path: string): Promise<Result<string>> {
  try {
    if (!(await stat(path)).isFile()) throw new Error('not a file');
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return ok(hash.digest('hex'));
  } catch {
    return fail('orders-unreadable', `The orders file ${path} can't be read: check the path.`, { path });
  }
}

/** Beside the API's port, or any where that is any. */
function signerPortOf(apiPort: number): number {
  if (apiPort === 0) return 0;
  return apiPort < 65_535 ? apiPort + 1 : apiPort - 1;
}
