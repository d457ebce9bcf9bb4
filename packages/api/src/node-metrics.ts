import { readU32 } from '@iotw/kernel/bytes';
import type { WitnessCounts } from '@iotw/ledger/tables/witnessing';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ApiContext } from './context.js';
import { statusView } from './views/status.js';

/** One value, read whenever somebody scrapes. */
type Single = readonly [name: string, help: string, read: (context: ApiContext) => number];
/** Several under one label; who gives them sees to it that the label has a bounded number of values. */
type Labelled = readonly [
  name: string,
  help: string,
  label: string,
  read: (context: ApiContext) => Iterable<readonly [value: string | number, number: number]>,
];

/** Ended epochs whose state roots are shown, each in the slot (epoch mod this). */
const ROOT_SLOTS = 8;

const GAUGES: readonly Single[] = [
  ['iotw_ready', '1 while the node takes transactions', ({ backend }) => Number(backend.status().ready)],
  ['iotw_round_number', 'Last durable round', ({ rounds }) => rounds.latest],
  ['iotw_round_first', 'First round that is kept', ({ backend }) => backend.kept.first],
  [
    'iotw_rounds_to_prune',
    'Rounds beyond the horizon that are still on disk',
    ({ backend }) => backend.kept.left,
  ],
  [
    'iotw_round_age_seconds',
    'Since the agreed time of the last round',
    ({ backend, activity }) => activity.secondsSince(backend.ledger.timeMs),
  ],
  ['iotw_epoch_number', 'Running epoch', ({ backend }) => backend.ledger.epoch],
  ['iotw_epoch_overdue_seconds', 'Since the running epoch was due to end', overdueSeconds],
  [
    'iotw_protocol_version',
    'Version of the protocol that rounds are of',
    ({ backend }) => backend.ledger.upgrades.version,
  ],
  [
    'iotw_protocol_version_known',
    'Highest version of the protocol that this software knows',
    ({ backend }) => Math.max(...backend.ledger.knownVersions),
  ],
  [
    'iotw_protocol_version_pending',
    'Version that the committee has decided for later; 0: none',
    ({ backend }) => backend.ledger.upgrades.pending?.version ?? 0,
  ],
  [
    'iotw_protocol_version_pending_epoch',
    'First epoch of that version; 0: none',
    ({ backend }) => backend.ledger.upgrades.pending?.epoch ?? 0,
  ],
  [
    'iotw_cometbft_height',
    'Last height of CometBFT; 0: one server orders alone',
    ({ backend }) => backend.engineCommits?.height ?? 0,
  ],
  [
    'iotw_ledger_servers_serving',
    'Ledger servers that no vote has suspended',
    ({ backend }) => backend.ledger.ledgerServers.serving().length,
  ],
  ['iotw_accounts', 'Accounts on the ledger', ({ backend }) => backend.ledger.accounts.rows],
  ['iotw_devices', 'Devices on the ledger', ({ backend }) => backend.ledger.devices.rows],
  ['iotw_epoch_answers', 'Paid answers of the running epoch', (context) => epochCounts(context).answers],
  ['iotw_epoch_misses', 'Ranks passed over by misses of hosts', (context) => epochCounts(context).misses],
  ['iotw_epoch_soft_misses', 'Ranks passed over softly', (context) => epochCounts(context).softMisses],
  ['iotw_epoch_silences', 'Ranks passed over by threshold', (context) => epochCounts(context).silences],
  ['iotw_epoch_left_out', 'Answers left out and shown', (context) => epochCounts(context).leftOut],
  ['iotw_reward_pool_base_units', 'Left to issue', ({ backend }) => backend.ledger.rewards.pool],
  [
    'iotw_devices_connected',
    'Devices connected to this process',
    (context) => statusView(context).devicesConnected,
  ],
  [
    'iotw_transactions_verifying',
    'Transactions in verification',
    ({ backend }) => backend.status().verifying,
  ],
  ['iotw_transactions_pending', 'Transactions waiting for a block', (context) => statusView(context).pending],
  ['iotw_index_round_number', 'Last round indexed', ({ index }) => index.status.round],
  ['iotw_index_lag_rounds', 'Rounds the index is behind', (context) => statusView(context).index.lagRounds],
  ['iotw_index_segments', 'Index segments on disk', ({ index }) => index.status.segments],
  [
    'iotw_index_failed',
    '1 where the index has stopped',
    ({ index }) => Number(index.status.state === 'failed'),
  ],
  ['iotw_process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss()],
  ['iotw_process_uptime_seconds', 'Since the API server started', ({ activity }) => activity.uptimeSeconds],
];

const LABELLED: readonly Labelled[] = [
  ['iotw_links', 'Links to nodes of other processes', 'state', links],
  [
    'iotw_lane_height',
    'Last block of a lane in a round',
    'lane',
    (context) => lanes(context, ({ height }) => height),
  ],
  [
    'iotw_lane_suspended',
    '1 where the lane takes no blocks',
    'lane',
    (context) => {
      const { trustNodes } = context.backend.ledger;
      return lanes(context, (_, lane) => Number(trustNodes.read(lane)?.suspended ?? false));
    },
  ],
  [
    'iotw_state_root_epoch',
    'Ended epoch whose state root the slot shows',
    'slot',
    (context) => roots(context, (epoch) => epoch),
  ],
  [
    'iotw_state_root_bits',
    'First 32 bits of that state root: the same on every ledger server',
    'slot',
    (context) => roots(context, (_, root) => readU32(root, 0)),
  ],
];

const COUNTERS: readonly Single[] = [
  ['iotw_rounds_total', 'Rounds since the start', ({ activity }) => activity.rounds],
  ['iotw_blocks_total', 'Blocks applied since the start', ({ activity }) => activity.blocks],
  [
    'iotw_transactions_total',
    'Transactions applied since the start',
    ({ activity }) => activity.transactions,
  ],
  ['iotw_transactions_failed_total', 'Of them with a code', ({ activity }) => activity.failed],
  [
    'iotw_commits_total',
    'Durable commits since the start',
    ({ backend }) => backend.status().commits.commits,
  ],
  [
    'iotw_commit_wait_seconds_total',
    'Time spent waiting for them',
    ({ backend }) => backend.status().commits.waitedMs / 1000,
  ],
  ['iotw_index_transactions_total', 'Transactions indexed', ({ index }) => index.status.transactions],
  ['iotw_process_cpu_seconds_total', 'User and system time', cpuSeconds],
];

/** Registers the node's own values: everything that is not counted by the API server itself. */
export function exposeNode(registry: Registry, context: ApiContext): void {
  const registers = [registry];
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(context));
      },
    });
  }
  for (const [name, help, label, read] of LABELLED) {
    new Gauge({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [value, number] of read(context)) this.set({ [label]: value }, number);
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(context));
      },
    });
  }
}

