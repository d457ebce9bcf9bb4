import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { ID_BYTES } from './envelope-verifier.js';

/** Answer of a worker: ids, then one byte an envelope. */
export const ANSWER_BYTES = ID_BYTES + 1;

/** Envelopes [from, to) of a run in one buffer to be transferred: count, count + 1 offsets (u32), bytes. */
export function packRun(run: VerifyRun, from: number, to: number): ArrayBuffer {
  const count = to - from;
  const first = run.offsets[from]!;
  const length = run.offsets[to]! - first;
  const head = 4 * (count + 2);
  const buffer = new ArrayBuffer(head + length);
  const words = new Uint32Array(buffer, 0, count + 2);
  words[0] = count;
  for (let i = 0; i <= count; i++) words[i + 1] = run.offsets[from + i]! - first;
  new Uint8Array(buffer, head).set(run.bytes.subarray(first, first + length));
  return buffer;
}

/** The run of a buffer made by packRun, in place. */
export function unpackRun(buffer: ArrayBuffer): VerifyRun {
  const [count] = new Uint32Array(buffer, 0, 1);
  return {
    offsets: new Uint32Array(buffer, 4, count! + 1),
    bytes: new Uint8Array(buffer, 4 * (count! + 2)),
  };
}
