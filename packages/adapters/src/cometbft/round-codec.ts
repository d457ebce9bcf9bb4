import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type RoundInput, RoundInputType } from '@iotw/protocol/round';
import { decodeSsz } from '@iotw/protocol/ssz';
import type { Timestamp } from 'cosmjs-types/google/protobuf/timestamp';

/**
 * Rounds as CometBFT carries them: a block holds no transaction or one, the round's input. What was encoded or
 * decoded last is kept, as a block comes back two or three times: what is known of its parts stays with the objects.
 */
export class RoundCodec {
  #last: { readonly bytes: Uint8Array; readonly input: RoundInput } | undefined;

  encode(input: RoundInput): Uint8Array {
    const bytes = RoundInputType.serialize(input);
    this.#last = { bytes, input };
    return bytes;
  }

  /** undefined for a block without a round. Errors: `abci-block-form`, `malformed`. */
  decode(txs: readonly Uint8Array[]): Result<RoundInput | undefined> {
    const [bytes, ...others] = txs;
    if (bytes === undefined) return ok(undefined);
    if (others.length > 0) {
      return fail('abci-block-form', `A block holds ${txs.length} transactions: it holds one round or none.`);
    }
    if (this.#last !== undefined && equalBytes(this.#last.bytes, bytes)) return ok(this.#last.input);
    const input = decodeSsz(RoundInputType, bytes, 'The round');
    if (input.ok) this.#last = { bytes, input: input.value };
    return input;
  }
}

/** The agreed time of a block in ms; fractions are cut off. */
export function timeMsOf({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
}
