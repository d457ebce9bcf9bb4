import { assert } from '@iotw/kernel/assert';
import { readU32, readU64 } from '@iotw/kernel/bytes';
import { mulDivFloor } from '@iotw/kernel/wide';
import { OP } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { EnvelopeReader } from './envelope-reader.js';
import { trade } from './operations/trade.js';
import { transfer } from './operations/transfer.js';
import { transferToKey } from './operations/transfer-to-key.js';
import type { State } from './state.js';
import { sequenceCode, useSequence } from './tables/sequences.js';
import type { VersionRules, VersionTable } from './version-rules.js';

const BASIS_POINTS = 10_000;

/** Applies transactions one after another; `code` and `fee` hold what became of the last. */
export class TransactionApplier {
  code = 0;
  /** Base units taken from the sender (or the lane). */
  fee = 0;
  readonly #state: State;
  readonly #versions: VersionTable;
  readonly #reader = new EnvelopeReader();

  constructor(state: State, versions: VersionTable) {
    this.#state = state;
    this.#versions = versions;
  }

  /** By the version of the round that is being applied; it was validated, so the version is known. */
  get #rules(): VersionRules {
    const rules = this.#versions.get(this.#state.upgrades.version);
    assert(rules !== undefined, 'the round was validated');
    return rules;
  }

  /**
   * Applies the envelope in b[start, stop), included by `lane` (spec: clause 4, "result").
   * `ids` holds the ids of the round's results one after another, this one's at `idAt`; the ids of the
   * same block begin at `blockIdsAt`. `valid`: the signature was verified and is good.
   *
   * Until the sequence is used the lane pays the floor fee of one envelope for what it included in
   * vain; from there on the sender pays floor and, on success, basis points of what was moved.
   */
  apply(
    b: Uint8Array,
    start: number,
    stop: number,
    lane: number,
    valid: boolean,
    ids: Uint8Array,
    idAt: number,
    blockIdsAt: number,
  ): void {
    const state = this.#state;
    const code = this.#admit(b, start, stop, valid, ids, idAt, blockIdsAt);
    if (code !== 0) {
      this.code = code;
      this.fee = state.chargeLane(lane, state.parameters.feeFloor);
      return;
    }
    const { accounts, journal, parameters, rewards, sender } = state;
    const reader = this.#reader;
    journal.balance(sender);
    useSequence(accounts, sender, state.sequence);
    const free = reader.ticketsOnly && state.trustNodes.hasAccount(sender);
    const floor = free ? 0 : parameters.feeFloor + parameters.feePerOperation * reader.count;
    if (accounts.balance(sender) < floor) {
      this.code = RESULT_CODES['fee-unpaid'];
      this.fee = state.chargeLane(lane, floor);
      return;
    }
    if (floor > 0) accounts.setBalance(sender, accounts.balance(sender) - floor);
    this.fee = floor;
    if (floor > 0) rewards.collect(floor);

    state.ids = ids;
    state.idAt = idAt;
    state.moved = 0;
    state.tradeRow = -1;
    journal.begin();
    this.code = this.#operations(b);
    if (this.code === 0 && state.moved > 0) {
      const share = mulDivFloor(state.moved, parameters.feeBps, BASIS_POINTS);
      if (accounts.balance(sender) < share) {
        this.code = RESULT_CODES['balance-too-low'];
      } else if (share > 0) {
        accounts.setBalance(sender, accounts.balance(sender) - share);
        rewards.collect(share);
        this.fee = floor + share;
      }
    }
    if (this.code === 0) journal.commit();
    else journal.rollback();
  }

  /** 0 where the sender's sequence may be used, else the code that the lane pays for. */
  #admit(
    b: Uint8Array,
    start: number,
    stop: number,
    valid: boolean,
    ids: Uint8Array,
    idAt: number,
    blockIdsAt: number,
  ): number {
    const state = this.#state;
    if (!this.#reader.read(b, start, stop)) return RESULT_CODES['transaction-malformed'];
    if (!valid) return RESULT_CODES['signature-invalid'];
    if (readU64(b, start + ENVELOPE.expiryMs) < state.timeMs) return RESULT_CODES['transaction-expired'];
    const sender = state.accounts.find(b, start + ENVELOPE.sender);
    if (sender === -1) return RESULT_CODES['sender-unknown'];
    const sequence = readU64(b, start + ENVELOPE.sequence);
    const code = sequenceCode(state.accounts, sender, sequence);
    if (code === RESULT_CODES['sequence-used'] && isDoubled(ids, idAt, blockIdsAt)) {
      return RESULT_CODES['transaction-duplicate'];
    }
    state.sender = sender;
    state.sequence = sequence;
    return code;
  }

  /**
   * 0, or the code of the first operation that does not apply. In a transaction of nothing but
   * tickets (of presence, for an election) each ticket stands alone: a bad one is passed over (it changes nothing), so that one device
   * can't keep the devices that share its host's transaction out of the pool; the code is 0 if any was good.
   */
  #operations(b: Uint8Array): number {
    const state = this.#state;
    const reader = this.#reader;
    const { count, first, end } = reader;
    let at = first + 4 * count;
    let good = 0;
    let firstBad = 0;
    for (let i = 0; i < count; i++) {
      const next = i + 1 < count ? first + readU32(b, first + 4 * (i + 1)) : end;
      let code: number;
      state.operation = i;
      switch (b[at]) {
        case OP.transfer:
          code = transfer(state, b, at + 1);
          break;
        case OP.transferToKey:
          code = transferToKey(state, b, at + 1);
          break;
        case OP.trade:
          code = trade(state, b, at + 1, next - at - 1);
          break;
        default:
          code = this.#rules.applyDecoded(state, reader.decoded[i]!);
      }
      if (code === 0) good += 1;
      else if (!reader.ticketsOnly) return code;
      else if (firstBad === 0) firstBad = code;
      at = next;
    }
    return good > 0 ? 0 : firstBad;
  }
}

/** Whether the id at `idAt` stands in its block already. */
function isDoubled(ids: Uint8Array, idAt: number, blockIdsAt: number): boolean {
  for (let at = blockIdsAt; at < idAt; at += 32) {
    let i = 0;
    while (i < 32 && ids[at + i] === ids[idAt + i]) i++;
    if (i === 32) return true;
  }
  return false;
}
