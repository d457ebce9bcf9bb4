import { toHex } from '@iotw/kernel/bytes';
import type { Genesis } from '@iotw/protocol/genesis';
import { type ReferenceRound, referenceFee, referenceMoves } from '../reference/reference-ledger.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Every balance is what the genesis gave, what transactions moved and cost, and what epochs paid; looked at at each epoch's end. */
export class BalancesExplained implements Invariant {
  readonly name = 'balances-explained';
  readonly #balances = new Map<string, number>();
  readonly #trustAccounts: ReadonlySet<string>;

  constructor(genesis: Genesis) {
    for (const { key, amount } of genesis.accounts) this.#balances.set(toHex(key), amount);
    this.#trustAccounts = new Set(genesis.trustNodes.map(({ account }) => toHex(account)));
  }

  applied({ ledger, outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    if (!first) return;
    const keyOf = (account: number | string): string =>
      typeof account === 'string' ? account : toHex(ledger.accounts.key(account));
    for (const entry of reference!.transactions) {
      const { transaction, code } = entry;
      const sender = toHex(transaction.sender);
      const { fee } = referenceFee(entry, reference!.parameters, this.#trustAccounts.has(sender));
      this.#add(sender, -fee);
      if (code !== 0) continue;
      for (const operation of transaction.operations) {
        const move = referenceMoves(operation, transaction.sender);
        if (move === undefined) continue;
        this.#add(move.from, -move.amount);
        this.#add(keyOf(move.to), move.amount);
      }
    }
    const { edge } = outcome;
    if (edge === undefined) return;
    const owed = reference!.settlement!;
    const { owner, key } = ledger.devices.col;
    for (const [device, amount] of owed.devices) {
      const unclaimed = owner[device] === 0xffff_ffff;
      this.#add(
        unclaimed ? toHex(key.subarray(32 * device, 32 * device + 32)) : keyOf(owner[device]!),
        amount,
      );
    }
    for (const [node, amount] of owed.trustNodes)
      this.#add(keyOf(ledger.trustNodes.read(node)!.account), amount);
    for (let account = 0; account < ledger.accounts.rows; account++) {
      const [holds, explained] = [ledger.accounts.balance(account), this.#balances.get(keyOf(account)) ?? 0];
      if (holds !== explained)
        throw new Violation(
          this.name,
          `account ${account} holds ${holds} after epoch ${edge.ended}, its history says ${explained}`,
        );
    }
  }

  #add(key: string, amount: number): void {
    this.#balances.set(key, (this.#balances.get(key) ?? 0) + amount);
  }
}
