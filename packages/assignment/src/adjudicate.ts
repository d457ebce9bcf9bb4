import { equalBytes } from '@iotw/kernel/bytes';
import type { IncoherentAttempt } from '@iotw/protocol/certificate';

/** Device numbers, in the order of their attestations. */
export interface Judgement {
  /** Signed a hash that is not the hash of the header they cite. */
  readonly liars: readonly number[];
  /** Cited the block's header and hashed it right. */
  readonly right: readonly number[];
  /** Right about a header that is not this block's and that nobody has shown. */
  readonly unproven: readonly number[];
}

/**
 * Tells the liars of an incoherent attempt from the rest (spec: clause 8). `trueHash` is the hash of the
 * certified block, recomputed from its body. An honest device refuses a header whose root it can't
 * confirm, so it never signs a hash other than the one it cites: that alone is a lie, whoever asked it.
 */
export function adjudicate(
  attempt: Pick<IncoherentAttempt, 'attestations'>,
  trueHash: Uint8Array,
): Judgement {
  const liars: number[] = [];
  const right: number[] = [];
  const unproven: number[] = [];
  for (const { device, cited, hash } of attempt.attestations) {
    if (!equalBytes(hash, cited)) liars.push(device);
    else if (equalBytes(cited, trueHash)) right.push(device);
    else unproven.push(device);
  }
  return { liars, right, unproven };
}
