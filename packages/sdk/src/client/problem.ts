import { fromUtf8 } from '@iotw/kernel/bytes';
import { fail, type Result } from '@iotw/kernel/result';

const CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SHOWN = 500;

/**
 * An answer with an error status as a failure: RFC 9457 problem details keep their code, sentence and
 * data; `data` also gets `status` and, where the server names one, `retryAfterMs`.
 * Code without a problem: `client-status`.
 */
export function problemOf(response: Response, body: Uint8Array, path: string): Result<never> {
  const { status } = response;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const about = { status, ...(retryAfter >= 0 ? { retryAfterMs: 1000 * retryAfter } : {}) };
  const problem = readProblem(body);
  if (problem === undefined) {
    return fail('client-status', `The answer to ${path} is status ${status} without a reason.`, about);
  }
  const { code, detail, title, data } = problem;
  const sentence = [detail, title].find((text) => typeof text === 'string' && text !== '') ?? code;
  return {
    ok: false,
    error: {
      code,
      message: String(sentence).slice(0, SHOWN),
      data: { ...(typeof data === 'object' ? data : {}), ...about },
    },
  };
}

interface Problem {
  readonly code: string;
  readonly detail?: unknown;
  readonly title?: unknown;
  readonly data?: object | null;
}

function readProblem(body: Uint8Array): Problem | undefined {
  try {
    const json: unknown = JSON.parse(fromUtf8(body) ?? '');
    if (typeof json !== 'object' || json === null) return undefined;
    const { code } = json as { code?: unknown };
    return typeof code === 'string' && CODE.test(code) ? (json as Problem) : undefined;
  } catch {
    return undefined;
  }
}
