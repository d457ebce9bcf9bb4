import type { KeyPair } from '@iotw/kernel/ed25519';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { HeldKeys } from '../held-keys.js';
import type { ChainViewState, PeerId, PeerMessage } from '../messages.js';
import type { TrustNodeLimits } from './context.js';
import type { BlockRecord, VoteRecord } from './records.js';

export interface TrustNodeOptions {
  readonly network: Uint8Array;
  readonly index: number;
  readonly keys: HeldKeys;
  readonly accountKeys: KeyPair;
  readonly checker: SignatureChecker;
  readonly view: ChainViewState;
  /** Where its devices log in, an MQTT URL: told to the ledger where that says another. */
  readonly address?: string;
  /** What was on disk. */
  readonly blocks: readonly BlockRecord[];
  readonly votes: readonly VoteRecord[];
  /** `view` may be old (the genesis', say): nothing is signed before a ledger server has sent a newer one. */
  readonly stale?: boolean;
  /** The disk is a ledger server's, too: its rounds keep the bodies of the blocks they hold. */
  readonly keptByRounds?: boolean;
  readonly limits?: Partial<TrustNodeLimits>;
  /** See TrustNodeContext. */
  readonly versions?: readonly number[] | undefined;
}

export type TrustNodeEvent =
  | { readonly kind: 'peer'; readonly from: PeerId; readonly message: PeerMessage }
  /** Verified transactions were offered to the lane's queue. */
  | { readonly kind: 'offered'; readonly verifying: boolean }
  | { readonly kind: 'persisted'; readonly token: number }
  /** Devices are named by the lower-case hex of their keys, as on the wire. */
  | { readonly kind: 'device-up' | 'device-down'; readonly device: string }
  | { readonly kind: 'device-result' | 'device-status'; readonly device: string; readonly bytes: Uint8Array }
  | { readonly kind: 'tick'; readonly verifying: boolean };
