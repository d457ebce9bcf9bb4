/** A row of operations.test: what is done to a fresh network, and the outcome of its last transaction. */
import type { Operation } from '@iotw/protocol/operations';
import type { ResultCode } from '@iotw/protocol/result';
import { expect } from 'vitest';
import type { TestNetwork } from './test-network.js';

export type Run = (t: TestNetwork) => ResultCode;
export type Row = readonly [name: string, expected: ResultCode, run: Run];

/** `sender` sends what `make` gives. */
export const by =
  (sender: string, ...make: ((t: TestNetwork) => Operation)[]): Run =>
  (t) =>
    t.send(sender, ...make.map((m) => m(t))).code;
export const alice = (...make: ((t: TestNetwork) => Operation)[]): Run => by('alice', ...make);
/** `first` must succeed, then `then` decides. */
export const after =
  (first: Run, then: Run): Run =>
  (t) => {
    expect(first(t)).toBe('ok');
    return then(t);
  };
