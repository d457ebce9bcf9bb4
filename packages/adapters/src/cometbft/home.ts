import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { EngineOrigin } from '@iotw/nodes/engine/origin';
import { MAX_CHUNKS } from '@iotw/nodes/state-sync/snapshot';
import {
  EVIDENCE_MS,
  engineChainId,
  TRUSTING_PERIOD_MS,
  VALIDATOR_POWER,
  validatorAddress,
} from '@iotw/protocol/engine-chain';

/** Most bytes of one block: a round's bodies (16 MiB) and the largest certificates for them, with room. */
const MAX_BLOCK_BYTES = 50_331_648;
/** For how long evidence of a double signature is taken: this many blocks at least, and as long as the ledger takes it. */
const EVIDENCE_BLOCKS = 100_000;
/** For how long what an operator trusts may be trusted: shorter than a double signature can be punished. */
export const TRUST_HOURS = TRUSTING_PERIOD_MS / 3_600_000;

const VALIDATOR_KEY = 'config/priv_validator_key.json';

/** Another ledger server's CometBFT. */
export interface CometPeer {
  /** Its index as a ledger server. */
  readonly server: number;
  readonly host: string;
  readonly port: number;
}

export interface CometTimes {
  /** What a height's first proposal may take before the others go on without it, ms. */
  readonly proposeMs: number;
  /** What missing votes are waited for, ms. */
  readonly voteMs: number;
}

/** What an operator trusts, and where the headers come from that lead from there to a snapshot. */
export interface StateSyncPlan {
  /** A height and the hash of its block, which the operator has from somebody it trusts. */
  readonly trustHeight: number;
  readonly trustHash: string;
  /** CometBFT's RPC of two or more other ledger servers, as URLs. */
  readonly rpcServers: readonly string[];
}

export interface HomePlan {
  /** Id of the network. */
  readonly network: Uint8Array;
  /** Where CometBFT's chain begins, and with whom. */
  readonly origin: EngineOrigin;
  /** Index of this ledger server. */
  readonly index: number;
  /** Its signing key: the validator's. */
  readonly keys: KeyPair;
  /** A validator's key that is there stays: it may still have a height to vote for. */
  readonly keepValidatorKey?: boolean;
  /** Seed of its link key: names and proves its CometBFT to the others. */
  readonly linkSeed: Uint8Array;
  /** Link keys of all ledger servers by now; those of the origin where they are left out. */
  readonly linkKeys?: readonly Uint8Array[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly peers: readonly CometPeer[];
  /** Where CometBFT answers those that join; nowhere where it is left out. */
  readonly rpc?: { readonly host: string; readonly port: number } | undefined;
  /** CometBFT begins with a snapshot where it has no blocks; it fetches every block where this is left out. */
  readonly stateSync?: StateSyncPlan | undefined;
  /** Unix socket of the ABCI server. */
  readonly abciSocket: string;
  /** Unix socket where CometBFT answers its own ledger server. */
  readonly rpcSocket: string;
  readonly times: CometTimes;
}

/** The name of the chain that begins at the origin. */
export function chainIdOf(network: Uint8Array, { round, hash }: EngineOrigin): string {
  return engineChainId(network, round, hash);
}

/** How CometBFT names the owner of a key: validators in upper case, nodes in lower case. */
function addressOf(publicKey: Uint8Array): string {
  return toHex(validatorAddress(publicKey));
}

/**
 * Writes what CometBFT reads at its start, all of it derived from the chain's origin and this server's keys. The
 * record of what was signed last is made once and never written again: without it a validator could sign twice.
 * Errors: `cometbft-home`, `cometbft-peer`.
 */
export async function writeHome(home: string, plan: HomePlan): Promise<Result<void>> {
  const config = configToml(plan);
  if (!config.ok) return config;
  const files: readonly [name: string, text: string][] = [
    ['config/config.toml', config.value],
    ['config/genesis.json', json(genesisJson(plan))],
    [VALIDATOR_KEY, json(validatorKey(plan.keys))],
    ['config/node_key.json', json({ priv_key: privateKey(keyPairFromSeed(plan.linkSeed)) })],
  ];
  const state = join(home, 'data', 'priv_validator_state.json');
  try {
    await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 });
    await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 });
    for (const [name, text] of files) {
      if (name === VALIDATOR_KEY && plan.keepValidatorKey === true && existsSync(join(home, name))) continue;
      await writeFile(join(home, name), text, { mode: 0o600 });
    }
    if (!existsSync(state)) await writeFile(state, json({ height: '0', round: 0, step: 0 }), { mode: 0o600 });
  } catch (error) {
    return fail('cometbft-home', `CometBFT's folder ${home} can't be written: ${(error as Error).message}.`, {
      home,
    });
  }
  return ok(undefined);
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function privateKey({ secretKey }: KeyPair): object {
  return { type: 'tendermint/PrivKeyEd25519', value: base64(secretKey) };
}

