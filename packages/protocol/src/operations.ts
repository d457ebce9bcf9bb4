import { ByteVectorType, ContainerType, ListBasicType, UnionType, type ValueOf } from '@chainsafe/ssz';
import {
  MAX_ADDRESS_BYTES,
  MAX_DATA_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_ITEM_BYTES,
  MAX_MAKER_HOSTS,
  MAX_PROPOSAL_BYTES,
  MAX_SEED_PROOF_BYTES,
} from './limits.js';
import { Bytes32, Bytes64, bytesUpTo, U8, U16, U32, U64 } from './ssz.js';

/** An ECVRF proof: Gamma 32, c 16, s 32. */
const TICKET_PROOF_BYTES = 80;

/** Money to an account by its compact number. */
export const Transfer = new ContainerType({ to: U32, amount: U64 }, { typeName: 'Transfer' });

/** Money to an Ed25519 key; the account is created when it is first credited. */
export const TransferToKey = new ContainerType({ to: Bytes32, amount: U64 }, { typeName: 'TransferToKey' });

export const TRADE_SIDE = { buyer: 0, seller: 1 } as const;

/**
 * The whitepaper's request. The buyer pays, whichever side originates: with side = seller the buyer
 * must countersign; with side = buyer the seller may.
 */
export const Trade = new ContainerType(
  {
    /** What the sender is: 0 buyer, 1 seller. */
    side: U8,
    counterparty: Bytes32,
    amount: U64,
    quantity: U32,
    /** Agreed delivery, ms of agreed time; 0 = at once. */
    deliveryMs: U64,
    warrantyDays: U16,
    /** Hash of the full terms; personal data stays off the ledger. */
    terms: Bytes32,
    item: bytesUpTo(MAX_ITEM_BYTES),
    data: bytesUpTo(MAX_DATA_BYTES),
    /** Empty or one signature of the counterparty, see `countersignDigest`. */
    countersignature: bytesUpTo(64),
  },
  { typeName: 'Trade' },
);

/** The seller gives back part or all of a trade; together never more than was paid. */
export const Refund = new ContainerType(
  { transaction: Bytes32, operation: U16, amount: U64 },
  { typeName: 'Refund' },
);

/** A member of the steering committee proposes (spec: clause 14), and votes for it by that. */
export const Propose = new ContainerType(
  {
    /** PROPOSAL_KIND. */
    kind: U8,
    /** Last epoch in which votes count. */
    expiryEpoch: U32,
    /** Canonical SSZ of the kind's form, see proposals.ts. */
    content: bytesUpTo(MAX_PROPOSAL_BYTES),
  },
  { typeName: 'Propose' },
);

export const VOTE_CHOICE = { no: 0, yes: 1 } as const;

/** A member's vote on an open proposal; `approve` is a VOTE_CHOICE. */
export const ProposalVote = new ContainerType({ proposal: U32, approve: U8 }, { typeName: 'ProposalVote' });

/** A maker's offline root opens a batch key with its quota and activation delay. */
export const MakerBatch = new ContainerType(
  { maker: U16, batch: U32, key: Bytes32, quota: U32, activationEpochs: U16, signature: Bytes64 },
  { typeName: 'MakerBatch' },
);

/** What kind of thing a device node is. */
export const DEVICE_CLASS = { appliance: 0, meter: 1, gateway: 2, user: 3 } as const;

/** Puts a device on the ledger: signed by its batch key and by itself. */
export const DeviceRegister = new ContainerType(
  {
    key: Bytes32,
    maker: U16,
    batch: U32,
    region: U8,
    deviceClass: U8,
    batchSignature: Bytes64,
    deviceSignature: Bytes64,
  },
  { typeName: 'DeviceRegister' },
);

/** The sender becomes the owner: the device signs the owner's key and its count of ownership changes. */
export const DeviceClaim = new ContainerType(
  { device: Bytes32, deviceSignature: Bytes64 },
  { typeName: 'DeviceClaim' },
);

/** The owner lets the device go. */
export const DeviceRelease = new ContainerType({ device: Bytes32 }, { typeName: 'DeviceRelease' });

/**
 * The owner hands the device to another, who accepts by signing `handoverDigest`. The device need not
 * sign: its count of ownership changes moves on, so that every claim code given before is void.
 */
export const DeviceHandover = new ContainerType(
  { device: Bytes32, to: Bytes32, acceptance: Bytes64 },
  { typeName: 'DeviceHandover' },
);

export const REVOKE_KIND = { device: 0, batch: 1 } as const;

