import type { Assigned } from '@iotw/protocol/assigned';
import type { Attestation } from '@iotw/protocol/attestation';
import type { BeaconMessage } from '@iotw/protocol/beacon';
import type { BlockBody } from '@iotw/protocol/body';
import type { CertifiedBlock, Miss, Silence, Vote } from '@iotw/protocol/certificate';
import type { BlockHeader } from '@iotw/protocol/header';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { EpochVote, LaneReset, RoundHeader, RoundSignature } from '@iotw/protocol/round';

/** A node of the network: `trust:3`, `ledger:0`, `api:0`. */
export type PeerId = string;

export function trustPeer(index: number): PeerId {
  return `trust:${index}`;
}

export function ledgerPeer(index: number): PeerId {
  return `ledger:${index}`;
}

/** A block as its lane sends it to the witnesses. `hash` and `ids` are derived when it comes over a wire. */
export interface ProposedBlock {
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
  readonly hash: Uint8Array;
  readonly body: BlockBody;
  readonly ids: Uint8Array;
}

/** Where one answer belongs. */
export interface AnswerSlot {
  readonly lane: number;
  readonly incarnation: number;
  readonly height: number;
  readonly attempt: number;
  readonly rank: number;
  readonly device: number;
}

/** One text per slot, for maps; the device is left out: a slot has one. */
export function slotId(slot: Omit<AnswerSlot, 'device'>): string {
  return `${slot.lane}/${slot.incarnation}/${slot.height}/${slot.attempt}/${slot.rank}`;
}

export interface LaneCursor {
  readonly lane: number;
  readonly incarnation: number;
  /** Height of the last block on the ledger; 0 = none yet. */
  readonly height: number;
  readonly hash: Uint8Array;
  readonly suspended: boolean;
  /** What each host owes of its soft misses on this lane, ten-thousandths of one; those after the last are 0. */
  readonly softDebts: readonly number[];
}

/** A trust node or ledger server as the ledger lists it. */
export interface NodeEntry {
  /** Signing key and link key, 32 bytes each. */
  readonly key: Uint8Array;
  readonly linkKey: Uint8Array;
  readonly region: number;
  /** Neither voted out nor proven to equivocate. */
  readonly standing: boolean;
  /** Of a trust node: where its devices log in, an MQTT URL; empty where it has not told. */
  readonly address: string;
}

/** All nodes by their numbers: those of the genesis, and those that votes have admitted. */
export interface NodeSet {
  readonly trust: readonly NodeEntry[];
  readonly ledger: readonly NodeEntry[];
}

/** Bytes of one device in a packed list: number u32, key 32. */
export const PACKED_DEVICE_BYTES = 36;

/** A ledger server's signature of an epoch's number with its share of the key that `generation` made. */
export interface SeedShare {
  readonly epoch: number;
  /** Number of the key ceremony. */
  readonly generation: number;
  readonly server: number;
  /** 96 bytes. */
  readonly signature: Uint8Array;
}

/** Bytes of one device to be moved: number u32, host u16, first epoch there u32. */
export const HOST_MOVE_BYTES = 10;

/** What a ledger server tells trust nodes about a round it has applied and made durable. */
export interface RoundNotice {
  readonly header: RoundHeader;
  readonly signatures: readonly RoundSignature[];
  readonly blocks: readonly {
    readonly lane: number;
    readonly incarnation: number;
    readonly height: number;
    /** Result code of each transaction. */
    readonly codes: Uint16Array;
    /** Every answer its certificate holds, those of failed attempts too: attestations one after another. */
    readonly answers: Uint8Array;
  }[];
  readonly lanes: readonly LaneCursor[];
  readonly removed: readonly number[];
  readonly reinstated: readonly number[];
  /** Present where this round opened an epoch. */
  readonly snapshot?: EpochSnapshot;
  /** Present where a key of a node changed, and at an epoch's edge, where votes take effect. */
  readonly nodes?: NodeSet;
  /** At an epoch's edge, where hosts are assigned: devices that belong to another host, packed. */
  readonly moves?: Uint8Array;
  /** Devices registered in this round, packed; present where there are any. */
  readonly registered?: Uint8Array;
  /** Devices revoked in this round for ever; present where there are any. */
  readonly revoked?: readonly number[];
}

