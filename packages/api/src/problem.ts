import { STATUS_CODES } from 'node:http';
import type { Failure } from '@iotw/kernel/result';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** HTTP status of the codes that are not the client's bad input (400). */
const STATUS_OF: Readonly<Record<string, number>> = {
  'route-unknown': 404,
  'app-not-built': 404,
  'transaction-not-found': 404,
  'account-not-found': 404,
  'block-not-found': 404,
  'round-not-found': 404,
  'commit-not-found': 404,
  'lane-unknown': 404,
  'maker-not-found': 404,
  'device-unknown': 404,
  'epoch-not-found': 404,
  'proposal-unknown': 404,
  'settlement-not-kept': 404,
  'faucet-off': 404,
  'guests-off': 404,
  pruned: 410,
  'epoch-not-ended': 409,
  'transaction-duplicate': 409,
  'request-too-large': 413,
  'transaction-too-large': 413,
  'content-type-unsupported': 415,
  'idempotency-key-reused': 422,
  'signature-invalid': 422,
  'transaction-expired': 422,
  'sequence-used': 422,
  'sequence-too-far': 422,
  'sender-unknown': 422,
  'fee-unpaid': 422,
  'fee-promised': 429,
  'upgrade-required': 426,
  'rate-limited': 429,
  'faucet-limit': 429,
  'guest-limit': 429,
  'internal-error': 500,
  'intake-full': 503,
  'node-stopping': 503,
  'store-full': 503,
  'store-io': 503,
  'store-corrupt': 503,
  'node-not-ready': 503,
  'node-overloaded': 503,
  'index-behind': 503,
  'index-failed': 503,
  'streams-full': 503,
  'cometbft-rpc': 503,
  'faucet-busy': 503,
  'faucet-empty': 503,
  'wait-timeout': 504,
};

/** Seconds after which trying again may help. */
const RETRY_AFTER: Readonly<Record<string, number>> = {
  'intake-full': 1,
  'fee-promised': 1,
  'node-overloaded': 1,
  'node-not-ready': 1,
  'index-behind': 1,
  'cometbft-rpc': 1,
  'streams-full': 5,
  'faucet-busy': 1,
  'faucet-limit': 600,
  'guest-limit': 600,
};

/** RFC 9457 problem details; `code` is stable and has a row in docs/errors.md. */
export const ProblemSchema = z
  .object({
    type: z.string().describe('urn:iotw:problem: and the code'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('stable; see docs/errors.md'),
    detail: z.string().describe('what is wrong and how to mend it'),
    instance: z.string().describe('path of the request'),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof ProblemSchema>;

export function statusOf(code: string): number {
  return STATUS_OF[code] ?? 400;
}

export function problemOf(failure: Failure, instance: string): Problem {
  const status = statusOf(failure.code);
  return {
    type: `urn:iotw:problem:${failure.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: failure.code,
    detail: failure.message,
    instance,
    ...(failure.data === undefined ? {} : { data: { ...failure.data } }),
  };
}

/** Answers with a problem. The body is written here, so no route's schema can hide it. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  const problem = problemOf(failure, pathOf(request));
  const retry = RETRY_AFTER[failure.code];
  if (retry !== undefined) reply.header('retry-after', String(retry));
  return reply
    .status(problem.status)
    .type('application/problem+json')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
}

/** Longest path an answer repeats. */
const SHOWN_PATH = 200;

function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0]!;
  return path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}...` : path;
}
