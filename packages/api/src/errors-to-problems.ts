import { type Failure, fail } from '@iotw/kernel/result';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { sendProblem } from './problem.js';

/** Writes a line of the node's log. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;

/** Every refusal of the framework leaves as a problem with one of our codes; a bug as `internal-error`. */
export function installProblems(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((request, reply) => {
    const refusal = fail('route-unknown', `There is no ${request.method} here: see /docs for every route.`);
    return sendProblem(request, reply, refusal.error);
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => answerError(error, request, reply, log));
}

/** The problem for an error that reached the framework. */
export function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const failure = failureOf(error);
  if (failure.code === 'internal-error') {
    log('error', 'a request failed', {
      method: request.method,
      url: request.url,
      error: String(error.stack),
    });
  }
  return sendProblem(request, reply, failure);
}

function failureOf(error: FastifyError): Failure {
  if (error instanceof RefusedError) return error.failure;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const first = error.validation[0];
    const field = `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    return fail('request-invalid', `${field}: ${first?.message ?? 'is not valid'}. See /docs for its form.`, {
      field,
    }).error;
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return fail('request-too-large', 'The body exceeds the limit of this route: split it.').error;
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return fail(
        'content-type-unsupported',
        'This route does not take that content type: JSON routes take application/json, batches application/octet-stream.',
      ).error;
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return fail('request-json', 'The body is no JSON: check quotes, commas and braces.').error;
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return fail('request-invalid', 'The body is not as long as Content-Length says.').error;
    case 'FST_ERR_BAD_URL':
      return fail('request-invalid', 'The path can not be decoded: check its percent signs.').error;
    default:
      return refusedByStatus(error);
  }
}

function refusedByStatus(error: FastifyError): Failure {
  const status = error.statusCode ?? 500;
  if (error instanceof SyntaxError && status < 500) {
    return fail('request-json', 'The body is no JSON: check quotes, commas and braces.').error;
  }
  if (status >= 400 && status < 500) return fail('request-invalid', `${error.message}. See /docs.`).error;
  return fail('internal-error', 'The node has met a fault of its own; its log says more. Try again later.')
    .error;
}

/** A refusal thrown where the framework leaves no other way out (hooks of plugins). */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}
