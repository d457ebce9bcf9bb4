import type { Result } from '@iotw/kernel/result';
import type { Connection } from '@iotw/sdk/client/connection';

/** What a transaction of the wallet is for, as the wallet shows it. */
export type Purpose =
  | { readonly kind: 'send'; readonly to: string; readonly amount: number; readonly memo: string }
  | { readonly kind: 'device'; readonly act: DeviceAct; readonly device: string }
  /** Of the operator console; `what` names it, such as `#7`. */
  | { readonly kind: 'operate'; readonly act: OperatorAct; readonly what: string };

export type OperatorAct = 'propose' | 'vote' | 'batch' | 'register' | 'revoke' | 'fund' | 'appeal';
export type DeviceAct = 'join' | 'claim' | 'release' | 'handover' | 'consent';

/**
 * How far a transaction is. `drafted`: it has its sequence number, nobody has signed it. `sent`: it was signed and may be on its
 * way. The others are ends: `final` (it took effect), `failed` (a round holds it without effect), `expired` (it can't be included any more),
 * `refused` (no node took it).
 */
export type PaymentStatus = 'drafted' | 'sent' | 'final' | 'failed' | 'expired' | 'refused';

/** One transaction of this wallet, kept until its end is known and after. */
export interface Payment {
  /** Chosen once for what the person wants: asking again with it never makes a second transaction. */
  readonly reference: string;
  /** Hex. */
  readonly sender: string;
  readonly sequence: number;
  /** Agreed time, ms. */
  readonly expiryMs: number;
  readonly purpose: Purpose;
  readonly status: PaymentStatus;
  /** Name of the result, or why it was refused. */
  readonly code: string | undefined;
  /** Hex; from `sent` on. */
  readonly id: string | undefined;
  readonly envelope: Uint8Array | undefined;
  /** This machine's clock, for the order of the list alone. */
  readonly createdMs: number;
}

/** Where payments are kept: the browser's database, memory in tests. */
export interface PaymentStore {
  /** Errors: `wallet-storage`. */
  list(): Promise<Result<readonly Payment[]>>;
  /** Errors: `wallet-storage`. */
  get(reference: string): Promise<Result<Payment | undefined>>;
  /** Durable when it resolves. Errors: `wallet-storage` (full or blocked; the older record stands). */
  put(payment: Payment): Promise<Result<void>>;
  /** Errors: `wallet-storage`. */
  remove(reference: string): Promise<Result<void>>;
}

/** What tabs agree by: the browser's Web Locks, or a queue in tests. */
export interface TabLocks {
  /** Runs `work` alone under `name` among all tabs. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** As `alone`, but gives undefined at once where another tab holds the name. */
  tryAlone<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
}

/** Whether nothing more can come of it. */
export function isOver({ status }: Payment): boolean {
  return status !== 'drafted' && status !== 'sent';
}

/** What the flows stand on. */
export interface WalletPorts {
  readonly connection: Connection;
  readonly payments: PaymentStore;
  readonly locks: TabLocks;
  /** Has the bytes signed by a person. Codes: those of the signer. */
  readonly sign: (
    account: number,
    transaction: Uint8Array,
  ) => Promise<Result<{ readonly id: Uint8Array; readonly envelope: Uint8Array }>>;
  /** Told of each change of a payment. */
  readonly changed: (payment: Payment) => void;
}

/** The lock of a payment: a living tab holds it from draft to end. */
export function paymentLock(reference: string): string {
  return `iotw-payment-${reference}`;
}
