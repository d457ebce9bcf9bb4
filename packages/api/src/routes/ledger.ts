import { encodeCertifiedBlock } from '@iotw/protocol/certificate';
import { z } from 'zod';
import { sendProblem } from '../problem.js';
import {
  AccountSchema,
  accountPage,
  accountView,
  BalancesSchema,
  balancesView,
  resolveAccount,
} from '../views/accounts.js';
import { BlockSchema, blockView, findBlock, findBlockByHash } from '../views/blocks.js';
import { ElectionSchema, electionView } from '../views/elections.js';
import { LaneSchema, laneView, laneViews } from '../views/lanes.js';
import { PageQuery, pageOf } from '../views/page.js';
import { BlockSummarySchema, blockPage } from '../views/recent.js';
import { findRound, RoundSchema, RoundSummarySchema, roundPage, roundView } from '../views/rounds.js';
import { accountTransactions, readId, TransactionPageSchema } from '../views/transactions.js';
import { type App, answers, NumberText, type RouteContext, send, sendBytes, wantsBytes } from './reply.js';

const Place = z.object({ lane: NumberText, height: NumberText });
const AccountParams = z.object({ address: z.string().max(128).describe('address, key in hex or number') });

/** Accounts, blocks, rounds, lanes and elections. */
export function ledgerRoutes(app: App, context: RouteContext): void {
  accountRoutes(app, context);
  blockRoutes(app, context);
  roundRoutes(app, context);
}

function accountRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        tags: ['accounts'],
        summary: 'Accounts by number',
        querystring: PageQuery,
        response: answers({ 200: pageOf(AccountSchema) }),
      },
    },
    async (request, reply) => send(request, reply, accountPage(context, request.query)),
  );
  app.get(
    '/v1/accounts/:address',
    {
      schema: {
        operationId: 'getAccount',
        tags: ['accounts'],
        summary: 'Balance and sequence of an account',
        params: AccountParams,
        response: answers({ 200: AccountSchema }),
      },
    },
    async (request, reply) => {
      const account = resolveAccount(context, request.params.address);
      return account.ok
        ? reply.send(accountView(context, account.value))
        : sendProblem(request, reply, account.error);
    },
  );
  app.get(
    '/v1/balances',
    {
      schema: {
        operationId: 'getBalances',
        tags: ['accounts'],
        summary: 'Balances of several accounts in one state',
        querystring: z.object({ accounts: z.string().max(32_768).describe('address,address,...') }),
        response: answers({ 200: BalancesSchema }),
      },
    },
    async (request, reply) => send(request, reply, balancesView(context, request.query.accounts)),
  );
  app.get(
    '/v1/accounts/:address/transactions',
    {
      schema: {
        operationId: 'getAccountTransactions',
        tags: ['accounts'],
        summary: 'Transactions that concern an account, newest first',
        params: AccountParams,
        querystring: PageQuery,
        response: answers({ 200: TransactionPageSchema }),
      },
    },
    async (request, reply) => {
      const account = resolveAccount(context, request.params.address);
      if (!account.ok) return sendProblem(request, reply, account.error);
      return send(request, reply, accountTransactions(context, account.value, request.query));
    },
  );
}

function blockRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/blocks',
    {
      schema: {
        operationId: 'listBlocks',
        tags: ['blocks'],
        summary: 'Blocks of all lanes, newest first',
        querystring: PageQuery,
        response: answers({ 200: pageOf(BlockSummarySchema) }),
      },
    },
    async (request, reply) => send(request, reply, blockPage(context, request.query)),
  );
  app.get(
    '/v1/blocks/:lane/:height',
    {
      schema: {
        operationId: 'getBlock',
        tags: ['blocks'],
        summary: 'A certified block by its place',
        description: 'JSON, or SSZ with its body with Accept: application/octet-stream.',
        params: Place,
        response: answers({ 200: BlockSchema }),
      },
    },
    async (request, reply) => {
      const { lane, height } = request.params;
      const known = laneView(context, lane);
      const found = known.ok ? findBlock(context, lane, Math.min(height, 2 ** 33 - 1)) : known;
      if (!found.ok) return sendProblem(request, reply, found.error);
      const { layout, index } = found.value;
      return wantsBytes(request)
        ? sendBytes(reply, encodeCertifiedBlock(layout.blocks[index]!.block))
        : reply.send(blockView(context, layout, index));
    },
  );
  app.get(
    '/v1/blocks/:hash',
    {
      schema: {
        operationId: 'getBlockByHash',
        tags: ['blocks'],
        summary: 'A certified block by its hash',
        description: 'JSON, or SSZ with its body with Accept: application/octet-stream.',
        params: z.object({ hash: z.string().max(128) }),
        response: answers({ 200: BlockSchema }),
      },
    },
    async (request, reply) => {
      const hash = readId(request.params.hash);
      const found = hash.ok ? findBlockByHash(context, hash.value) : hash;
      if (!found.ok) return sendProblem(request, reply, found.error);
      const { layout, index } = found.value;
      return wantsBytes(request)
        ? sendBytes(reply, encodeCertifiedBlock(layout.blocks[index]!.block))
        : reply.send(blockView(context, layout, index));
    },
  );
  app.get(
    '/v1/elections/:lane/:height',
    {
      schema: {
        operationId: 'getElection',
        tags: ['blocks'],
        summary: "The committee's draw, made again, beside the certificate's answers",
        params: Place,
        response: answers({ 200: ElectionSchema }),
      },
    },
    async (request, reply) => {
      const { lane, height } = request.params;
      const known = laneView(context, lane);
      const found = known.ok ? findBlock(context, lane, Math.min(height, 2 ** 33 - 1)) : known;
      if (!found.ok) return sendProblem(request, reply, found.error);
      return send(request, reply, electionView(context, found.value));
    },
  );
}

function roundRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/rounds',
    {
      schema: {
        operationId: 'listRounds',
        tags: ['rounds'],
        summary: 'Rounds, newest first',
        querystring: PageQuery,
        response: answers({ 200: pageOf(RoundSummarySchema) }),
      },
    },
    async (request, reply) => send(request, reply, roundPage(context, request.query)),
  );
  app.get(
    '/v1/rounds/:number',
    {
      schema: {
        operationId: 'getRound',
        tags: ['rounds'],
        summary: 'One round with its roots and signatures',
        params: z.object({ number: NumberText }),
        response: answers({ 200: RoundSchema }),
      },
    },
    async (request, reply) => {
      const layout = findRound(context, request.params.number);
      return layout.ok
        ? reply.send(roundView(context, layout.value))
        : sendProblem(request, reply, layout.error);
    },
  );
  app.get(
    '/v1/lanes',
    {
      schema: {
        operationId: 'listLanes',
        tags: ['lanes'],
        summary: 'Every lane and where it stands',
        response: answers({ 200: z.object({ items: z.array(LaneSchema) }) }),
      },
    },
    async (_request, reply) => reply.send({ items: laneViews(context) }),
  );
  app.get(
    '/v1/lanes/:lane',
    {
      schema: {
        operationId: 'getLane',
        tags: ['lanes'],
        summary: 'One lane',
        params: z.object({ lane: NumberText }),
        response: answers({ 200: LaneSchema }),
      },
    },
    async (request, reply) => send(request, reply, laneView(context, request.params.lane)),
  );
}
