import { ELECTION_MODE, SEED_SOURCE } from '@iotw/protocol/parameters';
import { PLAIN, type Scenario } from '../world/scenario.js';
import type { Mutation } from './mutation.js';

/** Rules that runs of the devnet's own do not come to. */
const under = (parameters: Scenario['parameters']): NonNullable<Mutation['options']> => ({
  scenario: { ...PLAIN, parameters },
});
const VOTED: NonNullable<Mutation['options']> = { scenario: 'drawn' };
const TICKETS = { electionMode: ELECTION_MODE.vrf, ticketTarget: 8 };
const THRESHOLD = { seedSource: SEED_SOURCE.threshold, beaconThreshold: 3, beaconStepMs: 600 };

/** Bugs in votes and in what they decide. */
const VOTES: readonly Mutation[] = [
  {
    name: 'strangers-vote',
    bug: 'a vote counts as sent without a seat in the committee',
    file: 'ledger/operations/vote',
    find: 'if (!committee.has(member))',
    replace: 'if (false)',
    adversary: 'hostile-sender',
    options: VOTED,
  },
  {
    name: 'strangers-propose',
    bug: 'anybody can propose',
    file: 'ledger/operations/propose',
    find: 'if (!committee.has(member))',
    replace: 'if (false)',
    adversary: 'hostile-sender',
    options: VOTED,
  },
  {
    name: 'one-vote-decides',
    bug: 'the first yes adopts a proposal',
    file: 'ledger/proposals/decide',
    find: 'if (yes >= committee.threshold)',
    replace: 'if (yes >= 1)',
    options: VOTED,
  },
  {
    name: 'parameters-too-early',
    bug: 'voted parameters count an epoch too early, in a pool that was frozen with others',
    file: 'ledger/epoch-edge',
    find: 'state.epochs.freeze(frozenNext);',
    replace:
      'state.epochs.freeze(frozenNext); state.epochs.freeze({ ...state.epochs.frozen(ended + POOL_LEAD - 1), parameters });',
    options: VOTED,
  },
  {
    name: 'suspended-maker-enters',
    bug: 'devices of a suspended maker go on into pools',
    file: 'ledger/epoch-edge',
    find: '!state.makers.isSuspended(state.makers.find(c.maker[device]!))',
    replace: 'true',
    options: VOTED,
  },
];

/** Bugs in acts of ledger servers and in versions. */
const SERVERS: readonly Mutation[] = [
  {
    name: 'acts-unpunished',
    bug: 'a ledger server that signed twice keeps its vote on rounds',
    file: 'ledger/misbehaviour',
    find: "ledgerServers.set('suspended', server, before | SERVER_OUT.rounds);",
    replace: ';',
    adversary: 'double-signing-server',
  },
  {
    name: 'acts-unproven',
    bug: 'a proposer may name any ledger server as one that signed twice',
    file: 'nodes/engine/agreed',
    find: 'if (due.length === named.length &&',
    replace: 'if (due.length <= named.length || due.length === named.length &&',
    adversary: 'double-signing-server',
  },
  {
    name: 'acts-settled-never',
    bug: 'one act of a ledger server is taken up again and again',
    file: 'ledger/misbehaviour',
    find: 'if (timeMs <= ledgerServers.col.actsAfterMs[server]!)',
    replace: 'if (false)',
    adversary: 'double-signing-server',
  },
  {
    name: 'upgrade-too-early',
    bug: 'a new version begins an epoch before the one that was voted for',
    file: 'ledger/tables/upgrades',
    find: 'pending.epoch > epoch',
    replace: 'pending.epoch > epoch + 1',
    options: { ...VOTED, epochs: 8 },
  },
  {
    name: 'old-rules-go-on',
    bug: 'rounds of a new version are applied by the rules of the first',
    file: 'ledger/apply-transaction',
    find: 'this.#versions.get(this.#state.upgrades.version)',
    replace: 'this.#versions.get(1)',
    options: { ...VOTED, epochs: 8 },
  },
];

