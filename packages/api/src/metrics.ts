import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StreamCounts } from './stream/streams.js';

/** Prometheus metrics of the API server: names `iotw_*`, base units, no ids in labels. Those of the node: node-metrics. */
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
}
