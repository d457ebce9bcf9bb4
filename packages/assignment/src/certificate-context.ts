import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';

/** What a certificate is judged by; all of it is on the ledger or in the epoch's public snapshot. */
export interface CertificateContext {
  readonly network: Uint8Array;
  readonly parameters: Parameters;
  /** Signing keys of all trust nodes by number. */
  readonly trustNodeKeys: readonly Uint8Array[];
  /** The snapshot of the header's epoch. */
  readonly snapshot: EpochSnapshot;
  /** Whether the device was out of the pool in the state of round `refRound`. */
  readonly removed: (device: number, refRound: number) => boolean;
  readonly checker: SignatureChecker;
  /** Key of the lane's trust node. */
  readonly laneKey: Uint8Array;
}
