import { GenesisType } from '@iotw/protocol/genesis';
import { genesisToJson, parametersToJson } from '@iotw/protocol/genesis-json';
import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { SubmitSchema } from '../submit.js';
import { Address, Amount, SpecObject } from '../views/forms.js';
import { NetworkSchema, networkView } from '../views/network.js';
import {
  LedgerServerSchema,
  ledgerServerViews,
  TrustNodeSchema,
  trustNodeView,
  trustNodeViews,
} from '../views/nodes.js';
import { SearchHitSchema, search } from '../views/search.js';
import { StatusSchema, statusView } from '../views/status.js';
import { type App, answers, NumberText, type RouteContext, send, sendBytes, wantsBytes } from './reply.js';

/** The network as a whole: who runs it, what it started from, how it is. */
export function networkRoutes(app: App, context: RouteContext): void {
  const { genesis } = context.backend;
  let genesisJson: string | undefined;

  app.get(
    '/v1/network',
    {
      schema: {
        operationId: 'getNetwork',
        tags: ['network'],
        summary: 'What a device or wallet needs to begin',
        response: answers({ 200: NetworkSchema }),
      },
    },
    async (_request, reply) => reply.send(networkView(context)),
  );
  app.get(
    '/v1/parameters',
    {
      schema: {
        operationId: 'getParameters',
        tags: ['network'],
        summary: 'The parameters of the running epoch',
        response: answers({ 200: SpecObject }),
      },
    },
    async (_request, reply) => reply.send(parametersToJson(context.backend.ledger.parameters)),
  );
  app.get(
    '/v1/genesis',
    {
      schema: {
        operationId: 'getGenesis',
        tags: ['network'],
        summary: 'What the network started from',
        description:
          'JSON, or the SSZ bytes that the network id is the hash of with Accept: application/octet-stream.',
        response: answers({ 200: SpecObject }),
      },
    },
    async (request, reply) => {
      if (wantsBytes(request)) return sendBytes(reply, GenesisType.serialize(genesis));
      genesisJson ??= JSON.stringify(genesisToJson(genesis));
      const text = genesisJson;
      return reply
        .type('application/json')
        .serializer(() => text)
        .send({});
    },
  );
  app.get(
    '/v1/trust-nodes',
    {
      schema: {
        operationId: 'listTrustNodes',
        tags: ['network'],
        summary: 'Trust nodes by lane',
        response: answers({ 200: z.object({ items: z.array(TrustNodeSchema) }) }),
      },
    },
    async (_request, reply) => reply.send({ items: trustNodeViews(context) }),
  );
  app.get(
    '/v1/trust-nodes/:index',
    {
      schema: {
        operationId: 'getTrustNode',
        tags: ['network'],
        summary: 'One trust node: its skip rates as lane and as host',
        params: z.object({ index: NumberText }),
        response: answers({ 200: TrustNodeSchema }),
      },
    },
    async (request, reply) => send(request, reply, trustNodeView(context, request.params.index)),
  );
  app.get(
    '/v1/ledger-servers',
    {
      schema: {
        operationId: 'listLedgerServers',
        tags: ['network'],
        summary: 'Ledger servers',
        response: answers({ 200: z.object({ items: z.array(LedgerServerSchema) }) }),
      },
    },
    async (_request, reply) => reply.send({ items: ledgerServerViews(context) }),
  );
  app.get(
    '/v1/status',
    {
      schema: {
        operationId: 'getStatus',
        tags: ['network'],
        summary: 'How this node is',
        response: answers({ 200: StatusSchema }),
      },
    },
    async (_request, reply) => reply.send(statusView(context)),
  );
  app.get(
    '/v1/search',
    {
      schema: {
        operationId: 'search',
        tags: ['network'],
        summary: 'What an id, hash, key, address, number, lane:height or name stands for',
        querystring: z.object({ q: z.string().min(1).max(128) }),
        response: answers({ 200: z.object({ items: z.array(SearchHitSchema) }) }),
      },
    },
    async (request, reply) => reply.send({ items: search(context, request.query.q) }),
  );
  faucetRoute(app, context);
}

function faucetRoute(app: App, context: RouteContext): void {
  app.post(
    '/v1/faucet',
    {
      schema: {
        operationId: 'askFaucet',
        tags: ['network'],
        summary: 'Test money, on networks that give it',
        headers: z.looseObject({ 'idempotency-key': z.string().optional() }),
        body: z.object({ to: Address.max(128) }),
        response: answers({ 200: SubmitSchema.extend({ amount: Amount }) }),
      },
    },
    async (request, reply) => {
      const { faucet } = context;
      if (faucet === undefined) {
        const message = 'This node has no faucet: use another one, or ask its operator for money.';
        return sendProblem(request, reply, { code: 'faucet-off', message });
      }
      const { to } = request.body;
      const done = await context.idempotency.run(request.headers['idempotency-key'], `faucet ${to}`, () =>
        faucet.give(to, request.ip),
      );
      return done.ok
        ? reply.send({ ...done.value, amount: done.value.amount ?? 0 })
        : sendProblem(request, reply, done.error);
    },
  );
}
