import { fail, ok, type Result } from '@iotw/kernel/result';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'any';

/**
 * An answer that has the fields this software reads. Newer servers may send more; one that sends other
 * kinds is refused here and not deep inside a program. Code: `client-answer`.
 */
export function readAnswer<T>(json: unknown, fields: { readonly [K in keyof T]-?: Kind }): Result<T> {
  const given = kindOf(json) === 'object' ? (json as Record<string, unknown>) : undefined;
  if (given === undefined) return refuse('is no object');
  for (const [name, kind] of Object.entries(fields)) {
    if (kind !== 'any' && kindOf(given[name]) !== kind) return refuse(`has no ${name} (${String(kind)})`);
  }
  return ok(json as T);
}

/** Reads what a call gave, with its failure passed on. */
export function readResult<T>(
  answer: Result<unknown>,
  fields: { readonly [K in keyof T]-?: Kind },
): Result<T> {
  return answer.ok ? readAnswer<T>(answer.value, fields) : answer;
}

function refuse(what: string): Result<never> {
  return fail('client-answer', `The server's answer ${what}: it is another version, or no API server.`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : 'nothing';
  return typeof value;
}
