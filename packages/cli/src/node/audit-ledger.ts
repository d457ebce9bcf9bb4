import { equalBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import type { TransactionVerifier, VerifiedRun } from '@iotw/kernel/ports/verifier';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { recordOf } from '@iotw/nodes/ledger-server/record-of';
import { replayRound } from '@iotw/nodes/ledger-server/replay';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { readBody } from '@iotw/protocol/body';
import type { Genesis } from '@iotw/protocol/genesis';
import { roundHash } from '@iotw/protocol/round';
import { KeptRoundAudit } from './audit-kept.js';

/** How far an audit has come. */
export interface AuditProgress {
  /** The round that was verified last; those it verified. */
  readonly round: number;
  readonly rounds: number;
  readonly blocks: number;
  /** Transactions whose signatures were verified. */
  readonly transactions: number;
  /** Of them unsigned or unreadable, as their results say: the lane paid for them. */
  readonly invalid: number;
  /** Ed25519 signatures that were verified: of transactions, what is signed inside them, certificates, votes and rounds. */
  readonly signatures: number;
}

export interface AuditOptions {
  /** First round to verify; those before it are only applied and compared by their state hashes. 1 unless given. */
  readonly from?: number;
  /**
   * Of a pruned ledger: the state to start from, which is believed. Rounds up to it are only held together by their hashes, and
   * their signatures verified.
   */
  readonly start?: Ledger | undefined;
  /** Hears of each of those rounds. */
  readonly onKept?: (record: RoundRecord) => Promise<Result<void>>;
  /** Whether the audit is to end after the round it is at. */
  readonly stopped?: () => boolean;
  /**
   * Hears of the ledger before its first round, and after each verified round with the record that the replay gave: what
   * was stored of its results is not in it. Transaction signatures of the round may still be under way.
   */
  readonly onLedger?: (ledger: Ledger) => void;
  readonly onRound?: (record: RoundRecord, outcome: RoundOutcome) => Promise<Result<void>>;
}

export interface AuditReport extends AuditProgress {
  /** State hash after the last round; every ledger server of the network has the same. */
  readonly stateHash: Uint8Array;
  /** Base units everywhere, counted afresh. */
  readonly supply: number;
}

/** Envelopes given to the workers and not yet answered: enough to keep them busy, far below the pool's bound. */
const MOST_WAITING = 8_192;
const CHECKER_ENTRIES = 4_096;

/**
 * Verifies a ledger's rounds from its genesis on, trusting nothing in them: every transaction's signature and id
 * (by `verifier`), every certificate, vote and miss, every round's order, outcome and ledger server's signature, and
 * at the end the supply. `onProgress` hears of every verified round. An audit that was stopped says where the next
 * one may go on (data.from): what is before that was verified then, and its state hashes hold it together.
 * Of a pruned ledger it starts from a state (`start`). Codes: those of KeptRoundAudit, `audit-no-rounds`, `audit-from` (there is no such round), `audit-stopped`, `audit-gap`, `audit-signature` (what was stored of a transaction is not true),
 * `audit-round-signature`, `audit-results`, `audit-supply`, and those of replayRound and of `onRound`.
 */
export async function auditLedger(
  rounds: Iterable<RoundRecord> | AsyncIterable<RoundRecord>,
  genesis: Genesis,
  verifier: TransactionVerifier,
  onProgress: (progress: AuditProgress) => void,
  options: AuditOptions = {},
): Promise<Result<AuditReport>> {
  const signatures = new SignatureAudit(verifier);
  try {
    return await auditRounds(rounds, genesis, signatures, onProgress, options);
  } finally {
    // Also where a fault was found: the verifier is still at work, and may be closed next.
    await signatures.end();
  }
}

async function auditRounds(
  rounds: Iterable<RoundRecord> | AsyncIterable<RoundRecord>,
  genesis: Genesis,
  signatures: SignatureAudit,
  onProgress: (progress: AuditProgress) => void,
  { from = 1, stopped = () => false, start, onKept, onLedger, onRound }: AuditOptions,
): Promise<Result<AuditReport>> {
  const checker = new SignatureChecker(CHECKER_ENTRIES);
  const ledger = start ?? Ledger.genesis(genesis, { checker });
  const before = { round: start?.round ?? 0, audit: new KeptRoundAudit(ledger) };
  const count = { round: 0, rounds: 0, blocks: 0, transactions: 0, invalid: 0, signatures: 0 };
  /** Signatures of rounds; and those that the checker saw in rounds that were only applied. */
  let checkedBeside = 0;
  let checkedBefore = 0;
  onLedger?.(ledger);
  for await (const record of rounds) {
    const { number } = record.header;
    if (number <= before.round) {
      if (stopped()) return stoppedAt(number, await signatures.end());
      const given = number < from ? ok(undefined) : await signatures.give(record);
      if (!given.ok) return given;
      const kept = before.audit.check(record);
      if (!kept.ok) return kept;
      const heard = await onKept?.(record);
      if (heard?.ok === false) return heard;
      if (number < from) continue;
      addRound(count, record);
      checkedBeside += record.signatures.length;
      count.signatures = count.transactions + checkedBeside;
      onProgress(count);
      continue;
    }
    if (number !== ledger.round + 1) {
      return fail(
        'audit-gap',
        `Round ${ledger.round + 1} is not on disk, but ${number} is: audit a server that fetched every block, or restore a backup.`,
      );
    }
    if (number < from) {
      const applied = replayRound(ledger, record);
      if (!applied.ok) return applied;
      checkedBefore = checker.stats.misses;
      continue;
    }
    if (stopped()) return stoppedAt(number, await signatures.end());
    const given = await signatures.give(record);
    if (!given.ok) return given;
    const replayed = replayRound(ledger, record, checker);
    if (!replayed.ok) return replayed;
    const signed = checkRoundSignatures(ledger, record);
    if (!signed.ok) return signed;
    const { prepared, outcome } = replayed.value;
    const again = recordOf(record.input, prepared, outcome, record.signatures);
    const same = checkResults(record, again);
    if (!same.ok) return same;
    const heard = await onRound?.(again, outcome);
    if (heard?.ok === false) return heard;
    addRound(count, record);
    checkedBeside += record.signatures.length;
    count.signatures = count.transactions + checkedBeside + checker.stats.misses - checkedBefore;
    onProgress(count);
  }
  if (count.rounds === 0 && ledger.round > 0) {
    return fail('audit-from', `There is no round ${from}: the last one on this disk is ${ledger.round}.`, {
      last: ledger.round,
    });
  }
  if (count.rounds === 0) {
    return fail(
      'audit-no-rounds',
      'There is no round on this disk: the ledger has not begun, or this is another directory.',
    );
  }
  const settled = await signatures.end();
  if (!settled.ok) return settled;
  const supply = ledger.countSupply();
  if (supply !== ledger.chain.supply) {
    return fail(
      'audit-supply',
      `The balances sum to ${supply} base units, the supply is ${ledger.chain.supply}.`,
    );
  }
  return ok({ ...count, stateHash: ledger.stateHash, supply });
}

function addRound(
  count: { -readonly [K in keyof AuditProgress]: AuditProgress[K] },
  record: RoundRecord,
): void {
  count.round = record.header.number;
  count.rounds += 1;
  count.blocks += record.input.blocks.length;
  count.transactions += record.valid.length;
  for (const flag of record.valid) count.invalid += 1 - flag;
}

/** All before `next` are verified, unless one of the signatures that were under way is bad. */
function stoppedAt(next: number, settled: Result<void>): Result<never> {
  if (!settled.ok) return settled;
  return fail('audit-stopped', `Stopped: every round before ${next} is right. Go on with --from ${next}.`, {
    from: next,
  });
}

/** Every signature that is there must be good, and there must be one. Keys are those after the round. */
function checkRoundSignatures(ledger: Ledger, record: RoundRecord): Result<void> {
  const { header, signatures } = record;
  const hash = roundHash(ledger.network, header);
  const good = signatures.filter(({ server, signature }) => {
    const node = ledger.ledgerServers.read(server);
    return node !== undefined && verify(signature, hash, node.key);
  });
  if (good.length > 0 && good.length === signatures.length) return ok(undefined);
  return fail(
    'audit-round-signature',
    `Round ${header.number} is not signed by the ledger servers it names.`,
    {
      round: header.number,
    },
  );
}

/** The stored results are what receipts are made of; the round's header holds their root alone. */
function checkResults(stored: RoundRecord, again: RoundRecord): Result<void> {
  const same = (['order', 'codes', 'fees'] as const).every((part) => equalBytes(stored[part], again[part]));
  if (same) return ok(undefined);
  const { number } = stored.header;
  return fail('audit-results', `Round ${number} was stored with other results than it has.`, {
    round: number,
  });
}

/** Transaction signatures on worker threads, a bounded number ahead of the replay. */
class SignatureAudit {
  readonly #verifier: TransactionVerifier;
  #waiting = 0;
  #fault: Result<never> | undefined;
  readonly #open = new Set<Promise<void>>();

  constructor(verifier: TransactionVerifier) {
    this.#verifier = verifier;
  }

  /** Hands a round's transactions over; waits while too many are under way. Gives the first fault found so far. */
  async give(record: RoundRecord): Promise<Result<void>> {
    let at = 0;
    for (const { header, body: bytes } of record.input.blocks) {
      const body = readBody(bytes);
      // The replay refuses such a block with a code of its own.
      if (!body.ok) break;
      const stored = {
        ids: record.ids.subarray(32 * at, 32 * (at + header.count)),
        valid: record.valid.subarray(at, at + header.count),
      };
      at += header.count;
      while (this.#waiting > MOST_WAITING) await Promise.race(this.#open);
      this.#start(record.header.number, body.value, stored);
    }
    return this.#fault ?? ok(undefined);
  }

  /** Resolves when all are verified. */
  async end(): Promise<Result<void>> {
    await Promise.all(this.#open);
    return this.#fault ?? ok(undefined);
  }

  #start(round: number, run: Parameters<TransactionVerifier['verify']>[0], stored: VerifiedRun): void {
    const count = stored.valid.length;
    this.#waiting += count;
    const work = this.#verifier.verify(run).then((found) => {
      this.#waiting -= count;
      this.#open.delete(work);
      if (equalBytes(found.ids, stored.ids) && equalBytes(found.valid, stored.valid)) return;
      this.#fault ??= fail(
        'audit-signature',
        `Round ${round} holds a transaction whose id or signature is not what was stored: restore a backup.`,
        { round },
      );
    });
    this.#open.add(work);
  }
}
