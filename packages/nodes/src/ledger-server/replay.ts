import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock, RoundOutcome } from '@iotw/ledger/round-outcome';
import { roundHash } from '@iotw/protocol/round';
import { prepareBlock, readContent } from './prepared-blocks.js';
import type { RoundRecord } from './round-record.js';

/** Takes every signature for valid: for rounds of our own disk, whose checksums and state hashes are checked instead. */
class OwnDisk extends SignatureChecker {
  constructor() {
    super(4);
  }
  override verify(): boolean {
    return true;
  }
}

const OWN_DISK = new OwnDisk();

/** A round that was applied again: its blocks and what came of them. */
export interface ReplayedRound {
  readonly prepared: readonly PreparedBlock[];
  readonly outcome: RoundOutcome;
}

/**
 * Applies a round from this node's own disk (spec: clause 9, restart). With a `checker`, every certificate is
 * verified again; transaction signatures are the audit's task.
 * Errors: `upgrade-needed`, `replay-round` (a block is not what it was), `replay-mismatch` (another outcome than the one stored).
 */
export function replayRound(
  ledger: Ledger,
  record: RoundRecord,
  checker: SignatureChecker = OWN_DISK,
): Result<ReplayedRound> {
  const known = ledger.checkVersion();
  if (!known.ok) return known;
  const prepared: PreparedBlock[] = [];
  let at = 0;
  for (const block of record.input.blocks) {
    const { count } = block.header;
    const verified = {
      ids: record.ids.subarray(32 * at, 32 * (at + count)),
      valid: record.valid.subarray(at, at + count),
    };
    at += count;
    const content = readContent(ledger.network, block, verified);
    if (!content.ok) return damaged(record, content.error.message);
    const one = prepareBlock(ledger, checker, block, content.value);
    if (!one.ok) return damaged(record, one.error.message);
    prepared.push(one.value);
  }
  const verdict = ledger.validateRound(record.input, prepared);
  if (!verdict.ok) return damaged(record, verdict.error.message);
  const outcome = ledger.applyRound(record.input, prepared);
  if (!equalBytes(outcome.hash, roundHash(ledger.network, record.header))) {
    return fail(
      'replay-mismatch',
      `Round ${record.header.number} gives another result than when it was stored: restore a backup.`,
      {
        round: record.header.number,
      },
    );
  }
  return ok({ prepared, outcome });
}

function damaged(record: RoundRecord, why: string): Result<never> {
  return fail(
    'replay-round',
    `Round ${record.header.number} on disk can't be applied: ${why} Restore a backup.`,
    {
      round: record.header.number,
    },
  );
}
