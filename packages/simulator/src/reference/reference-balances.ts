import { toHex } from '@iotw/kernel/bytes';
import type { Ledger } from '@iotw/ledger/ledger';
import type { Genesis } from '@iotw/protocol/genesis';
import { type Operation, TRADE_SIDE } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import { FIRST_SENDER_CODE, RESULT_CODES } from '@iotw/protocol/result';
import type { ReferenceSettlement, ReferenceTransaction } from './reference-round.js';

/** Every account's money (clause 10): what the genesis gave, transactions moved and cost, and epochs paid. By key in hex. */
export class ReferenceBalances {
  readonly #balances = new Map<string, number>();
  readonly #trustAccounts: ReadonlySet<string>;

  constructor(genesis: Genesis) {
    for (const { key, amount } of genesis.accounts) this.#balances.set(toHex(key), amount);
    this.#trustAccounts = new Set(genesis.trustNodes.map(({ account }) => toHex(account)));
  }

  of(key: string): number {
    return this.#balances.get(key) ?? 0;
  }

  transactions(entries: readonly ReferenceTransaction[], parameters: Parameters, ledger: Ledger): void {
    const keyOf = (account: number | string): string =>
      typeof account === 'string' ? account : toHex(ledger.accounts.key(account));
    for (const entry of entries) {
      const { transaction, code, leftOut } = entry;
      const sender = toHex(transaction.sender);
      const { fee } = referenceFee(entry, parameters, this.#trustAccounts.has(sender));
      this.#add(sender, -fee);
      if (code !== 0) continue;
      for (const { to, amount } of leftOut) this.#add(to, amount);
      for (const operation of transaction.operations) {
        const move = referenceMoves(operation, transaction.sender);
        if (move === undefined) continue;
        this.#add(move.from, -move.amount);
        this.#add(keyOf(move.to), move.amount);
      }
    }
  }

  /** Pays an ended epoch. `payee`: key in hex of the account that is paid for a device. */
  settle(owed: ReferenceSettlement, payee: (device: number) => string, ledger: Ledger): void {
    for (const [device, amount] of owed.devices) this.#add(payee(device), amount);
    for (const [node, amount] of owed.trustNodes)
      this.#add(toHex(ledger.accounts.key(ledger.trustNodes.read(node)!.account)), amount);
  }

  #add(key: string, amount: number): void {
    this.#balances.set(key, this.of(key) + amount);
  }
}

function part(amount: number, bps: number): number {
  return Number((BigInt(amount) * BigInt(bps)) / 10_000n);
}

/** Base units that the sender of a transaction pays, and what its operations move; by clause 10.1. */
function referenceFee(
  { transaction, code }: ReferenceTransaction,
  parameters: Parameters,
  isTrustAccount: boolean,
): { readonly fee: number } {
  if (code !== 0 && (code < FIRST_SENDER_CODE || code === RESULT_CODES['fee-unpaid'])) return { fee: 0 };
  const { operations } = transaction;
  const free = isTrustAccount && operations.every(({ type }) => type === 'presence' || type === 'ticket');
  const floor = free ? 0 : parameters.feeFloor + parameters.feePerOperation * operations.length;
  if (code !== 0) return { fee: floor };
  const moved = operations.reduce(
    (sum, operation) => sum + ('amount' in operation ? operation.amount : 0),
    0,
  );
  return { fee: floor + part(moved, parameters.feeBps) };
}

/** Who loses and who wins by an operation that applied: keys in hex, or an account's number. */
function referenceMoves(
  operation: Operation,
  sender: Uint8Array,
): { readonly from: string; readonly to: string | number; readonly amount: number } | undefined {
  const self = toHex(sender);
  switch (operation.type) {
    case 'transfer':
      return { from: self, to: operation.to, amount: operation.amount };
    case 'transferToKey':
      return { from: self, to: toHex(operation.to), amount: operation.amount };
    case 'trade': {
      const other = toHex(operation.counterparty);
      const buys = operation.side === TRADE_SIDE.buyer;
      return { from: buys ? self : other, to: buys ? other : self, amount: operation.amount };
    }
    default:
      return undefined;
  }
}