/** Bugs in seeds and tickets. */
const SEEDS_AND_TICKETS: readonly Mutation[] = [
  {
    name: 'seed-unproven',
    bug: 'any proof opens an epoch',
    file: 'assignment/seed',
    find: 'vrfVerify(vrfKey, seedAlpha(network, previousSeed, epoch), proof80)',
    replace:
      '(vrfVerify(vrfKey, seedAlpha(network, previousSeed, epoch), proof80) ?? proof80.subarray(0, 64))',
    adversary: 'lying-proposer',
  },
  {
    name: 'seed-unsigned',
    bug: 'nobody looks at the signature of the group under a seed',
    file: 'assignment/seed',
    find: '!blsVerify(groupKey, beaconMessage(network, epoch), signature)',
    replace: 'signature.length !== 96',
    adversary: 'lying-proposer',
    options: under(THRESHOLD),
  },
  {
    name: 'seeds-unchained',
    bug: 'a seed does not depend on the one before',
    file: 'assignment/seed',
    find: 'concatBytes(previousSeed, number)',
    replace: 'concatBytes(new Uint8Array(32), number)',
  },
  {
    name: 'seed-out-of-turn',
    bug: 'the turn to open an epoch is another server’s',
    file: 'assignment/seed',
    find: 'return epoch % serverCount;',
    replace: 'return (epoch + 1) % serverCount;',
  },
  {
    name: 'ticket-unproven',
    bug: 'a ticket wins that its device did not make',
    file: 'ledger/operations/ticket',
    find: 'state.checker.vrfOutput(devices.key(device), alpha, proof)',
    replace: '(state.checker.vrfOutput(devices.key(device), alpha, proof) ?? new Uint8Array(64))',
    adversary: 'hostile-sender',
    options: under(TICKETS),
  },
  {
    name: 'losers-win',
    bug: 'a ticket that lost counts as one that won',
    file: 'ledger/operations/ticket',
    find: 'ticketsWon(pool, index, output)',
    replace: '(ticketsWon(pool, index, output) || 1)',
    options: under({ ...TICKETS, ticketWeight: ELECTION_MODE.stake }),
  },
];

/** Bugs in who owns devices. */
const OWNERS: readonly Mutation[] = [
  {
    name: 'handover-unaccepted',
    bug: 'a device is handed to one who did not accept it',
    file: 'ledger/operations/device-handover',
    find: '!state.checker.verify(operation.acceptance, digest, operation.to)',
    replace: 'digest.length === 0',
  },
  {
    name: 'handover-by-anyone',
    bug: 'anybody can hand a device over',
    file: 'ledger/operations/device-handover',
    find: 'if (devices.col.owner[device] !== state.sender)',
    replace: 'if (false)',
    adversary: 'hostile-sender',
  },
  {
    name: 'handovers-not-counted',
    bug: 'a hand-over leaves the words that were given before it good',
    file: 'ledger/operations/device-handover',
    find: "devices.add('changes', device, 1);",
    replace: '',
    options: { epochs: 8 },
  },
  {
    name: 'released-by-anyone',
    bug: 'anybody can let a device go',
    file: 'ledger/operations/device-release',
    find: 'if (devices.col.owner[device] !== state.sender)',
    replace: 'if (false)',
    adversary: 'hostile-sender',
  },
  {
    name: 'claim-unsigned',
    bug: 'a free device belongs to whoever claims it',
    file: 'ledger/operations/device-claim',
    find: '!state.checker.verify(operation.deviceSignature, digest, operation.device)',
    replace: 'digest.length === 0',
    adversary: 'hostile-sender',
  },
];

