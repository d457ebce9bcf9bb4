import { MAX_ACTIVATION_EPOCHS, MAX_ATTEMPT_ANSWERS, MAX_SOFT_MISS_BURST, MAX_SUPPLY } from './limits.js';
import { ASSIGNER, ELECTION_MODE, HOST_POLICY, type Parameters, SEED_SOURCE } from './parameters.js';

const BASIS_POINTS = 10_000;
const PPM = 1_000_000;
const PPT = 1_000_000_000_000;
const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
/** An epoch of a day: a mistake is mended after three. */
const MAX_EPOCH_MS = 86_400_000;
/** 1,000 IOTW: nobody is priced out of the vote that lowers a fee again. */
const MAX_FEE = 1_000_000_000;

const numbersOf = (names: Readonly<Record<string, number>>): readonly [number, number] => [
  0,
  Math.max(...Object.values(names)),
];

/**
 * The least and the most that each parameter may be by itself (spec: 14.6); what several must be together says `brokenParameter`. Those that stand for
 * names are numbered from 0 without gaps.
 */
export const PARAMETER_BOUNDS: { readonly [P in keyof Parameters]: readonly [least: number, most: number] } =
  {
    epochMs: [1, MAX_EPOCH_MS],
    electionMode: numbersOf(ELECTION_MODE),
    miners: [1, U8],
    witnesses: [0, U8],
    ranksPerAttempt: [1, MAX_ATTEMPT_ANSWERS],
    // How long one silent device may hold up a block: the vote that lowers it must get through.
    answerTimeoutMs: [1, 60_000],
    blocksInFlight: [1, U16],
    unminedBps: [0, BASIS_POINTS],
    // Rounds after which a lane that stands is taken up again: a day of rounds of 86 ms.
    stallRounds: [1, 1_000_000],
    adjudicate: [0, 1],
    blacklistEpochs: [0, U32],
    minActivationEpochs: [0, MAX_ACTIVATION_EPOCHS],
    feeFloor: [0, MAX_FEE],
    feePerOperation: [0, MAX_FEE / 100],
    feeBps: [0, BASIS_POINTS],
    issuancePerDevice: [0, MAX_SUPPLY],
    poolDecayPpt: [0, PPT],
    minerShareBps: [0, BASIS_POINTS],
    witnessShareBps: [0, BASIS_POINTS],
    trustNodeShareBps: [0, BASIS_POINTS],
    dataShareBps: [0, BASIS_POINTS],
    reputationDecayPpm: [0, PPM],
    slashBps: [0, BASIS_POINTS],
    leftOutPay: [0, MAX_FEE],
    ownerFreeDevices: [0, U32],
    ownerCapBps: [1, BASIS_POINTS],
    batchCapBps: [1, BASIS_POINTS],
    seedSource: numbersOf(SEED_SOURCE),
    beaconThreshold: [0, U8],
    beaconStepMs: [1, MAX_EPOCH_MS],
    // Beyond it the sortition's fixed point would lose the bits that decide.
    ticketTarget: [1, 512],
    // The mode vrf, which is the last, weighs no tickets.
    ticketWeight: [0, ELECTION_MODE.vrf - 1],
    assigner: numbersOf(ASSIGNER),
    userSeats: [0, MAX_ATTEMPT_ANSWERS],
    userShareBps: [0, BASIS_POINTS],
    softMissBps: [0, BASIS_POINTS],
    softMissBurst: [0, MAX_SOFT_MISS_BURST],
    hostPolicy: numbersOf(HOST_POLICY),
  };
const BOUNDS = Object.entries(PARAMETER_BOUNDS) as [keyof Parameters, readonly [number, number]][];

/**
 * Why a network can't run on these parameters; undefined where it can. One rule for the genesis and for
 * votes, with the numbers of ledger servers in service and of API servers: whatever passes leaves the network able to elect, certify, end epochs and vote (spec: clause 14).
 */
export function brokenParameter(
  p: Parameters,
  ledgerServers: number,
  apiServers: number,
): string | undefined {
  const outside = BOUNDS.find(([name, [least, most]]) => !(p[name] >= least && p[name] <= most));
  if (outside !== undefined) {
    const [name, [least, most]] = outside;
    return `${name} must be ${least} to ${most}`;
  }
  if (p.ranksPerAttempt < p.miners + p.witnesses) return 'ranksPerAttempt must cover the committee';
  if (p.beaconThreshold > ledgerServers) return 'beaconThreshold exceeds the ledger servers';
  if (p.assigner === ASSIGNER['api-server'] && apiServers === 0)
    return 'assigner names API servers, and there is none';
  const shares = p.minerShareBps + p.witnessShareBps + p.trustNodeShareBps + p.dataShareBps;
  return shares > BASIS_POINTS ? 'shares are together at most 10,000 basis points' : undefined;
}
