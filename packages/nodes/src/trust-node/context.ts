import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Failure } from '@iotw/kernel/result';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { ChainView } from '../chain-view.js';
import type { NodeEffect } from '../effects.js';
import type { HeldKeys } from '../held-keys.js';
import type { Submission } from '../intake/submission.js';
import type { SilentHosts } from './silent-hosts.js';

export interface TrustNodeLimits {
  /** Transactions waiting for a block; a power of two; more are refused with `intake-full`. */
  readonly queueCapacity: number;
  /** A block leaves when this many transactions wait for it. */
  readonly blockTarget: number;
  /** Most transactions in one block; at most MAX_BLOCK_TRANSACTIONS. */
  readonly blockMost: number;
  /** Longest wait for a block to fill while the node is busy, ms. */
  readonly lingerMs: number;
  /** Least time before a slow device's seat is doubled, ms. */
  readonly minHedgeMs: number;
  /** Time after which an unanswered message is sent again, ms. */
  readonly resendMs: number;
  /** Attempts that ask devices before trust nodes alone may complete a block. */
  readonly deviceAttempts: number;
  /** Answers a host remembers, so that a repeated assignment is answered without the device. */
  readonly hostSlots: number;
  /** Proposals of one lane that may wait for the one below them. */
  readonly waitingProposals: number;
  /** Presence tickets in one transaction, and how long the first one waits, ms. */
  readonly ticketsPerTransaction: number;
  readonly ticketLingerMs: number;
  /** Tickets waiting; more are dropped, the device sends again. */
  readonly maxTickets: number;
}

export const DEFAULT_TRUST_NODE_LIMITS: TrustNodeLimits = {
  queueCapacity: 16_384,
  blockTarget: 1_024,
  blockMost: 1_024,
  lingerMs: 30,
  minHedgeMs: 20,
  resendMs: 500,
  deviceAttempts: 2,
  hostSlots: 1_024,
  waitingProposals: 64,
  ticketsPerTransaction: 128,
  ticketLingerMs: 250,
  maxTickets: 16_384,
};

/** What the parts of one trust node share. */
export interface TrustNodeContext {
  readonly network: Uint8Array;
  /** Index of the trust node, and of its lane. */
  readonly index: number;
  readonly held: HeldKeys;
  /** Those of `held` that the ledger lists, as far as the node has heard. */
  readonly keys: KeyPair;
  /** Pays for and sends the node's own transactions (presence tickets, evidence). */
  readonly accountKeys: KeyPair;
  /** The rounds lie on the same disk: see records. */
  readonly keptByRounds: boolean;
  readonly limits: TrustNodeLimits;
  readonly checker: SignatureChecker;
  readonly view: ChainView;
  readonly silentHosts: SilentHosts;
  /** Versions of the protocol that this software knows; those of the product where it is left out. */
  readonly versions?: readonly number[] | undefined;
}

export type TrustNodeEffect =
  | NodeEffect
  /** Publish an assignment to a device connected here (hex of its key). */
  | { readonly kind: 'deliver'; readonly device: string; readonly assignment: Uint8Array }
  /** Every transaction of the submission has its code. */
  | { readonly kind: 'decided'; readonly submission: Submission }
  /** Every transaction of the submission is covered by a certificate. */
  | { readonly kind: 'certified'; readonly submission: Submission }
  /** A block has left: the intake turns to the next lane. */
  | { readonly kind: 'block-left' }
  /**
   * What a ledger server told is not followed: `version-unknown`, and where the node was to begin by it `view-invalid`, or
   * `node-key-wrong`, which only its operator can mend.
   */
  | { readonly kind: 'refused'; readonly error: Failure }
  /** An epoch has begun: tell the devices. */
  | { readonly kind: 'epoch'; readonly epoch: number };