/** The maker's root revokes a device or a whole batch. */
export const DeviceRevoke = new ContainerType(
  { maker: U16, kind: U8, device: Bytes32, batch: U32, signature: Bytes64 },
  { typeName: 'DeviceRevoke' },
);

/** A device says that it is there: one ticket counts for one epoch. */
export const Presence = new ContainerType(
  { device: U32, epoch: U32, host: U16, signature: Bytes64 },
  { typeName: 'Presence' },
);

export const EVIDENCE_KIND = {
  /** Two headers signed by one trust node at one (lane, incarnation, height). */
  headerEquivocation: 0,
  /** Two votes of one trust node for different blocks at one (lane, incarnation, height). */
  voteEquivocation: 1,
  /** Two attestations of one device with one number and different content. */
  deviceEquivocation: 2,
  /** An attestation whose hash differs from the hash of the signed header it cites. */
  falseAttestation: 3,
} as const;

/** Proof of misbehaviour; the parts are the canonical encodings named in `evidence.ts`. */
export const Evidence = new ContainerType(
  { kind: U8, first: bytesUpTo(MAX_EVIDENCE_BYTES), second: bytesUpTo(MAX_EVIDENCE_BYTES) },
  { typeName: 'Evidence' },
);

/**
 * A blacklisted device was right about a header that its lane signed: the attestation it was blacklisted for,
 * and that header with the lane's signature, in the encodings of `evidence.ts`.
 */
export const Appeal = new ContainerType(
  { attestation: bytesUpTo(MAX_EVIDENCE_BYTES), header: bytesUpTo(MAX_EVIDENCE_BYTES) },
  { typeName: 'Appeal' },
);

/** The value of a public beacon that a vote named (spec: 6.8): its signature, behind it the one before where chained. */
export const PublicValue = new ContainerType(
  { value: bytesUpTo(MAX_SEED_PROOF_BYTES) },
  { typeName: 'PublicValue' },
);

/** An answer that a certificate on the ledger left out: the block's header, and the attestation with its rank. */
export const LeftOutAnswer = new ContainerType(
  { header: bytesUpTo(MAX_EVIDENCE_BYTES), attestation: bytesUpTo(MAX_EVIDENCE_BYTES) },
  { typeName: 'LeftOutAnswer' },
);

/** Anyone tops up a lane's prepaid credit and bond. */
export const LaneFund = new ContainerType({ lane: U16, credit: U64, bond: U64 }, { typeName: 'LaneFund' });

export const NODE_ROLE = { trust: 0, ledger: 1, api: 2 } as const;

/** A node replaces its keys: the sender is the node's account, the new signing key proves possession. */
export const KeyRotate = new ContainerType(
  { role: U8, index: U16, key: Bytes32, linkKey: Bytes32, signature: Bytes64 },
  { typeName: 'KeyRotate' },
);

/** A device's private ticket over the seed of `epoch`, for the pool of the epoch after it: it counts once. */
export const Ticket = new ContainerType(
  { device: U32, epoch: U32, proof: new ByteVectorType(TICKET_PROOF_BYTES) },
  { typeName: 'Ticket' },
);

/** A trust node tells where its devices log in: an MQTT URL, ASCII; empty: nowhere. The sender is the node's account. */
export const NodeAddress = new ContainerType(
  { index: U16, address: bytesUpTo(MAX_ADDRESS_BYTES) },
  { typeName: 'NodeAddress' },
);

/**
 * A maker's root names the trust nodes that host its devices where they can (spec: clause 14.8); none: no wish.
 * `change` counts the maker's changes from 1, so that each statement serves once.
 */
export const MakerHosts = new ContainerType(
  {
    maker: U16,
    change: U32,
    hosts: new ListBasicType(U16, MAX_MAKER_HOSTS),
    signature: Bytes64,
  },
  { typeName: 'MakerHosts' },
);

