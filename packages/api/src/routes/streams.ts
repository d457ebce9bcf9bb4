import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { EVENT_NAMES, EventName } from '../stream/events.js';
import { readAfter, readFilter, SocketStream } from '../stream/socket.js';
import { serveEvents } from '../stream/sse.js';
import { type App, answers, type RouteContext, WaitQuery } from './reply.js';

const EventsQuery = z.object({
  events: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(EventName).min(1).max(EVENT_NAMES.length))
    .optional()
    .describe('round, transaction, epoch; by default round,epoch, or transaction where an account is named'),
  account: z.string().max(90).optional().describe('address, key or number: its transactions'),
  after: z.string().max(24).optional().describe('as Last-Event-ID, for clients that can not set it'),
});

const STREAM_DESCRIPTION = [
  'Text frames are JSON. Client: {"type":"subscribe","events":["round"],"account":"...","after":"17:3"},',
  '{"type":"unsubscribe"}, {"type":"submit","ref":1,"wait":"final","transaction":{...},"signature":"..."}',
  '(or "envelope" in hex), {"type":"ping"}. Server: events {"type":"round","id":"17","data":{...}},',
  '"subscribed", "submitted", "pong", {"type":"error","ref":1,"code":"...","detail":"..."}.',
  'A binary frame is a u32 reference and a batch as in /v1/transactions/batch; its answer begins with the same reference.',
  'Close code 4008: the client did not read (stream-slow-client).',
].join(' ');

/** Server-Sent Events and the WebSocket. */
export function streamRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'streamEvents',
        tags: ['streams'],
        summary: 'Server-Sent Events of rounds, epochs and an account',
        description:
          'The id of an event is `round` or `round:position`; with Last-Event-ID the stream goes on behind it, from the stored rounds.',
        produces: ['text/event-stream'],
        querystring: EventsQuery,
        headers: z.looseObject({ 'last-event-id': z.string().max(24).optional() }),
        response: answers({ 200: z.string().describe('text/event-stream') }),
      },
    },
    async (request, reply) => {
      const filter = readFilter(context, request.query.events, request.query.account);
      if (!filter.ok) return sendProblem(request, reply, filter.error);
      const from = readAfter(context, request.headers['last-event-id'] ?? request.query.after);
      if (!from.ok) return sendProblem(request, reply, from.error);
      const admitted = context.streams.admit(request.ip);
      if (!admitted.ok) return sendProblem(request, reply, admitted.error);
      reply.hijack();
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(reply.getHeaders())) headers[name] = String(value);
      serveEvents(context, context.streams, reply.raw, headers, request.ip, filter.value, from.value);
      return reply;
    },
  );

  app.route({
    method: 'GET',
    url: '/v1/stream',
    schema: {
      operationId: 'openStream',
      tags: ['streams'],
      summary: 'WebSocket: events out, transactions in',
      description: STREAM_DESCRIPTION,
      querystring: WaitQuery,
      response: answers({ 101: z.string().describe('switching protocols') }),
    },
    handler: async (request, reply) => {
      const message = 'This route is a WebSocket: connect with a WebSocket client, or use /v1/events.';
      return sendProblem(request, reply.header('upgrade', 'websocket'), {
        code: 'upgrade-required',
        message,
      });
    },
    preValidation: async (request, reply) => {
      const admitted = context.streams.admit(request.ip);
      if (!admitted.ok) await sendProblem(request, reply, admitted.error);
    },
    wsHandler: (socket, request) => {
      const { wait } = request.query as z.infer<typeof WaitQuery>;
      const stream = new SocketStream(context, context.streams, context.waiters, socket, wait);
      context.streams.add(stream, request.ip, 'websocket');
    },
  });
}