/** Bugs in how a rank is passed over, and in what is owed for it. */
const PASSED_OVER: readonly Mutation[] = [
  {
    name: 'left-out-paid-twice',
    bug: 'an answer that was left out is paid as often as it is shown',
    file: 'ledger/operations/left-out-answer',
    find: 'if (attempts.isSettled(row, a.rank - first))',
    replace: 'if (false)',
    adversary: 'hostile-sender+cherry-picking-host',
  },
  {
    name: 'left-out-unsigned',
    bug: 'an answer is paid as left out that its device did not sign',
    file: 'ledger/operations/left-out-answer',
    find: '!state.checker.verify(a.signature, attestationDigest(state.network, a), device.key)',
    replace: 'false',
    adversary: 'hostile-sender+cherry-picking-host',
  },
  {
    name: 'silences-too-few',
    bug: 'any number of trust nodes can say that a host is silent',
    file: 'assignment/certificate-silences',
    find: 'if (statements.length !== threshold)',
    replace: 'if (statements.length === 0)',
    adversary: 'forging-lane+withholding-device',
  },
  {
    name: 'silences-unsigned',
    bug: 'nobody looks at the signatures of those who say that a host is silent',
    file: 'assignment/certificate-silences',
    find: '!checker.verify(signature, silenceDigest(network, { ...place, witness }), key)',
    replace: 'false',
    adversary: 'forging-lane+withholding-device',
  },
  {
    name: 'soft-misses-unsigned',
    bug: 'nobody looks at the signature of a host under a soft miss',
    file: 'assignment/certificate-answers',
    find: '!checker.verify(miss.signature, missDigest(network, miss), key)',
    replace: '(miss.kind === 0 && !checker.verify(miss.signature, missDigest(network, miss), key))',
    adversary: 'forging-lane+withholding-device',
  },
  {
    name: 'absence-forgotten',
    bug: 'a device removed again counts as never gone before',
    file: 'ledger/removal',
    find: 'state.absences.keep(device, c.removedFrom[device]!, c.removedUntil[device]!);',
    replace: '',
    adversary: 'griefing-device+extracted-keys',
    options: { epochs: 8 },
  },
];

/** Bugs in what a device weighs. */
const WEIGHTS: readonly Mutation[] = [
  {
    name: 'damping-forgotten',
    bug: 'whoever owns most devices is drawn as if there were no cap',
    file: 'assignment/damping',
    find: 'if (!bound)',
    replace: 'if (true)',
    options: { scenario: { ...PLAIN, ownership: 'whale' } },
  },
  {
    name: 'newest-stake',
    bug: 'a stake weighs what it is at the end of its epoch, not its least',
    file: 'ledger/tables/stakes',
    find: 'if (balance < this.col.least[row]!)',
    replace: 'if (true)',
    options: under({ electionMode: ELECTION_MODE.stake }),
  },
  {
    name: 'reputation-for-ever',
    bug: 'what a device did weighs the same for ever',
    file: 'assignment/reputation',
    find: 'Math.min(parameters.reputationDecayPpm, PPM)',
    replace: 'PPM',
    options: under({ electionMode: ELECTION_MODE.reputation }),
  },
  {
    name: 'stake-not-shared',
    bug: 'an owner’s stake weighs once for each of its devices',
    file: 'assignment/weights/stake',
    find: 'candidate.leastBalance / (STAKE_UNIT * ownerDevices)',
    replace: 'candidate.leastBalance / STAKE_UNIT',
    options: under({ electionMode: ELECTION_MODE.stake }),
  },
  {
    name: 'newcomers-shut-out',
    bug: 'a device that was never there before has next to no chance',
    file: 'assignment/weights/uptime',
    find: 'return BASE_EPOCHS +',
    replace: 'return 1 +',
    options: under({ electionMode: ELECTION_MODE.uptime }),
  },
];

/** Bugs planted in rules that votes and other modes of the network bring into play. */
export const RULE_MUTATIONS: readonly Mutation[] = [
  ...VOTES,
  ...SERVERS,
  ...SEEDS_AND_TICKETS,
  ...OWNERS,
  ...PASSED_OVER,
  ...WEIGHTS,
];
