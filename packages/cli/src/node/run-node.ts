import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Failpoints, failpointsFromEnvironment } from '@iotw/adapters/failpoints/failpoints';
import { brokerPin } from '@iotw/adapters/mqtt/broker-certificate';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { startWorkerPool } from '@iotw/adapters/verify/worker-pool';
import { type ApiServer, startApi } from '@iotw/api/server';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import type { TransactionVerifier } from '@iotw/kernel/ports/verifier';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { TrustNodeLimits } from '@iotw/nodes/trust-node/context';
import type { Standing } from '@iotw/nodes/trust-node/ledger-word';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { NodeProcess } from '@iotw/runtime/node-process';
import type { NodeProcessOptions } from '@iotw/runtime/process-options';
import { wallClock } from '@iotw/runtime/wall-clock';
import { importUnfinished } from '../ledger-file/unfinished.js';
import { awaitsAdmission, checkKeys } from './check-identities.js';
import { deviceTransport } from './device-transport.js';
import { readGenesisFile } from './genesis-file.js';
import { GuardedStore, storeFault } from './guarded-store.js';
import { Halt, HaltingBackend } from './halting-backend.js';
import { writeHeldKeys } from './held-keys-file.js';
import { type Identities, identitiesOf, seedOf } from './identities.js';
import { type NodeConfig, type NodeKeys, nodeKeysSchema, readConfigFile } from './node-config.js';
import { reloadKeys } from './reload-keys.js';
import { tuneForService } from './v8-tuning.js';

/** A running node and how to reach it. */
export interface RunningNode {
  readonly process: NodeProcess;
  readonly network: Uint8Array;
  readonly apiUrl: string | undefined;
  readonly mqtt: readonly {
    readonly trustNode: number;
    readonly host: string;
    readonly tcpPort: number;
    readonly wsPort: number;
    /** 0: no TLS. */
    readonly tlsPort: number;
    /** Hex of the key that devices pin, where there is TLS. */
    readonly pin?: string;
  }[];
  /** Ports of the links, by node. */
  readonly mesh: ReadonlyMap<string, number>;
  /** Takes rotated keys out of the key file, without a restart; see reload-keys. Returns the nodes that changed. */
  reload(): Promise<Result<readonly string[]>>;
  stop(): Promise<void>;
}

/** The app as `npm run build` leaves it, beside this package. */
const WEB_APP = fileURLToPath(new URL('../../../web/dist', import.meta.url));

const SIGNER = fileURLToPath(new URL('../../../web/signer/dist', import.meta.url));

const DAY_MS = 86_400_000;

/** What the faucet of a test network gives at once: 1,000 IOTW. */
const FAUCET_AMOUNT = 1_000 * BASE_UNITS;

/** Snapshots that a ledger server keeps for those that join, and of how many seconds there is one. */
const KEPT_SNAPSHOTS = 4;
const SNAPSHOT_SECONDS = 60;

