import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Result } from '@iotw/kernel/result';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import type { Faucet } from '../faucet.js';
import type { Guests } from '../guests.js';
import type { Idempotency } from '../idempotency.js';
import type { Metrics } from '../metrics.js';
import { ProblemSchema, sendProblem } from '../problem.js';
import type { RoundWaiters } from '../round-waiters.js';
import type { Streams } from '../stream/streams.js';
import type { SubmitView } from '../submit.js';

/** Where on this host a wallet finds what is not the API's. */
export interface WalletServices {
  /** Undefined: no signer is served. */
  readonly signerPort: number | undefined;
  /** Where browsers find it instead, behind a proxy. */
  readonly signerOrigin: string | undefined;
  /** WebSocket entrances for devices. */
  readonly entrances: readonly { readonly trustNode: number; readonly port: number }[];
}

/** What routes are made from. */
export interface RouteContext extends ApiContext {
  readonly waiters: RoundWaiters;
  readonly idempotency: Idempotency<SubmitView & { amount?: number }>;
  readonly streams: Streams;
  readonly metrics: Metrics;
  readonly faucet: Faucet | undefined;
  readonly guests: Guests | undefined;
  readonly services: WalletServices;
}

/** The server with schemas that type its handlers. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const PROBLEM = {
  description: 'A refusal (RFC 9457)',
  content: { 'application/problem+json': { schema: ProblemSchema } },
};

/** The answers of a route: its own and problems. */
export function answers<T extends Record<number, z.ZodType>>(own: T) {
  return { ...own, '4xx': PROBLEM, '5xx': PROBLEM };
}

/** Sends the value, or the failure as a problem. */
export function send<T>(request: FastifyRequest, reply: FastifyReply, result: Result<T>) {
  return result.ok ? reply.send(result.value) : sendProblem(request, reply, result.error);
}

/** Whether the client asked for bytes instead of JSON. */
export function wantsBytes(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('application/octet-stream') ?? false;
}

/** Sends bytes past the JSON schema of the route. */
export function sendBytes(reply: FastifyReply, bytes: Uint8Array) {
  return reply
    .type('application/octet-stream')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

export const NumberText = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** For one transaction: also until anybody can check its receipt. */
export const WaitProvableQuery = z.object({
  wait: z
    .enum(['accepted', 'certified', 'final', 'provable'])
    .default('accepted')
    .describe('how far to wait; `final` survives everything, `provable` is checkable by anybody'),
});
export const WaitQuery = z.object({
  wait: z
    .enum(['accepted', 'certified', 'final'])
    .default('accepted')
    .describe('how far to wait; only `final` survives everything'),
});
