import { utf8 } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import {
  ASSIGNER,
  ELECTION_MODE,
  type ElectionMode,
  type Parameters,
  SEED_SOURCE,
} from '@iotw/protocol/parameters';
import type { ProposalContent } from '@iotw/protocol/proposals';
import { FIRST_VERSION } from '@iotw/protocol/versions';

/** The version of the protocol that a simulated committee may vote for; its rules: next-version. */
export const NEXT_VERSION = FIRST_VERSION + 1;

/** Who owns, makes and keeps the devices: `alike` leaves diversity nothing to tell apart, `whale` gives one account most. */
export type Ownership = 'diverse' | 'alike' | 'whale';

/** Something that the steering committee is asked to decide while the network runs. */
export interface PlannedVote {
  readonly atMs: number;
  readonly proposal: ProposalContent;
  /** Members vote for it; otherwise against. */
  readonly wanted: boolean;
}

/** A ledger server that is away for a long time; `forgets`: its share of the beacon's key is lost meanwhile. */
export interface MemberLoss {
  readonly server: number;
  readonly atMs: number;
  readonly forMs: number;
  readonly forgets: boolean;
}

/** The rules that one run lives under, and how they change meanwhile. */
export interface Scenario {
  readonly parameters: Partial<Parameters>;
  readonly ownership: Ownership;
  readonly votes: readonly PlannedVote[];
  readonly memberLoss: MemberLoss | undefined;
  /** What was drawn, each counted once per run. */
  readonly labels: readonly string[];
}

/** The devnet's rules all along: what runs are compared under. */
export const PLAIN: Scenario = {
  parameters: {},
  ownership: 'diverse',
  votes: [],
  memberLoss: undefined,
  labels: [],
};

/** Ledger servers that sign a seed together where the run has four and more, and how long a step of their ceremonies waits. */
const BEACON = { beaconThreshold: 3, beaconStepMs: 600 } as const;
const MODES = Object.keys(ELECTION_MODE) as ElectionMode[];
const TICKETS = { random: ELECTION_MODE.random, stake: ELECTION_MODE.stake } as const;
const DAMPINGS: Readonly<Record<string, Partial<Parameters>>> = {
  none: { ownerFreeDevices: 0, ownerCapBps: 10_000, batchCapBps: 10_000 },
  devnet: {},
  strict: { ownerFreeDevices: 2, ownerCapBps: 500, batchCapBps: 1_500 },
};

/** What votes and rules are drawn for. */
interface NetworkSize {
  readonly trustNodes: number;
  readonly ledgerServers: number;
}

/**
 * Draws the rules of a run from its seed: every mode, both seed sources, every damping, the literal rule, who assigns, votes
 * on rules and on nodes.
 */
export function drawScenario(source: Prng, size: NetworkSize): Scenario {
  const prng = source.fork('scenario');
  const mode = prng.pick(MODES);
  const tickets = prng.pick(Object.keys(TICKETS) as (keyof typeof TICKETS)[]);
  const threshold = size.ledgerServers >= 4 && prng.chance(1, 3);
  const damping = prng.pick(Object.keys(DAMPINGS));
  const literal = prng.chance(1, 4);
  const ownership = prng.pick(['diverse', 'diverse', 'alike', 'whale'] as const);
  const forever = prng.chance(1, 8);
  const memberLoss =
    threshold && prng.chance(1, 2)
      ? {
          server: prng.below(size.ledgerServers),
          atMs: 2_000 + prng.below(6_000),
          forMs: 1_000 + prng.below(8_000),
          forgets: prng.chance(1, 2),
        }
      : undefined;
  const assigner = prng.fork('assigner').pick(Object.keys(ASSIGNER) as (keyof typeof ASSIGNER)[]);
  const votes = [
    ...drawVotes(prng.fork('votes'), size),
    ...drawNodeVotes(prng.fork('node votes'), size),
    ...drawUpgrade(prng.fork('upgrade')),
  ];
  return {
    parameters: {
      ...DAMPINGS[damping],
      ...BEACON,
      ...(size.ledgerServers < 4 ? { beaconThreshold: 0 } : {}),
      electionMode: ELECTION_MODE[mode],
      ticketTarget: 8,
      ticketWeight: TICKETS[tickets],
      seedSource: threshold ? SEED_SOURCE.threshold : SEED_SOURCE.vrf,
      adjudicate: literal ? 0 : 1,
      blacklistEpochs: forever ? 0 : 2,
      assigner: ASSIGNER[assigner],
    },
    ownership,
    votes,
    memberLoss,
    labels: [
      `mode ${mode === 'vrf' ? `vrf, tickets by ${tickets}` : mode}`,
      `seeds ${threshold ? 'threshold' : 'vrf'}`,
      `damping ${damping}`,
      `rule ${literal ? 'literal' : 'adjudicated'}`,
      `ownership ${ownership}`,
      `assigner ${assigner}`,
      `blacklist ${forever ? 'until a vote' : 'of 2 epochs'}`,
      ...(memberLoss === undefined ? [] : [`member lost${memberLoss.forgets ? ' with its share' : ''}`]),
      ...new Set(votes.map(({ proposal, wanted }) => `vote ${nameOf(proposal)}${wanted ? '' : ', refused'}`)),
    ],
  };
}

