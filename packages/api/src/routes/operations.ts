import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { healthView } from '../views/health.js';
import { HealthSchema } from '../views/health-forms.js';
import { type App, answers, type RouteContext } from './reply.js';

/** For whoever runs the node: health and metrics. */
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
    '/v1/health',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['operations'],
        summary: 'Lanes, links, queues and lag as this node sees them, and what calls for a look',
        description:
          'Findings are told by the thresholds of the alert rules; docs/operate/run.md says what to do.',
        response: answers({ 200: HealthSchema }),
      },
    },
    async (_request, reply) => reply.send(healthView(context)),
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
}
