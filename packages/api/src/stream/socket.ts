import type { WebSocket } from '@fastify/websocket';
import { concatBytes, fromUtf8, readU32 } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import type { WaitFor } from '../backend.js';
import { encodeOutcome, readBatch } from '../batch.js';
import type { ApiContext } from '../context.js';
import { locationOf, roundOf } from '../index-store/location.js';
import { STREAM_BUFFER_BYTES, STREAM_SUBMITS, WAIT_TIMEOUT_MS } from '../limits.js';
import type { RoundWaiters } from '../round-waiters.js';
import { readSubmission, submitOne, withTimeout } from '../submit.js';
import { resolveAccount } from '../views/accounts.js';
import { isPruned, pruned } from '../views/pruned.js';
import { locationBehind } from '../views/transactions.js';
import { EVENT_NAMES, EventName, type StreamFilter } from './events.js';
import { StreamPump } from './pump.js';
import type { OpenStream, Streams } from './streams.js';

/** What a client may say in a text frame. */
const Message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribe'),
    events: z.array(EventName).min(1).max(EVENT_NAMES.length).optional(),
    account: z.string().max(90).optional(),
    after: z.string().max(24).optional(),
  }),
  z.object({ type: z.literal('unsubscribe') }),
  z.object({
    type: z.literal('submit'),
    ref: z.union([z.string().max(64), z.number()]).optional(),
    wait: z.enum(['accepted', 'certified', 'final']).default('accepted'),
    envelope: z.unknown().optional(),
    transaction: z.unknown().optional(),
    signature: z.unknown().optional(),
    id: z.unknown().optional(),
  }),
  z.object({ type: z.literal('ping') }),
]);

/** WebSocket close codes of ours: 4000 and above are for applications. */
const CLOSE = { 'stream-slow-client': 4008, 'stream-closing': 1001 } as const;

/** One WebSocket: events out, transactions in. Frames are described at /docs. */
export class SocketStream implements OpenStream {
  readonly #context: ApiContext;
  readonly #streams: Streams;
  readonly #waiters: RoundWaiters;
  readonly #socket: WebSocket;
  readonly #batchWait: WaitFor;
  #pump: StreamPump | undefined;
  #submits = 0;
  #blockedSinceMs: number | undefined;

  constructor(
    context: ApiContext,
    streams: Streams,
    waiters: RoundWaiters,
    socket: WebSocket,
    batchWait: WaitFor,
  ) {
    this.#context = context;
    this.#streams = streams;
    this.#waiters = waiters;
    this.#socket = socket;
    this.#batchWait = batchWait;
    socket.on('message', (data: Buffer | ArrayBuffer | Buffer[], binary: boolean) => {
      const bytes = Array.isArray(data) ? concatBytes(...data) : new Uint8Array(data);
      if (binary) void this.#submitBatch(bytes);
      else this.#hear(bytes);
    });
    socket.on('close', () => this.#finish());
    // The close that follows does the work; an error alone must not end the process.
    socket.on('error', () => undefined);
  }

  get blockedSinceMs(): number | undefined {
    return this.#blockedSinceMs;
  }

  wake(): void {
    this.#pump?.run();
  }

  beat(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  drop(code: 'stream-slow-client' | 'stream-closing'): void {
    this.#socket.close(CLOSE[code], code);
    // A client that reads nothing does not read the close either.
    if (code === 'stream-slow-client') this.#socket.terminate();
    this.#finish();
  }

  #finish(): void {
    this.#pump?.stop();
    this.#pump = undefined;
    this.#streams.remove(this);
  }

  #send(data: string | Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(data, () => {
      if (this.#socket.bufferedAmount > STREAM_BUFFER_BYTES) return;
      this.#blockedSinceMs = undefined;
      this.#pump?.run();
    });
    if (this.#socket.bufferedAmount > STREAM_BUFFER_BYTES) this.#blockedSinceMs ??= Date.now();
  }

