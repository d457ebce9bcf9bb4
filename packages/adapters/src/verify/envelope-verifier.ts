import { assert } from '@iotw/kernel/assert';
import { verify } from '@iotw/kernel/ed25519';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { checkEnvelopeFrame, ENVELOPE, transactionId } from '@iotw/protocol/transaction';

export const ID_BYTES = 32;

/** A run whose offsets do not ascend within its bytes is a bug of the caller. Returns the count. */
export function assertRun(run: VerifyRun): number {
  const { bytes, offsets } = run;
  const count = offsets.length - 1;
  assert(count >= 0, 'a run has count + 1 offsets');
  for (let i = 0; i < count; i++) assert(offsets[i]! <= offsets[i + 1]!, 'the offsets of a run ascend');
  assert(offsets[count]! <= bytes.length, 'the offsets of a run lie within its bytes');
  return count;
}

/** Verifies the envelopes of one network where they lie (spec: clauses 2 and 4). */
export class EnvelopeVerifier {
  readonly #network: Uint8Array;

  /** `network`: the 32-byte network id. */
  constructor(network: Uint8Array) {
    assert(network.length === 32, 'a network id has 32 bytes');
    this.#network = Uint8Array.from(network);
  }

  /**
   * Writes to `ids` (32 bytes an envelope, zeroed by the caller) and `valid` what the port's
   * VerifiedRun says of each envelope.
   */
  verifyRun(run: VerifyRun, ids: Uint8Array, valid: Uint8Array): void {
    const { bytes, offsets } = run;
    for (let i = 0; i < valid.length; i++) {
      const envelope = bytes.subarray(offsets[i]!, offsets[i + 1]!);
      valid[i] = this.#verifyEnvelope(envelope, ids, i * ID_BYTES) ? 1 : 0;
    }
  }

  #verifyEnvelope(envelope: Uint8Array, ids: Uint8Array, at: number): boolean {
    if (!checkEnvelopeFrame(envelope).ok) return false;
    const id = transactionId(this.#network, envelope.subarray(ENVELOPE.transaction));
    ids.set(id, at);
    const signature = envelope.subarray(ENVELOPE.signature, ENVELOPE.transaction);
    return verify(signature, id, envelope.subarray(ENVELOPE.sender, ENVELOPE.sequence));
  }
}
