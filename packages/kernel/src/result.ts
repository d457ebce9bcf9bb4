/** An expected failure: a stable code (a row of docs/errors.md) and the data that helps mend the input. */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  /** One sentence that says what is wrong and how to mend it. */
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Expected failures are values; thrown errors are bugs. */
export type Result<T, F extends Failure = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: F };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<Code extends string>(
  code: Code,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): { readonly ok: false; readonly error: Failure<Code> } {
  return { ok: false, error: data === undefined ? { code, message } : { code, message, data } };
}
