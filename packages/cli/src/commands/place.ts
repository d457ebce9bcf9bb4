import { fail, ok, type Result } from '@iotw/kernel/result';

/** Where a block stands. */
export interface BlockPlace {
  readonly lane: number;
  readonly height: number;
}

/** Reads `lane/height`, such as `0/12`. Code: `block-place`. */
export function readPlace(text: string): Result<BlockPlace> {
  const match = /^([0-9]{1,5})\/([0-9]{1,15})$/.exec(text);
  if (match !== null) return ok({ lane: Number(match[1]), height: Number(match[2]) });
  return fail('block-place', 'A block is named by lane and height, such as 0/12.');
}
