/** The running devnet at one moment: what the terminal shows and `devnet --json` prints. */
export interface DevnetSnapshot {
  /** Since the start of this run, ms. */
  readonly elapsedMs: number;
  readonly epoch: number;
  readonly round: number;
  /** Final since the start of this run. */
  readonly transactions: number;
  readonly blocks: number;
  /** Over the last few seconds. */
  readonly recent: DevnetRecent;
  readonly devices: DevnetDevices;
  readonly rewards: DevnetRewards;
  /** undefined: no orders are replayed. */
  readonly orders: DevnetOrders | undefined;
  readonly apiUrl: string;
  readonly docsUrl: string;
  /** One line that matters now: what is started, what went wrong. */
  readonly notice?: string;
}

export interface DevnetRecent {
  readonly transactionsPerSecond: number;
  /** From submission to the durable receipt, ms; undefined where nothing became final. */
  readonly finalityP50Ms: number | undefined;
  readonly finalityP99Ms: number | undefined;
  readonly transactionsPerBlock: number | undefined;
  /** Different owners, makers and regions of one committee, as a mean; undefined where no block was mined. */
  readonly diversity:
    | {
        readonly members: number;
        readonly owners: number;
        readonly makers: number;
        readonly regions: number;
      }
    | undefined;
}

export interface DevnetDevices {
  readonly registered: number;
  readonly connected: number;
  /** With a presence ticket or work in the running epoch. */
  readonly present: number;
  /** Assignments answered and missed since the start of this run. */
  readonly answered: number;
  readonly missed: number;
}

/** Base units. */
export interface DevnetRewards {
  /** undefined before the first epoch of this run has ended. */
  readonly lastEpoch: { readonly epoch: number; readonly paid: number; readonly devices: number } | undefined;
  /** Since the genesis. */
  readonly total: number;
}

export interface DevnetOrders {
  readonly state: 'running' | 'finished';
  readonly invoicesDone: number;
  readonly invoicesTotal: number;
  /** Operations that became final. */
  readonly trades: number;
  readonly refunds: number;
  /** Transactions that were refused, by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Lines that can't be replayed, by reason (orders/plan-tally). */
  readonly notReplayed: Readonly<Record<string, number>>;
  /** Passes through the file that are over; only with --loop. */
  readonly loops?: number;
}
