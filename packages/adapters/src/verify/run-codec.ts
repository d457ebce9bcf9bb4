import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { ID_BYTES } from './envelope-verifier.js';

/** Of each envelope: its id, and one byte for the outcome. */
const ANSWER_BYTES = ID_BYTES + 1;

/** Bytes of a buffer for envelopes [from, to) of a run and their answer. */
export function packedBytes(run: VerifyRun, from: number, to: number): number {
  return headBytes(to - from) + run.offsets[to]! - run.offsets[from]! + ANSWER_BYTES * (to - from);
}

/**
 * Envelopes [from, to) of a run into `buffer`, which is transferred to a worker and comes back with the
 * answer: count, count + 1 offsets (u32), the envelopes, then ids and outcomes.
 */
export function packRun(run: VerifyRun, from: number, to: number, buffer: ArrayBuffer): void {
  const count = to - from;
  const first = run.offsets[from]!;
  const last = run.offsets[to]!;
  const words = new Uint32Array(buffer, 0, count + 2);
  words[0] = count;
  for (let i = 0; i <= count; i++) words[i + 1] = run.offsets[from + i]! - first;
  new Uint8Array(buffer).set(run.bytes.subarray(first, last), headBytes(count));
}

/** The run of a buffer made by packRun, in place. */
export function unpackRun(buffer: ArrayBuffer): VerifyRun {
  const [count] = new Uint32Array(buffer, 0, 1);
  const offsets = new Uint32Array(buffer, 4, count! + 1);
  return { offsets, bytes: new Uint8Array(buffer, headBytes(count!), offsets[count!]!) };
}

/** Where the answer of a buffer made by packRun stands: 32 bytes and one byte for each envelope. */
export function answerOf(buffer: ArrayBuffer): { readonly ids: Uint8Array; readonly valid: Uint8Array } {
  const [count] = new Uint32Array(buffer, 0, 1);
  const [length] = new Uint32Array(buffer, 4 * (count! + 1), 1);
  const at = headBytes(count!) + length!;
  return {
    ids: new Uint8Array(buffer, at, ID_BYTES * count!),
    valid: new Uint8Array(buffer, at + ID_BYTES * count!, count!),
  };
}

function headBytes(count: number): number {
  return 4 * (count + 2);
}
