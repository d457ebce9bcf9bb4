import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PeerMessage } from '@iotw/nodes/messages';
import type { restoreTrustNode } from '@iotw/nodes/trust-node/restore';

type TrustRecords = ReturnType<typeof restoreTrustNode>;

/**
 * A bug planted on purpose, to see that the invariant it breaks catches it. Each hook swaps in a broken
 * behaviour at a seam of the simulation; the machines themselves stay as they are.
 */
export interface Plant {
  readonly name: string;
  /** What is wrong then. */
  readonly bug: string;
  /** The invariant that has to catch it. */
  readonly breaks: string;
  /** What a trust node finds on its disk when it starts. */
  readonly trustRecords?: (records: TrustRecords) => TrustRecords;
  /** A process is told that a write is durable before it is. */
  readonly earlyPersist?: (process: string) => boolean;
  /** A ledger as it is made or restored by a ledger server. */
  readonly ledger?: (ledger: Ledger, server: number) => void;
  /** How a ledger server checks signatures. */
  readonly ledgerChecker?: (checker: SignatureChecker) => SignatureChecker;
  /** What a node sends; undefined: nothing. */
  readonly outgoing?: (from: string, message: PeerMessage) => PeerMessage | undefined;
  /** An envelope of a client that trust nodes do not take in. */
  readonly dropsEnvelope?: (envelope: Uint8Array) => boolean;
  /** A trust node tells its clients `final` when a certificate stands. */
  readonly finalWhenCertified?: boolean;
  /** The boot counter a device finds when its power comes back. */
  readonly deviceBoot?: (stored: number) => number;
}
