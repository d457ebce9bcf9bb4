import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import type { BlockBody } from '@iotw/protocol/body';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { RoundHeader } from '@iotw/protocol/round';
import type { FrozenPool } from './tables/epochs.js';
import type { WitnessCounts } from './tables/witnessing.js';

/** A certified block that the node has checked: root against ids, certificate, every signature. */
export interface PreparedBlock {
  readonly block: CertifiedBlock;
  readonly body: BlockBody;
  /** Block hash, 32 bytes. */
  readonly hash: Uint8Array;
  /** Transaction ids, 32 bytes each, in block order. */
  readonly ids: Uint8Array;
  /** 1 where the transaction's signature is good, one byte each. */
  readonly valid: Uint8Array;
  readonly committee: CertifiedCommittee;
}

/** Where a lane stands after a round that touched it. */
export interface LaneChange {
  readonly lane: number;
  readonly incarnation: number;
  readonly height: number;
  readonly hash: Uint8Array;
  readonly suspended: boolean;
  /** Lanes.softDebtList. */
  readonly softDebts: readonly number[];
}

export interface DevicePayment {
  readonly device: number;
  readonly account: number;
  /** Base units for mining and for witnessing. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
}

export interface TrustNodePayment {
  readonly trustNode: number;
  readonly account: number;
  readonly votes: number;
  readonly amount: number;
}

/** What an ended epoch paid (spec: clause 10). */
export interface EpochSettlement {
  readonly epoch: number;
  /** Devices of the frozen pool, and those of them that were present. */
  readonly pool: number;
  readonly present: number;
  /** Base units the epoch could pay, and paid; the rest stays in the reward pool. */
  readonly issued: number;
  readonly paid: number;
  /** Answers and votes that shared it. */
  readonly minerWork: number;
  readonly witnessWork: number;
  readonly trustNodeWork: number;
  /** What its certificates say of committees, hosts and lanes, all together. */
  readonly witnessing: WitnessCounts;
  readonly devices: readonly DevicePayment[];
  readonly trustNodes: readonly TrustNodePayment[];
}

export interface EpochEdge {
  /** The epoch that ended with this round. */
  readonly ended: number;
  readonly settlement: EpochSettlement;
  /** Seed and pool of the epoch that begins with the next round. */
  readonly snapshot: EpochSnapshot;
  /** The pool that is frozen now: of the epoch POOL_LEAD after the ended one. */
  readonly frozenNext: FrozenPool;
  /** What the state hash of this round is made of (spec: 9.8): the running hash and the state root, 32 bytes each. */
  readonly stateBefore: Uint8Array;
  readonly stateRoot: Uint8Array;
}

/** Everything a round did. */
export interface RoundOutcome {
  readonly header: RoundHeader;
  /** Round hash, 32 bytes: what ledger servers sign. */
  readonly hash: Uint8Array;
  /** Blocks in the order applied, and those at or below their lane's cursor. */
  readonly applied: readonly PreparedBlock[];
  readonly skipped: readonly PreparedBlock[];
  /** One result per transaction in the order applied: code, fee, id (32 bytes each). */
  readonly codes: Uint16Array;
  readonly fees: Float64Array;
  readonly ids: Uint8Array;
  /** Place of each applied block's first result. */
  readonly firstResult: Uint32Array;
  readonly changes: {
    readonly lanes: readonly LaneChange[];
    /** Devices left out of draws from this round on, and those taken back. */
    readonly removed: readonly number[];
    readonly reinstated: readonly number[];
    /** Nodes with new keys; role as in NODE_ROLE. */
    readonly keys: readonly { readonly role: number; readonly index: number }[];
  };
  readonly edge?: EpochEdge;
}

/** Why a device was paid in an epoch, or not. */
export interface PaymentReason {
  readonly device: number;
  readonly epoch: number;
  /** In the epoch's frozen pool; present in it; removed (revoked or blacklisted) at its end. */
  readonly inPool: boolean;
  readonly present: boolean;
  readonly removed: boolean;
  /** Paid answers, answers beyond the paid committee, certified misses. */
  readonly mined: number;
  readonly witnessed: number;
  readonly unpaid: number;
  readonly missed: number;
  readonly account: number | undefined;
  /** Base units. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
  /** Of the whole epoch: base units issued and the work that shared it. */
  readonly issued: number;
  readonly minerWork: number;
  readonly witnessWork: number;
}