/** Everything a trust node has to know of the ledger, for one that joins or fell behind. */
export interface ChainViewState {
  /** The protocol's, of the next round. */
  readonly version: number;
  readonly round: number;
  readonly timeMs: number;
  readonly epoch: number;
  readonly lanes: readonly LaneCursor[];
  /** Left out of draws for refRound in [from, until); until 0 = no end. */
  readonly removed: readonly (readonly [device: number, from: number, until: number])[];
  /** Previous (if any) and current. */
  readonly snapshots: readonly EpochSnapshot[];
  readonly nodes: NodeSet;
  /** Highest used sequence of each trust node's account. */
  readonly trustSequences: readonly number[];
  /** Devices that belong to another host, packed; absent where there are none. */
  readonly moves?: Uint8Array;
  /** For processes without a ledger of their own: the devices that may log in, packed. */
  readonly devices?: Uint8Array;
}

/** Everything nodes say to each other (spec: clause 10). Only idempotent messages: any may be lost or doubled. */
export type PeerMessage =
  /** API server to trust node: signed envelopes to be included. */
  | { readonly kind: 'submit'; readonly envelopes: BlockBody }
  /** Lane to every trust node. */
  | { readonly kind: 'propose'; readonly block: ProposedBlock }
  | { readonly kind: 'vote'; readonly vote: Vote }
  /** Lane to a device's host; also passed on by a trust node that was asked to (`relay`). */
  | {
      readonly kind: 'assign';
      readonly slot: AnswerSlot;
      readonly key: Uint8Array;
      readonly assignment: Uint8Array;
    }
  /** Lane to the node that signs its assignments: an attempt of this block is to be asked; and what that says. */
  | {
      readonly kind: 'assign-request';
      readonly header: BlockHeader;
      readonly signature: Uint8Array;
      readonly attempt: number;
    }
  | {
      readonly kind: 'assigned';
      readonly lane: number;
      readonly incarnation: number;
      readonly height: number;
      readonly assigned: Assigned;
    }
  | { readonly kind: 'answer'; readonly attestation: Attestation }
  | { readonly kind: 'miss'; readonly miss: Miss }
  /** Lane to the other trust nodes: the host does not answer me, ask it for me. */
  | {
      readonly kind: 'relay';
      readonly slot: AnswerSlot;
      readonly host: number;
      readonly key: Uint8Array;
      readonly assignment: Uint8Array;
    }
  /** What a trust node that was asked to relay says when the host answered it neither. */
  | { readonly kind: 'silence'; readonly silence: Silence }
  /** Lane to ledger server; ids and validity only inside one process that has verified them already. */
  | {
      readonly kind: 'certified';
      readonly block: CertifiedBlock;
      readonly verified?: { readonly ids: Uint8Array; readonly valid: Uint8Array };
    }
  | { readonly kind: 'reset'; readonly reset: LaneReset }
  | { readonly kind: 'epoch-vote'; readonly vote: EpochVote }
  /** Designated ledger server to the others. */
  | { readonly kind: 'seed-proof'; readonly epoch: number; readonly proof: Uint8Array }
  /** Ledger server to the others: its word in a key ceremony, its signature for the next seed. */
  | { readonly kind: 'beacon'; readonly message: BeaconMessage }
  | { readonly kind: 'seed-share'; readonly share: SeedShare }
  | { readonly kind: 'notice'; readonly notice: RoundNotice }
  /** `after`: the last round the asker has applied. */
  | { readonly kind: 'view-request'; readonly after: number }
  | { readonly kind: 'view'; readonly view: ChainViewState };

export type MessageKind = PeerMessage['kind'];
