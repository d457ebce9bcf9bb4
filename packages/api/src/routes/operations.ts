import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { START_ICON, START_PAGE, START_SCRIPT, START_STYLE } from '../start-page.js';
import { type App, answers, type RouteContext } from './reply.js';

/** For whoever runs the node: health, metrics, and the page a person sees first. */
export function operationRoutes(app: App, context: RouteContext): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'health',
        tags: ['operations'],
        summary: 'The process answers',
        response: answers({ 200: z.object({ status: z.literal('ok') }) }),
      },
    },
    async (_request, reply) => reply.send({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'ready',
        tags: ['operations'],
        summary: 'The node takes transactions',
        response: answers({ 200: z.object({ status: z.literal('ready'), round: z.int() }) }),
      },
    },
    async (request, reply) => {
      if (context.backend.status().ready) {
        return reply.send({ status: 'ready' as const, round: context.rounds.latest });
      }
      const message = 'The node does not take transactions yet, or any more: ask again in a moment.';
      return sendProblem(request, reply, { code: 'node-not-ready', message });
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        tags: ['operations'],
        summary: 'Prometheus metrics',
        response: answers({ 200: z.string() }),
      },
    },
    async (_request, reply) => {
      const text = await context.metrics.registry.metrics();
      return reply
        .type(context.metrics.registry.contentType)
        .serializer((v: unknown) => v as string)
        .send(text);
    },
  );
  const files: readonly (readonly [path: string, type: string, content: string])[] = [
    ['/', 'text/html; charset=utf-8', START_PAGE],
    ['/start.js', 'text/javascript; charset=utf-8', START_SCRIPT],
    ['/icon.svg', 'image/svg+xml', START_ICON],
    ['/start.css', 'text/css; charset=utf-8', START_STYLE],
  ];
  for (const [path, type, content] of files) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply.type(type).header('cache-control', 'no-cache').send(content),
    );
  }
}