/** Everything opened so far, to be closed in the reverse order when a later step fails. */
class Opened {
  readonly #closers: (() => Promise<unknown>)[] = [];
  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/**
 * Starts the roles of one process. `onHalt`: the node can't go on; end the process. `onStanding`: what the network lets a
 * trust node do has changed. `log`: of links and CometBFT; it may come often. `stop`: gives up a state sync that is under way.
 * Errors: `import-unfinished`, those of the configuration, the store, the genesis, the ledger, MQTT and the API.
 */
export async function runNode(
  config: NodeConfig,
  onHalt: (fault: Failure) => void,
  onStanding: (trustNode: number, standing: Standing) => void = () => {},
  log: NonNullable<NodeProcessOptions['log']> = () => {},
  stop?: AbortSignal,
): Promise<Result<RunningNode>> {
  tuneForService();
  const genesis = await readGenesisFile(config.genesis);
  if (!genesis.ok) return genesis;
  const keys = await readConfigFile(config.keys, nodeKeysSchema);
  if (!keys.ok) return keys;
  const failpoints = failpointsFromEnvironment();
  if (!failpoints.ok) return failpoints;
  const identities = identitiesOf(config, keys.value);
  if (!identities.ok) return identities;
  if (importUnfinished(config.data)) {
    return fail(
      'import-unfinished',
      `An import of a ledger into ${config.data} was broken off: run it again before the node starts.`,
    );
  }
  const opened = new Opened();
  const store = await openLmdbStore({
    path: join(config.data, 'ledger'),
    ...(config.storeBytes === undefined ? {} : { mapSizeBytes: config.storeBytes }),
    ...(failpoints.value === undefined ? {} : { failpoints: failpoints.value }),
  });
  if (!store.ok) return store;
  opened.add(() => store.value.close());
  const halt = new Halt(onHalt);
  const plan = {
    config,
    genesis: genesis.value,
    keys: keys.value,
    identities: identities.value,
    failpoints: failpoints.value,
    onStanding,
    log,
    stop,
  };
  const guarded = new GuardedStore(store.value, (fault) => halt.now(fault));
  const started = await startRoles(plan, guarded, opened, halt).catch(thrownFault);
  if (started.ok) halt.begin();
  else await opened.close();
  return started;
}

/** A store's failed read while starting; any other error is a bug. */
function thrownFault(error: unknown): Result<never> {
  const fault = storeFault(error);
  if (fault === undefined) throw error;
  return { ok: false, error: fault };
}

interface Plan {
  readonly config: NodeConfig;
  readonly genesis: Genesis;
  readonly keys: NodeKeys;
  readonly identities: Identities;
  readonly failpoints: Failpoints | undefined;
  readonly onStanding: (trustNode: number, standing: Standing) => void;
  readonly log: NonNullable<NodeProcessOptions['log']>;
  readonly stop: AbortSignal | undefined;
}

async function startRoles(
  plan: Plan,
  store: Store,
  opened: Opened,
  halt: Halt,
): Promise<Result<RunningNode>> {
  const { config, genesis, keys, identities, failpoints } = plan;
  const network = networkId(genesis);
  const verifier = startWorkerPool({ network, workers: config.verifyWorkers });
  opened.add(() => verifier.close());
  const node = await openProcess(plan, store, verifier, halt);
  if (!node.ok) return node;
  opened.add(() => node.value.stop());
  // A process without a ledger may be behind a rotation: the others tell it.
  const own = identities.ledger === undefined ? ok(undefined) : ownKeys(plan, node.value, halt);
  if (!own.ok) return own;
  const mqtt: RunningNode['mqtt'][number][] = [];
  for (const entrance of config.mqtt) {
    const tlsSeed = keys.trust.find(({ index }) => index === entrance.trustNode)?.tlsSeed;
    const transport = await deviceTransport(node.value, entrance, tlsSeed, failpoints);
    if (!transport.ok) return transport;
    const ports = await transport.value.start();
    if (!ports.ok) return ports;
    opened.add(() => transport.value.close());
    node.value.attach(entrance.trustNode, transport.value);
    const { tcpPort = 0, wsPort = 0, tlsPort = 0 } = ports.value;
    if ('tcp' in entrance) {
      const pin = tlsPort === 0 ? {} : { pin: toHex(brokerPin(seedOf(tlsSeed!))) };
      const { host } = entrance.tcp;
      mqtt.push({ trustNode: entrance.trustNode, host, tcpPort, wsPort, tlsPort, ...pin });
    }
  }
  let api: ApiServer | undefined;
  if (config.roles.includes('api')) {
    if (config.api === undefined)
      return fail('config-invalid', 'The role api needs the member api: { host, port }.');
    const index = await openLmdbStore({ path: join(config.data, 'index') });
    if (!index.ok) return index;
    opened.add(() => index.value.close());
    const faucet =
      keys.faucetSeed === undefined
        ? {}
        : { faucet: { keys: keyPairFromSeed(seedOf(keys.faucetSeed)), amount: FAUCET_AMOUNT } };
    const backend = new HaltingBackend(node.value);
    halt.tell(backend);
    const server = await startApi({
      backend,
      listen: config.api,
      indexStore: index.value,
      ...(failpoints === undefined ? {} : { failpoints }),
      ...faucet,
      ...guestsOf(keys),
      web: {
        directory: WEB_APP,
        entrances: mqtt.flatMap(({ trustNode, wsPort }) =>
          wsPort === 0 ? [] : [{ trustNode, port: wsPort }],
        ),
        ...signerOf(config.api),
        ...(config.api.public === undefined ? {} : { origins: config.api.public }),
      },
    });
    if (!server.ok) return server;
    api = server.value;
    opened.add(() => server.value.close());
  }
  const mesh = await node.value.start();
  if (!mesh.ok) return mesh;
  let current = identities;
  const tellHeld = async (): Promise<void> => {
    const told = await writeHeldKeys(config.data, current);
    if (!told.ok) plan.log(told.error.message, { code: told.error.code });
  };
  await tellHeld();
  return ok({
    process: node.value,
    network,
    apiUrl: api?.url,
    mqtt,
    mesh: mesh.value,
    reload: async () => {
      const reloaded = await reloadKeys(config, node.value, current);
      if (!reloaded.ok) return reloaded;
      current = reloaded.value.identities;
      await tellHeld();
      return ok(reloaded.value.changed);
    },
    stop: () => opened.close(),
  });
}

/** Those of a ledger server that no round has admitted yet are checked with the round that does. Errors: `node-key-wrong`. */
function ownKeys({ config, identities, log }: Plan, node: NodeProcess, halt: Halt): Result<void> {
  const awaits = (): boolean => awaitsAdmission(node.ledger, identities, config.cometbft !== undefined);
  const waiting = awaits();
  const own = checkKeys(node.ledger, identities, waiting);
  if (!waiting || !own.ok) return own;
  log(
    `ledger server ${identities.ledger?.index} is not on the ledger by round ${node.ledger.round}: it fetches the rounds behind it until one admits it`,
    {},
  );
  const unlisten = node.onRound(() => {
    if (awaits()) return;
    unlisten();
    const listed = checkKeys(node.ledger, identities);
    if (!listed.ok) halt.now(listed.error);
  });
  return own;
}

/** Wallets are kept under the signer's address, so its port is the operator's choice; without one no wallet is served. */
function signerOf({ host, signerPort }: NonNullable<NodeConfig['api']>) {
  return signerPort === undefined
    ? {}
    : { signer: { directory: SIGNER, listen: { host, port: signerPort } } };
}

function guestsOf({ guests }: NodeKeys) {
  if (guests === undefined) return {};
  const { maker, batch, seed } = guests;
  return { guests: { maker, batch, keys: keyPairFromSeed(seedOf(seed)) } };
}

function openProcess(
  {
    config,
    genesis,
    identities: { trust, ledger, mesh, ledgerLink },
    failpoints,
    onStanding,
    log,
    stop,
  }: Plan,
  store: Store,
  verifier: TransactionVerifier,
  halt: Halt,
): Promise<Result<NodeProcess>> {
  return NodeProcess.open({
    genesis,
    store,
    verifier,
    clock: wallClock(),
    ...(config.lanes === undefined ? {} : { limits: definedOnly(config.lanes) }),
    ...(config.keep === undefined ? {} : { keepMs: DAY_MS * config.keep.days }),
    trust,
    mesh,
    ...(ledger === undefined ? {} : { ledger }),
    ...(config.cometbft === undefined || ledgerLink === undefined
      ? {}
      : { cometbft: cometbftOf(config.data, config.cometbft, ledgerLink) }),
    ...(failpoints === undefined ? {} : { failpoints }),
    onStanding,
    log,
    ...(stop === undefined ? {} : { stop }),
    onHalt: (fault) => halt.now(fault),
  });
}

function cometbftOf(
  data: string,
  { file, snapshots, ...place }: NonNullable<NodeConfig['cometbft']>,
  { linkSeed, nextLinkSeed }: NonNullable<Identities['ledgerLink']>,
): NonNullable<NodeProcessOptions['cometbft']> {
  const { keep = KEPT_SNAPSHOTS, everySeconds = SNAPSHOT_SECONDS } = snapshots ?? {};
  return {
    home: join(data, 'cometbft'),
    ...(file === undefined ? {} : { file }),
    linkSeed,
    nextLinkSeed,
    ...place,
    ...(keep === 0
      ? {}
      : { snapshots: { folder: join(data, 'snapshots'), keep, everyMs: 1_000 * everySeconds } }),
  };
}

/** Members that are there: absent ones keep their defaults. */
function definedOnly(lanes: NonNullable<NodeConfig['lanes']>): Partial<TrustNodeLimits> {
  return Object.fromEntries(Object.entries(lanes).filter(([, value]) => value !== undefined));
}
