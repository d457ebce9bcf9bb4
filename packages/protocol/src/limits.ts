/**
 * Every bound of the protocol in one place (spec: clause 12). What happens at a limit is stated beside it.
 */

/** Base units in one IOTW. */
export const BASE_UNITS = 1_000_000;
/** 9,000,000,000 IOTW: below 2^53, so that an amount is an exact safe integer everywhere. */
export const MAX_SUPPLY = 9_000_000_000 * BASE_UNITS;

/** Operations in one transaction; more: `transaction-malformed`. */
export const MAX_OPERATIONS = 1024;
/** Bytes of one signed envelope; more: `transaction-too-large`. */
export const MAX_TRANSACTION_BYTES = 131_072;
export const MAX_MEMO_BYTES = 256;
/** Transactions in one block; a block with more is invalid. */
export const MAX_BLOCK_TRANSACTIONS = 1024;
/** Bytes of one block body; the lane closes a block before it would be exceeded. */
export const MAX_BODY_BYTES = 2_097_152;
/** Certified blocks in one round; the rest wait for the next. */
export const MAX_ROUND_BLOCKS = 256;
/** Trust nodes of one network (witness sets above 16 are elected; that rule comes with the mesh). */
export const MAX_TRUST_NODES = 64;
export const MAX_LEDGER_SERVERS = 64;
export const MAX_API_SERVERS = 64;
/** Nodes that may sign assignments in one epoch: all ledger servers or all API servers. */
export const MAX_ASSIGNERS = 64;

/** Bytes of what opens an epoch, whatever its source. */
export const MAX_SEED_PROOF_BYTES = 192;
/** Attestations and misses in one attempt of a certificate. */
export const MAX_ATTEMPT_ANSWERS = 64;
/** Incoherent attempts that a certificate may attach; a lane that needs more must reset. */
export const MAX_INCOHERENT_ATTEMPTS = 8;
/** A sequence may be at most this far above the highest used one; farther: `sequence-too-far`. */
export const SEQUENCE_WINDOW = 64;
/** Devices in the frozen pool of one epoch. */
export const MAX_POOL_DEVICES = 1 << 20;
export const MAX_ITEM_BYTES = 64;
export const MAX_DATA_BYTES = 256;
/** Bytes of one evidence part (a signed header, an attestation or a vote with its signature). */
export const MAX_EVIDENCE_BYTES = 4096;
export const MAX_NAME_BYTES = 64;
/** Where a trust node's devices log in, an MQTT URL. */
export const MAX_ADDRESS_BYTES = 128;
/** Trust nodes that a maker may name as hosts of its devices. */
export const MAX_MAKER_HOSTS = 16;
/** Bytes of what a proposal to the steering committee says. */
export const MAX_PROPOSAL_BYTES = 4096;
/** Longest activation delay that a network may ask for, epochs (14 days of one minute). */
export const MAX_ACTIVATION_EPOCHS = 20_160;
/** Most soft misses of one host that a lane may owe; 64 trust nodes' debts stay small integers. */
export const MAX_SOFT_MISS_BURST = 1_024;
/** Open proposals of one member; more: `proposal-limit`. */
export const MAX_OPEN_PROPOSALS = 8;
/** Epochs for which a proposal may stay open; longer: `proposal-expiry`. */
export const MAX_PROPOSAL_EPOCHS = 100_000;
/** An act of a ledger server that is older counts no more (spec: clause 9.14). */
export const MISBEHAVIOUR_HOURS = 48;