/** A change of one parameter, as a vote decides it. */
function change(name: keyof Parameters, value: number): ProposalContent {
  return { kind: 'parameters', content: { changes: [{ name: utf8(name), value }] } };
}

function nameOf({ kind, content }: ProposalContent): string {
  if (kind !== 'parameters') return kind;
  return content.changes.map(({ name }) => new TextDecoder().decode(name)).join(' ');
}

/** What may come to a vote; each draws what it says. The committee's own members are left as they are. */
const MOTIONS: readonly ((prng: Prng, size: NetworkSize) => ProposalContent[])[] = [
  (prng) => [change('electionMode', prng.below(MODES.length))],
  (prng) => [
    change('electionMode', prng.below(MODES.length)),
    change('electionMode', prng.below(MODES.length)),
  ],
  (prng) => [change('adjudicate', prng.below(2))],
  (prng) => [change('ownerCapBps', 300 + prng.below(9_701)), change('batchCapBps', 300 + prng.below(9_701))],
  (prng) => [change('ownerFreeDevices', prng.below(8))],
  (prng) => [change('epochMs', 800 + prng.below(500))],
  (prng) => [change('witnesses', 2 + prng.below(3))],
  (prng) => [change('minerShareBps', 3_000 + prng.below(1_001))],
  (prng) => [change('ticketTarget', 4 + prng.below(12))],
  (prng, { ledgerServers }) => (ledgerServers < 4 ? [] : [change('seedSource', prng.below(2))]),
  (prng) => {
    const maker = prng.below(5);
    return [
      { kind: 'makerSuspend', content: { maker } },
      { kind: 'makerReinstate', content: { maker } },
    ];
  },
  // The rule refuses these: on them the network could not go on.
  () => [change('miners', 0), change('ranksPerAttempt', 1)],
];

function drawVotes(prng: Prng, size: NetworkSize): PlannedVote[] {
  const votes: PlannedVote[] = [];
  for (let atMs = 300 + prng.below(2_500); votes.length < 6 && atMs < 8_000; ) {
    for (const proposal of prng.pick(MOTIONS)(prng, size)) {
      votes.push({ atMs, proposal, wanted: !prng.chance(1, 6) });
      atMs += 400 + prng.below(2_500);
    }
    atMs += 200 + prng.below(1_500);
  }
  return votes;
}

/** Another version of the protocol; sometimes too soon. */
function drawUpgrade(prng: Prng): PlannedVote[] {
  if (!prng.chance(1, 4)) return [];
  const content = { version: NEXT_VERSION, epoch: 3 + prng.below(4) };
  const wanted = !prng.chance(1, 6);
  return [{ atMs: 200 + prng.below(1_000), proposal: { kind: 'upgrade', content }, wanted }];
}

/** Nodes that a vote takes out and another brings back: a trust node, an API server. */
function drawNodeVotes(prng: Prng, { trustNodes, ledgerServers }: NetworkSize): PlannedVote[] {
  const votes: PlannedVote[] = [];
  if (trustNodes >= 4 && prng.chance(1, 3)) {
    const index = prng.below(trustNodes);
    const atMs = 400 + prng.below(3_000);
    votes.push({ atMs, proposal: { kind: 'trustNodeSuspend', content: { index } }, wanted: true });
    const backMs = atMs + 1_500 + prng.below(3_000);
    votes.push({ atMs: backMs, proposal: { kind: 'trustNodeReinstate', content: { index } }, wanted: true });
  }
  if (prng.chance(1, 3)) {
    const index = prng.below(ledgerServers);
    const atMs = 400 + prng.below(3_000);
    votes.push({ atMs, proposal: { kind: 'apiServerSuspend', content: { index } }, wanted: true });
    const backMs = atMs + 1_500 + prng.below(3_000);
    const wanted = !prng.chance(1, 4);
    votes.push({ atMs: backMs, proposal: { kind: 'apiServerReinstate', content: { index } }, wanted });
  }
  return votes;
}
