import type { BlockInfo } from '@iotw/sdk/client/chain';
import type { Diversity } from '@iotw/sdk/client/diversity';
import type { ElectionInfo } from '@iotw/sdk/client/elections';
import type { TransactionInfo } from '@iotw/sdk/client/transactions';
import type { Check } from '@iotw/sdk/verify/checks';

/** What is to be verified, by the name in the page's address: a server that answers with another thing is found out. */
export type Subject =
  | { readonly kind: 'transaction'; readonly id: string }
  | {
      readonly kind: 'block';
      readonly lane: number;
      readonly height: number;
      /** Where the address names a hash. */
      readonly hash?: string;
    }
  | { readonly kind: 'epoch'; readonly epoch: number };

/** To the worker, in this order: what to gather proofs of, then what the page shows of it. */
export type ToWorker =
  | {
      readonly begin: Subject;
      /** Of the API server. */
      readonly url: string;
      /** Network id in hex that this browser knows; the first one met is believed without it. */
      readonly network: string | undefined;
    }
  | { readonly shown: Shown };

/** From the worker: the API's paths that it awaits, none while it computes, or how it ended. */
export type FromWorker =
  | { readonly awaits: readonly string[] }
  | { readonly report: VerifyReport }
  | { readonly broken: string };

/** The server's JSON that a page is made of. */
export type Shown = ShownTransaction | ShownBlock | ShownEpoch;

/** Holds what a page shows against what was proven. */
export type Compare<T extends Shown> = (shown: T) => VerifyReport;

export type ShownTransaction = Pick<
  TransactionInfo,
  'id' | 'code' | 'status' | 'fee' | 'round' | 'timeMs' | 'block' | 'transaction'
> & {
  /** Undefined where the server gave none. */
  readonly election: ShownElection | undefined;
};

/** Who the page says was elected, who answered, and how diverse they are. */
export interface ShownElection {
  readonly eligible: number;
  readonly diversity: Omit<Diversity, 'clouds'>;
  readonly ranks: readonly ShownRank[];
}

/** `answer`: what the certificate says of it, such as `miner`. */
export type ShownRank = Omit<ElectionInfo['ranks'][number], 'attempt'>;

export type ShownBlock = Pick<
  BlockInfo,
  'hash' | 'round' | 'timeMs' | 'header' | 'certificate' | 'transactions'
> & {
  readonly election: ShownElection | undefined;
};

export interface ShownEpoch {
  readonly epoch: number;
  readonly seed: string;
  readonly mode: string;
  readonly poolRoot: string;
  readonly poolDevices: number;
  /** Round that opened it; null where the server has not kept it. */
  readonly startRound: number | null;
}

/**
 * `true`: every check passed. `partly`: none failed, and what some need was not to be had. `no-effect`: genuine, and the
 * transaction failed. `false`: something is not what it is said to be. `unknown`: there was nothing to verify.
 */
export type Verdict = 'true' | 'partly' | 'no-effect' | 'false' | 'unknown';

export interface ReportCheck extends Check {
  /** Which of the steps that a person sees it belongs to. */
  readonly step: Step;
  /** Where the report is of several things: `epoch 3`, `round 17`. */
  readonly subject?: string;
}

/** What is checked, in the order in which it is shown. */
export const STEPS = [
  'network',
  'signature',
  'path',
  'certificate',
  'election',
  'round',
  'result',
  'shown',
] as const;
export type Step = (typeof STEPS)[number];

export interface VerifyReport {
  readonly verdict: Verdict;
  readonly checks: readonly ReportCheck[];
  /** Network id in hex that the genesis has; undefined where there was none. */
  readonly network: string | undefined;
  /** Who could have known the seed early, where a receipt tells. */
  readonly randomness?: string;
}

const STEP_OF: Readonly<Record<string, Step>> = {
  network: 'network',
  genesis: 'network',
  signers: 'network',
  envelope: 'signature',
  'transaction-signature': 'signature',
  'transaction-id': 'signature',
  receipt: 'signature',
  'transaction-path': 'path',
  'block-path': 'path',
  body: 'path',
  root: 'path',
  'lane-signature': 'certificate',
  votes: 'certificate',
  coherence: 'certificate',
  'pool-root': 'election',
  'pool-mode': 'election',
  'pool-anchor': 'election',
  'pool-votes': 'election',
  pool: 'election',
  seed: 'election',
  committee: 'election',
  'round-signatures': 'round',
  'round-version': 'round',
  commit: 'round',
  'commit-round': 'round',
  epoch: 'round',
  'result-path': 'result',
  results: 'result',
  expiry: 'result',
  result: 'result',
};

/** The step of a check by its name; what is new belongs to the round. */
export function stepOf(name: string): Step {
  if (name.startsWith('shown-')) return 'shown';
  return STEP_OF[name] ?? (name.startsWith('seed') ? 'election' : 'round');
}

export function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.length === 0) return 'unknown';
  const failed = checks.filter(({ state }) => state === 'fail');
  if (failed.some(({ name }) => name !== 'result')) return 'false';
  if (failed.length > 0) return 'no-effect';
  return checks.some(({ state }) => state === 'unchecked') ? 'partly' : 'true';
}
