import { readU32, toHex, writeU16, writeU32 } from '@iotw/kernel/bytes';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { UNDECIDED } from '@iotw/nodes/intake/submission';
import { MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';
import { z } from 'zod';
import type { SubmitOutcome } from './backend.js';
import { MAX_BATCH_TRANSACTIONS } from './limits.js';
import { outcomeName } from './submit.js';

const scratch = new Uint32Array(MAX_BATCH_TRANSACTIONS + 1);

/**
 * A batch: a u32 length (little-endian) and that many bytes of one envelope, over and over. The lengths
 * are taken out in place, so `body` (which must be alone in its buffer) becomes the run; nothing is
 * made per transaction. Errors: `batch-malformed`.
 */
export function readBatch(body: Uint8Array): Result<VerifyRun> {
  let from = 0;
  let to = 0;
  let count = 0;
  while (from < body.length) {
    if (count === MAX_BATCH_TRANSACTIONS) {
      return malformed(`it has more than ${MAX_BATCH_TRANSACTIONS} transactions`, count);
    }
    if (from + 4 > body.length) return malformed('it ends inside a length', count);
    const length = readU32(body, from);
    from += 4;
    if (length === 0 || length > MAX_TRANSACTION_BYTES) {
      return malformed(`a transaction has 1 to ${MAX_TRANSACTION_BYTES} bytes, not ${length}`, count);
    }
    if (from + length > body.length) return malformed('it ends inside a transaction', count);
    body.copyWithin(to, from, from + length);
    scratch[count++] = to;
    from += length;
    to += length;
  }
  if (count === 0) return malformed('it holds no transaction', 0);
  scratch[count] = to;
  return ok({ bytes: body.subarray(0, to), offsets: scratch.slice(0, count + 1) });
}

function malformed(what: string, transaction: number): Result<never> {
  return fail(
    'batch-malformed',
    `The batch can't be read at transaction ${transaction}: ${what}. It is a u32 length (little-endian) and an envelope, over and over.`,
    { transaction },
  );
}

/** u32 count, then a u16 code for each, then the 32-byte ids where they are known. */
export function encodeOutcome(outcome: SubmitOutcome): Uint8Array {
  const { count, codes, ids } = outcome;
  const bytes = new Uint8Array(4 + 2 * count + ids.length);
  writeU32(bytes, 0, count);
  for (let i = 0; i < count; i++) writeU16(bytes, 4 + 2 * i, codes[i]!);
  bytes.set(ids, 4 + 2 * count);
  return bytes;
}

export const BatchOutcomeSchema = z
  .object({
    count: z.int(),
    ok: z.int().describe('transactions without a refusal so far'),
    results: z.array(
      z.object({
        id: z.string().nullable().describe('null where it is not known yet'),
        code: z.string().describe('`ok`, `undecided` or why it failed'),
      }),
    ),
  })
  .meta({ id: 'BatchOutcome' });

/** The same for people. */
export function outcomeToJson(outcome: SubmitOutcome): z.infer<typeof BatchOutcomeSchema> {
  const { count, codes, ids } = outcome;
  let good = 0;
  const results = Array.from({ length: count }, (_, i) => {
    const code = codes[i]!;
    if (code === 0 || code === UNDECIDED) good++;
    const id = ids.subarray(32 * i, 32 * i + 32);
    return {
      id: id.length === 32 && id.some((byte) => byte !== 0) ? toHex(id) : null,
      code: code === UNDECIDED ? 'undecided' : outcomeName(code),
    };
  });
  return { count, ok: good, results };
}
