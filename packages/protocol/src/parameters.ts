import { ContainerType, type ValueOf } from '@chainsafe/ssz';
import { U8, U16, U32, U64 } from './ssz.js';

/** Election modes; the number is on the wire. */
export const ELECTION_MODE = { random: 0, reputation: 1, uptime: 2, stake: 3, vrf: 4 } as const;
export type ElectionMode = keyof typeof ELECTION_MODE;

/** Sources of seeds; the number is on the wire. */
export const SEED_SOURCE = { vrf: 0, threshold: 1 } as const;

/**
 * Who signs what is assigned to devices (spec: clause 7.9); the number is on the wire. The draw says who is asked
 * whoever signs.
 */
export const ASSIGNER = { 'trust-node': 0, 'ledger-server': 1, 'api-server': 2 } as const;
export type AssignerRole = keyof typeof ASSIGNER;

/** Who decides where a device logs in: itself or its owner, or the plan of clause 14.8; the number is on the wire. */
export const HOST_POLICY = { free: 0, assigned: 1 } as const;

/** Network parameters: fixed by the genesis, changed only by votes on the ledger. */
export const ParametersType = new ContainerType(
  {
    epochMs: U32,
    electionMode: U8,
    miners: U8,
    witnesses: U8,
    /** R: ranks one attempt may use. */
    ranksPerAttempt: U8,
    /** How long a host waits for a device before it signs a miss, ms. */
    answerTimeoutMs: U32,
    /** Blocks a lane may have dispatched above its cursor. */
    blocksInFlight: U16,
    /** Share of a lane's blocks per epoch that trust nodes alone may complete, basis points. */
    unminedBps: U16,
    /** Rounds without progress after which ledger servers may reset a lane. */
    stallRounds: U32,
    /** 1: the ledger tells liars from the rest; 0: the whitepaper's literal rule. */
    adjudicate: U8,
    /** Epochs a proven liar stays on the blacklist. */
    blacklistEpochs: U32,
    /** Least epochs between the opening of a batch, or a device's registration, and its first pool. */
    minActivationEpochs: U16,
    /** Floor fee of an envelope and of each operation, base units. */
    feeFloor: U64,
    feePerOperation: U64,
    /** Fee on the amount moved, basis points. */
    feeBps: U16,
    /** Issuance per present device and epoch, base units. */
    issuancePerDevice: U64,
    /** Most of the reward pool that one epoch may issue, parts per 10^12: 100,000 with epochs of 60 s are 5% a year. */
    poolDecayPpt: U64,
    /** Shares of the issuance, basis points; together at most 10,000. */
    minerShareBps: U16,
    witnessShareBps: U16,
    trustNodeShareBps: U16,
    /** Held in the pool until the data market exists. */
    dataShareBps: U16,
    /** Part of reputation evidence kept from epoch to epoch, parts per million. */
    reputationDecayPpm: U32,
    /** Taken from the bond of a trust node or lane proven to equivocate, basis points. */
    slashBps: U16,
    /** Taken from a lane's bond for an answer that its certificate left out, base units. */
    leftOutPay: U64,
    /** Devices of mean weight whose total an owner has undamped; 0: owners are not damped. */
    ownerFreeDevices: U32,
    /** Most of a pool's undamped weight that one owner, one maker's batch may have, basis points; 10,000: no cap. */
    ownerCapBps: U16,
    batchCapBps: U16,
    /** Where seeds come from (SEED_SOURCE). */
    seedSource: U8,
    /** Ledger servers that sign a seed together; 0: more than half of them. */
    beaconThreshold: U8,
    /** How long each step of a key ceremony waits for those that are away, ms. */
    beaconStepMs: U32,
    /** Mode vrf: winning tickets to expect, at least, in an epoch. */
    ticketTarget: U16,
    /** Mode vrf: the mode that weighs tickets; 0: none, every device of the pool has the same chance. */
    ticketWeight: U8,
    /** Who signs what is assigned (ASSIGNER). */
    assigner: U8,
    /** Most devices of class user in a committee: people beyond it are not asked in an attempt; 0: none enter a pool. */
    userSeats: U8,
    /** Most of a pool's weight that devices of class user may have together, basis points; 10,000: no cap; 0: none enter a pool. */
    userShareBps: U16,
    /** What a paid answer of a host's device pays off of that host's soft misses on the lane, in ten-thousandths of one. */
    softMissBps: U16,
    /** Soft misses of one host that a lane's certificates may hold beyond those paid off; 0: none count. */
    softMissBurst: U16,
    /** Who decides where a device logs in (HOST_POLICY). */
    hostPolicy: U8,
  },
  { typeName: 'Parameters' },
);
export type Parameters = ValueOf<typeof ParametersType>;

/** A devnet's parameters: 10-second epochs, 1 miner and 3 witnesses. */
export const DEVNET_PARAMETERS: Parameters = {
  epochMs: 10_000,
  electionMode: ELECTION_MODE.random,
  miners: 1,
  witnesses: 3,
  ranksPerAttempt: 16,
  answerTimeoutMs: 1_000,
  blocksInFlight: 16,
  unminedBps: 100,
  stallRounds: 600,
  adjudicate: 1,
  blacklistEpochs: 8_640,
  minActivationEpochs: 3,
  feeFloor: 100,
  feePerOperation: 10,
  feeBps: 10,
  issuancePerDevice: 10_000,
  poolDecayPpt: 100_000_000,
  minerShareBps: 4_000,
  witnessShareBps: 4_000,
  trustNodeShareBps: 1_500,
  dataShareBps: 500,
  reputationDecayPpm: 990_000,
  slashBps: 1_000,
  leftOutPay: 100,
  ownerFreeDevices: 32,
  ownerCapBps: 1_000,
  batchCapBps: 2_500,
  seedSource: SEED_SOURCE.vrf,
  beaconThreshold: 0,
  beaconStepMs: 5_000,
  ticketTarget: 64,
  ticketWeight: ELECTION_MODE.random,
  assigner: ASSIGNER['trust-node'],
  userSeats: 1,
  userShareBps: 1_000,
  softMissBps: 1_000,
  softMissBurst: 16,
  hostPolicy: HOST_POLICY.free,
};
