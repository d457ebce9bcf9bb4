import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { EpochSnapshot } from '@iotw/protocol/pool';

/** What a certificate is judged by; all of it is on the ledger or in the epoch's public snapshot. */
export interface CertificateContext {
  readonly network: Uint8Array;
  /** Running signing keys of all trust nodes by number; whose votes count is the snapshot's to say. */
  readonly trustNodeKeys: readonly Uint8Array[];
  /** The snapshot of the header's epoch: its pool, parameters and trust nodes. */
  readonly snapshot: EpochSnapshot;
  /** Whether the device was out of the pool in the state of round `refRound`. */
  readonly removed: (device: number, refRound: number) => boolean;
  readonly checker: SignatureChecker;
  /** Key of the lane's trust node. */
  readonly laneKey: Uint8Array;
}
