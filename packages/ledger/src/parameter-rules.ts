import {
  MAX_ACTIVATION_EPOCHS,
  MAX_ATTEMPT_ANSWERS,
  MAX_SOFT_MISS_BURST,
  MAX_SUPPLY,
} from '@iotw/protocol/limits';
import {
  ASSIGNER,
  ELECTION_MODE,
  HOST_POLICY,
  type Parameters,
  SEED_SOURCE,
} from '@iotw/protocol/parameters';

const BASIS_POINTS = 10_000;
const PPM = 1_000_000;
const PPT = 1_000_000_000_000;
/** Beyond it the sortition's fixed point would lose the bits that decide. */
const MAX_TICKET_TARGET = 512;
/** An epoch of a day: a mistake is mended after three. */
const MAX_EPOCH_MS = 86_400_000;
/** How long one silent device may hold up a block: the vote that lowers it must get through. */
const MAX_ANSWER_TIMEOUT_MS = 60_000;
/** Rounds after which a lane that stands is taken up again: a day of rounds of 86 ms. */
const MAX_STALL_ROUNDS = 1_000_000;
/** 1,000 IOTW: nobody is priced out of the vote that lowers a fee again. */
const MAX_FEE = 1_000_000_000;

/**
 * Why a network can't run on these parameters; undefined where it can. One rule for the genesis and for
 * votes, with the numbers of ledger servers in service and of API servers: whatever passes leaves the network able to elect, certify, end epochs and vote (spec: clause 14).
 */
export function brokenParameter(
  p: Parameters,
  ledgerServers: number,
  apiServers: number,
): string | undefined {
  const modes: readonly number[] = Object.values(ELECTION_MODE);
  const rules: readonly (readonly [good: boolean, what: string])[] = [
    [p.epochMs > 0 && p.epochMs <= MAX_EPOCH_MS, 'epochMs must be 1 to 86,400,000'],
    [modes.includes(p.electionMode), 'electionMode must be one of this software'],
    [p.miners > 0, 'miners must be at least 1'],
    [p.ranksPerAttempt >= p.miners + p.witnesses, 'ranksPerAttempt must cover the committee'],
    [p.ranksPerAttempt <= MAX_ATTEMPT_ANSWERS, 'ranksPerAttempt is at most 64'],
    [
      p.answerTimeoutMs > 0 && p.answerTimeoutMs <= MAX_ANSWER_TIMEOUT_MS,
      'answerTimeoutMs must be 1 to 60,000',
    ],
    [p.blocksInFlight > 0, 'blocksInFlight must be above 0'],
    [p.stallRounds > 0 && p.stallRounds <= MAX_STALL_ROUNDS, 'stallRounds must be 1 to 1,000,000'],
    [
      p.minActivationEpochs <= MAX_ACTIVATION_EPOCHS,
      `minActivationEpochs is at most ${MAX_ACTIVATION_EPOCHS}`,
    ],
    [
      p.ownerCapBps > 0 &&
        p.ownerCapBps <= BASIS_POINTS &&
        p.batchCapBps > 0 &&
        p.batchCapBps <= BASIS_POINTS,
      'ownerCapBps and batchCapBps are 1 to 10,000',
    ],
    [p.ticketTarget > 0 && p.ticketTarget <= MAX_TICKET_TARGET, `ticketTarget is 1 to ${MAX_TICKET_TARGET}`],
    [
      modes.includes(p.ticketWeight) && p.ticketWeight !== ELECTION_MODE.vrf,
      'ticketWeight must be a mode other than vrf',
    ],
    [Object.values(SEED_SOURCE).some((n) => n === p.seedSource), 'seedSource must be one of this software'],
    [p.beaconThreshold <= ledgerServers, 'beaconThreshold exceeds the ledger servers'],
    [p.beaconStepMs > 0 && p.beaconStepMs <= MAX_EPOCH_MS, 'beaconStepMs must be 1 to 86,400,000'],
    [Object.values(ASSIGNER).some((n) => n === p.assigner), 'assigner must be one of this software'],
    [
      p.assigner !== ASSIGNER['api-server'] || apiServers > 0,
      'assigner names API servers, and there is none',
    ],
    [Object.values(HOST_POLICY).some((n) => n === p.hostPolicy), 'hostPolicy must be one of this software'],
    [p.unminedBps <= BASIS_POINTS, 'unminedBps is at most 10,000'],
    [p.userSeats <= MAX_ATTEMPT_ANSWERS, 'userSeats is at most 64'],
    [p.userShareBps <= BASIS_POINTS, 'userShareBps is at most 10,000'],
    [
      p.softMissBps <= BASIS_POINTS && p.softMissBurst <= MAX_SOFT_MISS_BURST,
      `softMissBps is at most 10,000 and softMissBurst at most ${MAX_SOFT_MISS_BURST}`,
    ],
    [p.adjudicate <= 1, 'adjudicate is 0 or 1'],
    [p.leftOutPay <= MAX_FEE, 'leftOutPay must be payable'],
    [p.feeFloor <= MAX_FEE && p.feePerOperation <= MAX_FEE / 100, 'fees must be payable'],
    [p.feeBps <= BASIS_POINTS && p.slashBps <= BASIS_POINTS, 'basis points are at most 10,000'],
    [p.issuancePerDevice <= MAX_SUPPLY, 'issuancePerDevice is at most the supply'],
    [p.reputationDecayPpm <= PPM, 'parts per million are at most 1,000,000'],
    [p.poolDecayPpt <= PPT, 'poolDecayPpt is at most 10^12'],
    [
      p.minerShareBps + p.witnessShareBps + p.trustNodeShareBps + p.dataShareBps <= BASIS_POINTS,
      'shares are together at most 10,000 basis points',
    ],
  ];
  return rules.find(([good]) => !good)?.[1];
}