  #refuse(failure: Failure, ref?: string | number): void {
    this.#send(
      JSON.stringify({
        type: 'error',
        ...(ref === undefined ? {} : { ref }),
        code: failure.code,
        detail: failure.message,
        ...(failure.data === undefined ? {} : { data: failure.data }),
      }),
    );
  }

  #hear(bytes: Uint8Array): void {
    const message = readMessage(bytes);
    if (!message.ok) {
      this.#refuse(message.error);
      return;
    }
    switch (message.value.type) {
      case 'subscribe':
        this.#subscribe(message.value);
        return;
      case 'unsubscribe':
        this.#pump?.stop();
        this.#pump = undefined;
        return;
      case 'submit': {
        const { type, ref, wait, ...body } = message.value;
        void this.#submit(body, wait, ref);
        return;
      }
      case 'ping':
        this.#send('{"type":"pong"}');
    }
  }

  #subscribe(message: Extract<z.infer<typeof Message>, { type: 'subscribe' }>): void {
    const filter = readFilter(this.#context, message.events, message.account);
    if (!filter.ok) {
      this.#refuse(filter.error);
      return;
    }
    const from = readAfter(this.#context, message.after);
    if (!from.ok) {
      this.#refuse(from.error);
      return;
    }
    this.#pump?.stop();
    const ready = () => this.#blockedSinceMs === undefined && this.#socket.readyState === this.#socket.OPEN;
    const sink = {
      get ready() {
        return ready();
      },
      write: ({ id, event, data }: { id: string; event: string; data: string }) =>
        this.#send(`{"type":"${event}","id":"${id}","data":${data}}`),
    };
    this.#pump = new StreamPump(this.#context, filter.value, sink, from.value);
    this.#send(JSON.stringify({ type: 'subscribed', round: this.#context.rounds.latest }));
    this.#pump.run();
  }

  /** Whether one more submission may wait. */
  #begin(ref?: string | number): boolean {
    // Answers that nobody reads hold memory as well.
    if (this.#submits < STREAM_SUBMITS && this.#blockedSinceMs === undefined) {
      this.#submits++;
      return true;
    }
    const { error } = fail(
      'submits-in-flight',
      `At most ${STREAM_SUBMITS} submissions of one stream may wait: read the answers first.`,
    );
    this.#refuse(error, ref);
    return false;
  }

  async #submit(body: unknown, wait: WaitFor, ref: string | number | undefined): Promise<void> {
    const read = readSubmission(this.#context, body);
    if (!read.ok) {
      this.#refuse(read.error, ref);
      return;
    }
    if (!this.#begin(ref)) return;
    const { id, envelope } = read.value;
    const done = await submitOne(this.#context, this.#waiters, id, envelope, wait);
    this.#submits--;
    if (done.ok)
      this.#send(JSON.stringify({ type: 'submitted', ...(ref === undefined ? {} : { ref }), ...done.value }));
    else this.#refuse(done.error, ref);
  }

  /** A binary frame: u32 reference of the client's choice, then a batch. Answered with the same reference. */
  async #submitBatch(bytes: Uint8Array): Promise<void> {
    if (bytes.length < 4) {
      this.#refuse(fail('batch-malformed', 'A binary frame is a u32 reference and a batch.').error);
      return;
    }
    const ref = readU32(bytes, 0);
    const run = readBatch(bytes.slice(4));
    if (!run.ok) {
      this.#refuse(run.error, ref);
      return;
    }
    if (!this.#begin(ref)) return;
    const outcome = await withTimeout(
      this.#context.backend.submit(run.value, this.#batchWait),
      WAIT_TIMEOUT_MS,
    );
    this.#submits--;
    if (outcome === undefined) {
      this.#refuse(fail('wait-timeout', 'The batch was handed in but is not decided yet.').error, ref);
    } else if (!outcome.ok) this.#refuse(outcome.error, ref);
    else this.#send(concatBytes(bytes.subarray(0, 4), encodeOutcome(outcome.value)));
  }
}

function readMessage(bytes: Uint8Array): Result<z.infer<typeof Message>> {
  let json: unknown;
  try {
    json = JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    return fail('stream-message', 'A text frame is one JSON object: check quotes, commas and braces.');
  }
  const message = Message.safeParse(json);
  if (message.success) return ok(message.data);
  const issue = message.error.issues[0];
  return fail(
    'stream-message',
    `The frame's field ${issue?.path.join('/') || 'type'} is not valid: ${issue?.message}. See /docs.`,
  );
}

/** Errors: those of accounts, `request-invalid`. */
export function readFilter(
  context: ApiContext,
  events: readonly EventName[] | undefined,
  account: string | undefined,
): Result<StreamFilter> {
  const wanted = new Set<EventName>(events ?? (account === undefined ? ['round', 'epoch'] : ['transaction']));
  if (account === undefined) {
    return wanted.has('transaction')
      ? fail('request-invalid', 'Events of transactions need an account: name one.', { field: 'account' })
      : ok({ events: wanted, account: undefined });
  }
  const number = resolveAccount(context, account);
  return number.ok ? ok({ events: wanted, account: number.value }) : number;
}

/** Where a stream begins: behind the event with that id, else with the next round. Errors: `request-invalid`, `pruned`. */
export function readAfter(context: ApiContext, after: string | undefined): Result<number> {
  const next = locationOf(context.rounds.latest + 1, 0);
  if (after === undefined) return ok(next);
  const from = locationBehind(after);
  if (from === undefined) {
    return fail('request-invalid', 'An event id is a round, or a round and a position: `17` or `17:3`.', {
      field: 'last-event-id',
    });
  }
  if (isPruned(context, roundOf(from))) return pruned(context, `What follows event ${after}`);
  // An id of the future is from another network or a node that lost its data: begin with what comes.
  return ok(Math.min(from, next));
}
