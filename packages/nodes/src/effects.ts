import type { Write } from '@iotw/kernel/ports/store';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import type { PeerId, PeerMessage } from './messages.js';

/** What a machine asks its shell to do. A machine itself touches nothing. */
export type NodeEffect =
  | { readonly kind: 'send'; readonly to: PeerId; readonly message: PeerMessage }
  /** Make durable, then step with { kind: 'persisted', token }. Writes become durable in the order asked for. */
  | {
      readonly kind: 'persist';
      readonly token: number;
      readonly writes: readonly Write[];
      /** Nothing waits for these: they may go with whatever is made durable next. */
      readonly later?: boolean;
      /** The round that these writes hold, where they are a round: its engine says when it may become durable. */
      readonly round?: { readonly number: number; readonly hash: Uint8Array };
    }
  /** Verify off-thread, then step with { kind: 'verified', token, ... }. */
  | { readonly kind: 'verify'; readonly token: number; readonly run: VerifyRun };
