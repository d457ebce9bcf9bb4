import { readU64, toHex } from '@iotw/kernel/bytes';
import { envelopeAt } from '@iotw/protocol/body';
import { FIRST_SENDER_CODE } from '@iotw/protocol/result';
import { ENVELOPE } from '@iotw/protocol/transaction';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** A sequence is used at most once per account, and no balance is below zero. */
export class NoDoubleSpend implements Invariant {
  readonly name = 'no-double-spend';
  readonly #used = new Set<string>();

  applied({ ledger, outcome, first }: AppliedRound): void {
    if (!first) return;
    const { number } = outcome.header;
    outcome.applied.forEach(({ body, valid }, i) => {
      for (let k = 0; k < valid.length; k++) {
        const code = outcome.codes[outcome.firstResult[i]! + k]!;
        if (code !== 0 && code < FIRST_SENDER_CODE) continue;
        const envelope = envelopeAt(body, k);
        const sender = toHex(envelope.subarray(ENVELOPE.sender, ENVELOPE.sequence));
        const use = `${sender}/${readU64(envelope, ENVELOPE.sequence)}`;
        if (this.#used.has(use)) throw new Violation(this.name, `round ${number} uses ${use} again`);
        this.#used.add(use);
      }
    });
    for (let account = 0; account < ledger.accounts.rows; account++) {
      const balance = ledger.accounts.balance(account);
      if (!(balance >= 0) || !Number.isSafeInteger(balance))
        throw new Violation(this.name, `account ${account} holds ${balance} after round ${number}`);
    }
  }
}