function publicKeyJson(key: Uint8Array): object {
  return { type: 'tendermint/PubKeyEd25519', value: base64(key) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function validatorKey(keys: KeyPair): object {
  return {
    address: addressOf(keys.publicKey).toUpperCase(),
    pub_key: publicKeyJson(keys.publicKey),
    priv_key: privateKey(keys),
  };
}

/** Every ledger server of the origin is a validator of the same power; InitChain takes those out that are suspended. */
function genesisJson({ network, origin }: HomePlan): object {
  return {
    genesis_time: new Date(origin.timeMs).toISOString(),
    chain_id: chainIdOf(network, origin),
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: String(MAX_BLOCK_BYTES), max_gas: '-1' },
      evidence: {
        max_age_num_blocks: String(EVIDENCE_BLOCKS),
        max_age_duration: `${EVIDENCE_MS}000000`,
        max_bytes: '1048576',
      },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '1' },
      abci: { vote_extensions_enable_height: '1' },
    },
    validators: origin.servers.map(({ key }, index) => ({
      address: addressOf(key).toUpperCase(),
      pub_key: publicKeyJson(key),
      power: String(VALIDATOR_POWER),
      name: `ledger:${index}`,
    })),
    app_hash: '',
    app_state: { network: toHex(network), round: String(origin.round), hash: toHex(origin.hash) },
  };
}

function configToml(plan: HomePlan): Result<string> {
  const { origin, index, listen, peers, abciSocket, times } = plan;
  const { linkKeys = origin.servers.map(({ linkKey }) => linkKey) } = plan;
  const others: string[] = [];
  for (const { server, host, port } of peers) {
    const listed = linkKeys[server];
    if (listed === undefined || server === index) {
      return fail('cometbft-peer', `ledger:${server} is no other ledger server of this network.`, { server });
    }
    others.push(`${addressOf(listed)}@${host}:${port}`);
  }
  const seconds = (ms: number): string => `"${ms}ms"`;
  return ok(`# Written by iotw at every start.
proxy_app = ${JSON.stringify(`unix://${abciSocket}`)}
moniker = "ledger:${index}"
abci = "socket"
db_backend = "goleveldb"
log_level = "error"
log_format = "json"
filter_peers = false

[rpc]
laddr = ${JSON.stringify(rpcAddresses(plan))}
pprof_laddr = ""

[p2p]
laddr = ${JSON.stringify(`tcp://${listen.host}:${listen.port}`)}
persistent_peers = ${JSON.stringify(others.join(','))}
persistent_peers_max_dial_period = "2s"
addr_book_strict = false
allow_duplicate_ip = true
pex = false
flush_throttle_timeout = "2ms"
send_rate = 104857600
recv_rate = 104857600

[mempool]
type = "nop"

[statesync]
${stateSyncToml(plan.stateSync)}

[consensus]
timeout_propose = ${seconds(times.proposeMs)}
timeout_propose_delta = ${seconds(times.proposeMs)}
timeout_prevote = ${seconds(times.voteMs)}
timeout_prevote_delta = ${seconds(times.voteMs)}
timeout_precommit = ${seconds(times.voteMs)}
timeout_precommit_delta = ${seconds(times.voteMs)}
timeout_commit = "0s"
skip_timeout_commit = true
create_empty_blocks = true
create_empty_blocks_interval = "0s"
peer_gossip_sleep_duration = "5ms"
peer_query_maj23_sleep_duration = "500ms"

[tx_index]
indexer = "null"
`);
}

function rpcAddresses({ rpc, rpcSocket }: HomePlan): string {
  return [`unix://${rpcSocket}`, ...(rpc === undefined ? [] : [`tcp://${rpc.host}:${rpc.port}`])].join(',');
}

function stateSyncToml(plan: StateSyncPlan | undefined): string {
  if (plan === undefined) return 'enable = false';
  return `enable = true
rpc_servers = ${JSON.stringify(plan.rpcServers.join(','))}
trust_height = ${plan.trustHeight}
trust_hash = ${JSON.stringify(plan.trustHash)}
trust_period = "${TRUST_HOURS}h0m0s"
discovery_time = "5s"
chunk_request_timeout = "10s"
chunk_fetchers = "4"
max_snapshot_chunks = ${MAX_CHUNKS}`;
}
