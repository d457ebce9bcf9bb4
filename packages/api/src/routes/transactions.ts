import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { z } from 'zod';
import { BatchOutcomeSchema, encodeOutcome, outcomeToJson, readBatch } from '../batch.js';
import { provingCommits, untilProvable } from '../commits.js';
import { MAX_BATCH_BYTES, WAIT_TIMEOUT_MS } from '../limits.js';
import { sendProblem } from '../problem.js';
import { provenView, readSubmission, SubmitBody, SubmitSchema, submitOne, withTimeout } from '../submit.js';
import { SpecObject } from '../views/forms.js';
import { PageQuery, pageOf } from '../views/page.js';
import { receiptOf } from '../views/receipts.js';
import { transactionPage } from '../views/recent.js';
import { findTransaction, readId, TransactionSchema, transactionView } from '../views/transactions.js';
import {
  type App,
  answers,
  type RouteContext,
  send,
  sendBytes,
  WaitProvableQuery,
  WaitQuery,
  wantsBytes,
} from './reply.js';

const IdParams = z.object({ id: z.string().max(128).describe('transaction id, 64 characters of hex') });
const ReceiptQuery = z.object({
  wait: z.enum(['final', 'provable']).default('final').describe('`provable`: until the commit is there'),
});
const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z.string().optional().describe('the same key and request give the same answer'),
});

/** Handing transactions in, looking them up, proving them. */
export function transactionRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/transactions',
    {
      schema: {
        operationId: 'listTransactions',
        tags: ['transactions'],
        summary: 'Transactions of all accounts, newest first',
        querystring: PageQuery,
        response: answers({ 200: pageOf(TransactionSchema) }),
      },
    },
    async (request, reply) => send(request, reply, transactionPage(context, request.query)),
  );

  app.post(
    '/v1/transactions',
    {
      schema: {
        operationId: 'submitTransaction',
        tags: ['transactions'],
        summary: 'Hand one signed transaction in',
        description:
          'With wait=final the receipt comes along, with wait=provable the commit in it. Sending the same bytes again is safe.',
        querystring: WaitProvableQuery,
        headers: IdempotencyHeaders,
        body: SubmitBody,
        response: answers({ 200: SubmitSchema, 202: SubmitSchema }),
      },
    },
    async (request, reply) => {
      const read = readSubmission(context, request.body);
      if (!read.ok) return sendProblem(request, reply, read.error);
      const { id, envelope } = read.value;
      const { wait } = request.query;
      const fingerprint = `transaction ${wait} ${Buffer.from(envelope).toString('base64')}`;
      const done = await context.idempotency.run(request.headers['idempotency-key'], fingerprint, () =>
        submitOne(context, context.waiters, id, envelope, wait === 'provable' ? 'final' : wait),
      );
      if (!done.ok) return sendProblem(request, reply, done.error);
      if (wait === 'provable') return send(request, reply, await provenView(context, done.value));
      const open = done.value.status === 'accepted' || done.value.status === 'certified';
      return reply.status(open ? 202 : 200).send(done.value);
    },
  );

  app.post(
    '/v1/transactions/batch',
    {
      bodyLimit: MAX_BATCH_BYTES,
      schema: {
        operationId: 'submitBatch',
        tags: ['transactions'],
        summary: 'Hand many signed transactions in',
        description:
          'Body (application/octet-stream): a u32 length (little-endian) and one envelope, over and over. With Accept: application/octet-stream the answer is a u32 count, a u16 code for each (0xffff: not decided) and the 32-byte ids where they are known.',
        consumes: ['application/octet-stream'],
        querystring: WaitQuery,
        body: z.instanceof(Uint8Array).meta({ type: 'string', format: 'binary' }),
        response: answers({ 200: BatchOutcomeSchema, 202: BatchOutcomeSchema }),
      },
    },
    async (request, reply) => {
      const run = readBatch(request.body);
      if (!run.ok) return sendProblem(request, reply, run.error);
      const { wait } = request.query;
      const outcome = await withTimeout(context.backend.submit(run.value, wait), WAIT_TIMEOUT_MS);
      if (outcome === undefined) {
        const message = 'The batch was handed in but is not decided in time: look its transactions up by id.';
        return sendProblem(request, reply, { code: 'wait-timeout', message });
      }
      if (!outcome.ok) return sendProblem(request, reply, outcome.error);
      reply.status(wait === 'final' ? 200 : 202);
      return wantsBytes(request)
        ? sendBytes(reply, encodeOutcome(outcome.value))
        : reply.send(outcomeToJson(outcome.value));
    },
  );

  app.get(
    '/v1/transactions/:id',
    {
      schema: {
        operationId: 'getTransaction',
        tags: ['transactions'],
        summary: 'One applied transaction',
        params: IdParams,
        response: answers({ 200: TransactionSchema }),
      },
    },
    async (request, reply) => {
      const id = readId(request.params.id);
      const found = id.ok ? findTransaction(context, id.value) : id;
      if (!found.ok) return sendProblem(request, reply, found.error);
      return reply.send(transactionView(context, found.value.layout.at(found.value.position)));
    },
  );

  app.get(
    '/v1/transactions/:id/receipt',
    {
      schema: {
        operationId: 'getReceipt',
        tags: ['transactions'],
        summary: 'The proof that it was included, and of what became of it',
        description:
          'JSON, or SSZ with Accept: application/octet-stream. Refuse a receipt whose code is not ok. With wait=provable it is held until the commit that proves it is there.',
        params: IdParams,
        querystring: ReceiptQuery,
        response: answers({ 200: SpecObject }),
      },
    },
    async (request, reply) => {
      const id = readId(request.params.id);
      const found = id.ok ? findTransaction(context, id.value) : id;
      if (!found.ok) return sendProblem(request, reply, found.error);
      const { layout, position } = found.value;
      if (request.query.wait === 'provable')
        await untilProvable(context.backend, layout.number, Date.now() + WAIT_TIMEOUT_MS);
      const commits = await provingCommits(context.backend, layout.number);
      if (!commits.ok) return sendProblem(request, reply, commits.error);
      const receipt = receiptOf(context, layout, position, commits.value);
      return wantsBytes(request)
        ? sendBytes(reply, ReceiptType.serialize(receipt))
        : reply.send(receiptToJson(receipt));
    },
  );
}