/** The selector byte of each operation is its place in this list: append only. */
export const OPERATION_NAMES = [
  'transfer',
  'transferToKey',
  'trade',
  'refund',
  'propose',
  'makerBatch',
  'deviceRegister',
  'deviceClaim',
  'deviceRelease',
  'deviceRevoke',
  'presence',
  'evidence',
  'laneFund',
  'keyRotate',
  'deviceHandover',
  'appeal',
  'vote',
  'ticket',
  'publicValue',
  'leftOutAnswer',
  'nodeAddress',
  'makerHosts',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

export const OP = {
  transfer: 0,
  transferToKey: 1,
  trade: 2,
  refund: 3,
  propose: 4,
  makerBatch: 5,
  deviceRegister: 6,
  deviceClaim: 7,
  deviceRelease: 8,
  deviceRevoke: 9,
  presence: 10,
  evidence: 11,
  laneFund: 12,
  keyRotate: 13,
  deviceHandover: 14,
  appeal: 15,
  vote: 16,
  ticket: 17,
  publicValue: 18,
  leftOutAnswer: 19,
  nodeAddress: 20,
  makerHosts: 21,
} as const satisfies Record<OperationName, number>;

export const OPERATION_TYPES = {
  transfer: Transfer,
  transferToKey: TransferToKey,
  trade: Trade,
  refund: Refund,
  propose: Propose,
  makerBatch: MakerBatch,
  deviceRegister: DeviceRegister,
  deviceClaim: DeviceClaim,
  deviceRelease: DeviceRelease,
  deviceRevoke: DeviceRevoke,
  presence: Presence,
  evidence: Evidence,
  laneFund: LaneFund,
  keyRotate: KeyRotate,
  deviceHandover: DeviceHandover,
  appeal: Appeal,
  vote: ProposalVote,
  ticket: Ticket,
  publicValue: PublicValue,
  leftOutAnswer: LeftOutAnswer,
  nodeAddress: NodeAddress,
  makerHosts: MakerHosts,
} as const;

/** SSZ union: one selector byte, then the operation. */
export const OperationUnion = new UnionType([
  Transfer,
  TransferToKey,
  Trade,
  Refund,
  Propose,
  MakerBatch,
  DeviceRegister,
  DeviceClaim,
  DeviceRelease,
  DeviceRevoke,
  Presence,
  Evidence,
  LaneFund,
  KeyRotate,
  DeviceHandover,
  Appeal,
  ProposalVote,
  Ticket,
  PublicValue,
  LeftOutAnswer,
  NodeAddress,
  MakerHosts,
]);

export type Transfer = ValueOf<typeof Transfer>;
export type TransferToKey = ValueOf<typeof TransferToKey>;
export type Trade = ValueOf<typeof Trade>;
export type Refund = ValueOf<typeof Refund>;
export type Propose = ValueOf<typeof Propose>;
export type ProposalVote = ValueOf<typeof ProposalVote>;
export type MakerBatch = ValueOf<typeof MakerBatch>;
export type DeviceRegister = ValueOf<typeof DeviceRegister>;
export type DeviceClaim = ValueOf<typeof DeviceClaim>;
export type DeviceRelease = ValueOf<typeof DeviceRelease>;
export type DeviceRevoke = ValueOf<typeof DeviceRevoke>;
export type Presence = ValueOf<typeof Presence>;
export type Evidence = ValueOf<typeof Evidence>;
export type LaneFund = ValueOf<typeof LaneFund>;
export type KeyRotate = ValueOf<typeof KeyRotate>;
export type DeviceHandover = ValueOf<typeof DeviceHandover>;
export type Appeal = ValueOf<typeof Appeal>;
export type Ticket = ValueOf<typeof Ticket>;
export type PublicValue = ValueOf<typeof PublicValue>;
export type LeftOutAnswer = ValueOf<typeof LeftOutAnswer>;
export type NodeAddress = ValueOf<typeof NodeAddress>;
export type MakerHosts = ValueOf<typeof MakerHosts>;

/** One operation as a plain object, tagged by name. */
export type Operation =
  | ({ readonly type: 'transfer' } & Transfer)
  | ({ readonly type: 'transferToKey' } & TransferToKey)
  | ({ readonly type: 'trade' } & Trade)
  | ({ readonly type: 'refund' } & Refund)
  | ({ readonly type: 'propose' } & Propose)
  | ({ readonly type: 'makerBatch' } & MakerBatch)
  | ({ readonly type: 'deviceRegister' } & DeviceRegister)
  | ({ readonly type: 'deviceClaim' } & DeviceClaim)
  | ({ readonly type: 'deviceRelease' } & DeviceRelease)
  | ({ readonly type: 'deviceRevoke' } & DeviceRevoke)
  | ({ readonly type: 'presence' } & Presence)
  | ({ readonly type: 'evidence' } & Evidence)
  | ({ readonly type: 'laneFund' } & LaneFund)
  | ({ readonly type: 'keyRotate' } & KeyRotate)
  | ({ readonly type: 'deviceHandover' } & DeviceHandover)
  | ({ readonly type: 'appeal' } & Appeal)
  | ({ readonly type: 'vote' } & ProposalVote)
  | ({ readonly type: 'ticket' } & Ticket)
  | ({ readonly type: 'publicValue' } & PublicValue)
  | ({ readonly type: 'leftOutAnswer' } & LeftOutAnswer)
  | ({ readonly type: 'nodeAddress' } & NodeAddress)
  | ({ readonly type: 'makerHosts' } & MakerHosts);