function epochCounts({ backend: { ledger } }: ApiContext): WitnessCounts {
  return ledger.witnessing.total(ledger.epoch);
}

function overdueSeconds({ backend: { ledger }, activity }: ApiContext): number {
  return activity.secondsSince(ledger.epochs.startMs + ledger.parameters.epochMs);
}

function links({ backend }: ApiContext): [string, number][] {
  const { peers } = backend.status();
  const up = peers.filter((peer) => peer.up).length;
  return [
    ['up', up],
    ['down', peers.length - up],
  ];
}

/** Lanes are those of trust nodes: a network has at most 64. */
function lanes(
  { backend: { ledger } }: ApiContext,
  read: (lane: { readonly height: number }, index: number) => number,
): [number, number][] {
  return Array.from({ length: ledger.lanes.rows }, (_, lane) => [lane, read(ledger.lanes.read(lane)!, lane)]);
}

function* roots(
  { backend }: ApiContext,
  read: (epoch: number, root: Uint8Array) => number,
): Generator<[number, number]> {
  const { epoch } = backend.ledger;
  for (let ended = Math.max(0, epoch - ROOT_SLOTS); ended < epoch; ended++) {
    const root = backend.history.stateRoot(ended);
    if (root !== undefined) yield [ended % ROOT_SLOTS, read(ended, root)];
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
