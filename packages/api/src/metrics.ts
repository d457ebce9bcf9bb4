import type { WitnessCounts } from '@iotw/ledger/tables/witnessing';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiContext } from './context.js';
import type { StreamCounts } from './stream/streams.js';
import { statusView } from './views/status.js';

/** Prometheus metrics of this process: names `iotw_*`, base units, no ids in labels. */
export class Metrics implements StreamCounts {
  readonly registry = new Registry();
  readonly #requests: Counter<'route' | 'method' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #streams: Gauge<'kind'>;
  readonly #dropped: Counter<'reason'>;

  constructor() {
    const registers = [this.registry];
    this.#requests = new Counter({
      name: 'iotw_api_requests_total',
      help: 'Requests answered',
      labelNames: ['route', 'method', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'iotw_api_request_seconds',
      help: 'Time from request to answer, waiting for finality included',
      labelNames: ['route'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    });
    this.#streams = new Gauge({
      name: 'iotw_api_streams',
      help: 'Open streams',
      labelNames: ['kind'],
      registers,
    });
    this.#dropped = new Counter({
      name: 'iotw_api_streams_dropped_total',
      help: 'Streams ended by the server',
      labelNames: ['reason'],
      registers,
    });
  }

  opened(kind: 'sse' | 'websocket'): void {
    this.#streams.inc({ kind });
  }

  closed(kind: 'sse' | 'websocket'): void {
    this.#streams.dec({ kind });
  }

  dropped(reason: string): void {
    this.#dropped.inc({ reason });
  }

  /** Counts every answer of the server; the label is the route's pattern, never its parameters. */
  watch(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'unknown';
      this.#requests.inc({ route, method: request.method, status: String(reply.statusCode) });
      this.#seconds.observe({ route }, reply.elapsedTime / 1000);
    });
  }

  /** Gauges and counters read from the node whenever somebody scrapes. */
  read(context: ApiContext): void {
    const { activity } = context;
    const values: readonly (readonly [name: string, help: string, read: () => number])[] = [
      ['iotw_round_number', 'Last durable round', () => context.rounds.latest],
      ['iotw_epoch_number', 'Running epoch', () => context.backend.ledger.epoch],
      ['iotw_accounts', 'Accounts on the ledger', () => context.backend.ledger.accounts.rows],
      ['iotw_devices', 'Devices on the ledger', () => context.backend.ledger.devices.rows],
      ['iotw_epoch_answers', 'Paid answers of the running epoch', () => epochCounts(context).answers],
      ['iotw_epoch_misses', 'Ranks passed over by misses of hosts', () => epochCounts(context).misses],
      ['iotw_epoch_soft_misses', 'Ranks passed over softly', () => epochCounts(context).softMisses],
      ['iotw_epoch_silences', 'Ranks passed over by threshold', () => epochCounts(context).silences],
      ['iotw_epoch_left_out', 'Answers left out and shown', () => epochCounts(context).leftOut],
      ['iotw_reward_pool_base_units', 'Left to issue', () => context.backend.ledger.rewards.pool],
      [
        'iotw_devices_connected',
        'Devices connected to this process',
        () => statusView(context).devicesConnected,
      ],
      [
        'iotw_transactions_verifying',
        'Transactions in verification',
        () => context.backend.status().verifying,
      ],
      ['iotw_transactions_pending', 'Transactions waiting for a block', () => statusView(context).pending],
      ['iotw_index_round_number', 'Last round indexed', () => context.index.status.round],
      ['iotw_index_lag_rounds', 'Rounds the index is behind', () => statusView(context).index.lagRounds],
      ['iotw_index_segments', 'Index segments on disk', () => context.index.status.segments],
      [
        'iotw_index_failed',
        '1 where the index has stopped',
        () => Number(context.index.status.state === 'failed'),
      ],
      ['iotw_process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss()],
      ['iotw_process_uptime_seconds', 'Since the API server started', () => activity.uptimeSeconds],
    ];
    for (const [name, help, read] of values) {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    }
    const totals: readonly (readonly [name: string, help: string, read: () => number])[] = [
      ['iotw_rounds_total', 'Rounds since the start', () => activity.rounds],
      ['iotw_blocks_total', 'Blocks applied since the start', () => activity.blocks],
      ['iotw_transactions_total', 'Transactions applied since the start', () => activity.transactions],
      ['iotw_transactions_failed_total', 'Of them with a code', () => activity.failed],
      ['iotw_index_transactions_total', 'Transactions indexed', () => context.index.status.transactions],
      ['iotw_process_cpu_seconds_total', 'User and system time', cpuSeconds],
    ];
    for (const [name, help, read] of totals) {
      new Counter({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    }
  }
}

function epochCounts({ backend: { ledger } }: ApiContext): WitnessCounts {
  return ledger.witnessing.total(ledger.epoch);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
