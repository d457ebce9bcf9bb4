import { combineCommitments, dealerWeights, sharePlace } from '@iotw/assignment/shared-key';
import type { BeaconMessage } from '@iotw/protocol/beacon';
import { checkBeaconMessage } from './beacon-messages.js';
import type { State } from './state.js';
import { BEACON_PHASE, type BeaconPhase, bitsOf } from './tables/beacon.js';

/** Ledger servers that sign together under these parameters: more than half where none are named. */
export function thresholdOf(beaconThreshold: number, servers: number): number {
  return beaconThreshold === 0 ? Math.floor(servers / 2) + 1 : beaconThreshold;
}

/**
 * Takes a round's words of the key ceremony and moves it on: a step ends when all have spoken, or after
 * beaconStepMs of agreed time with those who have (spec: 6.7). With too few it waits in `join`, where everybody
 * sees it.
 */
export function applyBeaconMessages(state: State, messages: readonly BeaconMessage[]): void {
  // A ledger server that was admitted takes part from here on.
  while (state.beacon.members.rows < state.ledgerServers.rows) state.beacon.members.append();
  for (const message of messages) {
    const accepted = checkBeaconMessage(state, message, state.timeMs);
    if (accepted.ok) accepted.value();
  }
  // A step may leave nothing to do in the next: at most once around.
  for (let steps = 0; steps < Object.keys(BEACON_PHASE).length; steps++) {
    const next = nextPhase(state);
    if (next === undefined) return;
    enter(state, next);
  }
}

/** Whether a round of that agreed time would move the ceremony on without a word of anybody. */
export function ceremonyDue(state: State, timeMs: number): boolean {
  const { beacon } = state;
  if (beacon.phase === 'idle' || !stepOver(state, timeMs)) return false;
  return beacon.phase !== 'join' || enoughJoined(state);
}

function stepOver({ beacon, parameters }: State, timeMs: number): boolean {
  return timeMs >= beacon.col.phaseMs[0]! + parameters.beaconStepMs;
}

function wanted({ ledgerServers, parameters }: State): number {
  return thresholdOf(parameters.beaconThreshold, ledgerServers.serving().length);
}

/** Those a key can be made with: as many as will sign, and enough that hold a share of the old one. */
function enoughJoined(state: State): boolean {
  const joined = state.beacon.joined();
  if (joined.length < wanted(state)) return false;
  const holders = joined.filter((server) => state.beacon.holds(server)).length;
  return makesNewKey(state) || holders >= state.beacon.groupThreshold;
}

/** Where there is no key, or the committee turned to a public beacon since it was made: it is not to be had. */
function makesNewKey({ beacon }: State): boolean {
  return beacon.groupThreshold === 0 || beacon.lost;
}

/** Dealers that make a key no t - 1 of them know: t for a new one, the old threshold to hand one on. */
function dealersWanted(state: State): number {
  const { beacon } = state;
  return beacon.col.fresh[0] === 1 ? beacon.col.threshold[0]! : beacon.groupThreshold;
}

function nextPhase(state: State): BeaconPhase | undefined {
  const { beacon } = state;
  const over = stepOver(state, state.timeMs);
  switch (beacon.phase) {
    case 'idle':
      return undefined;
    case 'join': {
      const joined = new Set(beacon.joined());
      const all = state.ledgerServers.serving().every((server) => joined.has(server));
      return enoughJoined(state) && (over || all) ? 'deal' : undefined;
    }
    case 'deal': {
      const dealt = beacon.dealt().length;
      if (dealt === beacon.dealers().length) return 'check';
      if (!over) return undefined;
      return dealt >= dealersWanted(state) ? 'check' : 'join';
    }
    case 'check': {
      if (!over && beacon.checked().length < beacon.joined().length) return undefined;
      return beacon.dealt().some((dealer) => beacon.unmet(dealer).length > 0) ? 'justify' : 'idle';
    }
    case 'justify': {
      const open = beacon.dealt().some((dealer) => {
        return beacon.unmet(dealer).length > 0 && beacon.members.col.justified[dealer] !== beacon.ceremony;
      });
      return over || !open ? 'idle' : undefined;
    }
  }
}

function enter(state: State, phase: BeaconPhase): void {
  const { beacon } = state;
  if (phase === 'idle') {
    finish(state);
    return;
  }
  if (phase === 'join') beacon.set('ceremony', 0, beacon.ceremony + 1);
  if (phase === 'deal') {
    beacon.set('threshold', 0, wanted(state));
    beacon.set('fresh', 0, makesNewKey(state) ? 1 : 0);
  }
  beacon.set('phase', 0, BEACON_PHASE[phase]);
  beacon.set('phaseMs', 0, state.timeMs);
}

/** The key of those dealers whom nobody accuses in vain; with too few of them the ceremony begins anew. */
function finish(state: State): void {
  const { beacon } = state;
  const qualified = beacon.dealt().filter((dealer) => beacon.unmet(dealer).length === 0);
  const threshold = beacon.col.threshold[0]!;
  const weights = dealerWeights(qualified.map(sharePlace), beacon.col.fresh[0] === 0);
  const dealt = qualified.map((dealer) => beacon.members.commitments(dealer, threshold));
  const group = qualified.length < dealersWanted(state) ? undefined : combineCommitments(dealt, weights);
  if (group === undefined) {
    enter(state, 'join');
    return;
  }
  beacon.setBytes('group', 0, group);
  beacon.set('groupThreshold', 0, threshold);
  if (beacon.col.fresh[0] === 1) beacon.set('lost', 0, 0);
  beacon.set('generation', 0, beacon.ceremony);
  beacon.setBytes('qualified', 0, bitsOf(qualified));
  for (const member of beacon.joined()) {
    beacon.members.set('holds', member, beacon.ceremony);
    state.ledgerServers.tookPart(member);
  }
  beacon.set('phase', 0, BEACON_PHASE.idle);
  beacon.set('phaseMs', 0, state.timeMs);
}
