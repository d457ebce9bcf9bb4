import { admitsPeople, isPerson } from '@iotw/assignment/people';
import { reputation } from '@iotw/assignment/reputation';
import { type Candidate, freezePool } from '@iotw/assignment/weights';
import { assert } from '@iotw/kernel/assert';
import { MAX_POOL_DEVICES } from '@iotw/protocol/limits';
import { ASSIGNER, ELECTION_MODE, type ElectionMode, type Parameters } from '@iotw/protocol/parameters';
import { type EpochAssigner, type EpochSnapshot, type EpochTrustNode, poolRoot } from '@iotw/protocol/pool';
import type { SeedOrigin } from '@iotw/protocol/seed-origin';
import { decideAtEdge } from './proposals/decide.js';
import { reinstateDevice } from './removal.js';
import type { EpochEdge } from './round-outcome.js';
import { closeEmergency } from './seed-rule.js';
import { payee, settleEpoch } from './settlement.js';
import type { State } from './state.js';
import { NO_ACCOUNT } from './tables/devices.js';
import { EPOCH_SLOTS, type FrozenPool, POOL_LEAD } from './tables/epochs.js';
import { SUSPENDED } from './tables/nodes.js';

/**
 * Ends the running epoch e: pays it, lets adopted proposals take effect, freezes pool(e+3) from who was
 * present in e, opens e+1 with `seed` (32 bytes), made by `origin`. Its removals and claims were applied before: the edge comes
 * last in a round.
 */
export function crossEpochEdge(
  state: State,
  seed: Uint8Array,
  origin: SeedOrigin,
): Omit<EpochEdge, 'stateBefore' | 'stateRoot'> {
  const ended = state.epoch;
  const settlement = settleEpoch(state, ended);
  decideAtEdge(state, ended);
  state.upgrades.enter(ended + 1, state.round + 1);
  const parameters = state.nextParameters;
  state.pendingParameters = undefined;
  // One epoch more than they witness: their devices are told meanwhile where to go.
  const before = state.epochs.frozen(ended + POOL_LEAD - 1)?.trustNodes ?? [];
  const hosts = new Set([...witnessingNodes(state), ...before].map(({ index }) => index));
  const enters = (device: number): boolean =>
    mayEnter(state, device, ended) && hosts.has(state.devices.col.host[device]!);
  const frozenNext = freeze(state, ended + POOL_LEAD, parameters, enters);
  state.epochs.freeze(frozenNext);
  const snapshot = state.epochs.open(ended + 1, seed, origin, state.timeMs, state.round, (device) =>
    state.devices.col.drawTicketEpoch[device] === ended + 1 ? state.devices.col.drawTickets[device]! : 0,
  );
  endBlacklistTerms(state, ended + 1);
  beginStakes(state);
  state.absences.forget(state.epochs.col.round[ended % EPOCH_SLOTS]!);
  closeEmergency(state);
  seatTrustNodes(state, snapshot);
  return { ended, settlement, snapshot, frozenNext };
}

/** Whether the device was present in `ended` and may be drawn in ended + POOL_LEAD, if its host is a trust node then or in the epoch before. */
function mayEnter(state: State, device: number, ended: number): boolean {
  const c = state.devices.col;
  const { batches } = state.makers;
  const batch = c.batchRow[device]!;
  return (
    c.presentEpoch[device] === ended + 1 &&
    c.revoked[device] === 0 &&
    !state.makers.isSuspended(state.makers.find(c.maker[device]!)) &&
    !batches.isRevoked(batch, state.round) &&
    c.activeFrom[device]! <= ended + POOL_LEAD &&
    c.blacklistedUntil[device]! <= ended + POOL_LEAD
  );
}

/**
 * Takes back whose term is over with the epoch that begins: pools frozen before the case hold the device, and were
 * it taken back when a pool is frozen with it again, a short term would end in one of those.
 */
function endBlacklistTerms(state: State, begins: number): void {
  const { blacklistedUntil } = state.devices.col;
  for (let device = 0; device < state.devices.rows; device++) {
    const until = blacklistedUntil[device]!;
    if (until !== 0 && until <= begins) reinstateDevice(state, device);
  }
}

/** The least balances of the epoch that begins: of every account that owns a device now. */
export function beginStakes(state: State): void {
  const { devices, accounts } = state;
  const owners = new Set<number>();
  for (let device = 0; device < devices.rows; device++) {
    const owner = devices.col.owner[device]!;
    const account = owner === NO_ACCOUNT ? accounts.find(devices.col.key, 32 * device) : owner;
    if (account !== -1) owners.add(account);
  }
  state.stakes.begin(
    [...owners].sort((a, b) => a - b),
    accounts,
  );
}

/** What is frozen for `epoch`: the devices that `enters` lets in, ascending by number, parameters, trust nodes. */
export function freeze(
  state: State,
  epoch: number,
  parameters: Parameters,
  enters: (device: number) => boolean,
): FrozenPool {
  const { devices } = state;
  const c = devices.col;
  const candidates: Candidate[] = [];
  const people = admitsPeople(parameters);
  for (let device = 0; device < devices.rows && candidates.length < MAX_POOL_DEVICES; device++) {
    const deviceClass = c.deviceClass[device]!;
    if (!enters(device) || (!people && isPerson({ deviceClass }))) continue;
    const owner = payee(state, device);
    candidates.push({
      device,
      key: devices.key(device),
      host: c.host[device]!,
      maker: c.maker[device]!,
      batch: c.batch[device]!,
      region: c.region[device]!,
      deviceClass,
      owner,
      reputation: reputation({ answered: c.answeredEvidence[device]!, missed: c.missedEvidence[device]! }),
      uptimeEpochs: c.uptimeEpochs[device]!,
      registeredEpochs: Math.max(0, epoch - c.registeredEpoch[device]!),
      leastBalance: state.stakes.least(owner),
    });
  }
  const mode = modeName(parameters.electionMode);
  const contents = {
    devices: freezePool(candidates, mode, parameters),
    parameters,
    trustNodes: witnessingNodes(state),
    assigners: assignersOf(state, parameters.assigner),
  };
  return { epoch, mode, ...contents, root: poolRoot(contents) };
}

/** The nodes of the role that sign assignments: those not voted out; none where each lane's trust node does. */
function assignersOf({ ledgerServers, apiServers }: State, role: number): EpochAssigner[] {
  if (role === ASSIGNER['ledger-server']) {
    return ledgerServers
      .serving()
      .map((index) => ({ index, server: index, key: ledgerServers.bytes('key', index) }));
  }
  if (role !== ASSIGNER['api-server']) return [];
  return Array.from({ length: apiServers.rows }, (_, index) => ({ index, ...apiServers.read(index)! }))
    .filter(({ suspended }) => !suspended)
    .map(({ index, server, key }) => ({ index, server, key }));
}

/** Those that may witness. Were it nobody, the set before stays: without votes no block would ever come to reinstate one. */
function witnessingNodes(state: State): EpochTrustNode[] {
  const { trustNodes, epochs } = state;
  const trusted = trustNodes.trusted();
  if (trusted.length > 0) return trusted.map((index) => ({ index, key: trustNodes.key(index) }));
  return [...(epochs.frozen(state.epoch + POOL_LEAD - 1)?.trustNodes ?? [])];
}

/** A lane takes blocks in the epochs in which its trust node is a witness. */
function seatTrustNodes(state: State, { trustNodes: seated }: EpochSnapshot): void {
  const { trustNodes, changes } = state;
  const seats = new Set(seated.map(({ index }) => index));
  for (let index = 0; index < trustNodes.rows; index++) {
    const before = trustNodes.col.suspended[index]!;
    const after = seats.has(index) ? before & ~SUSPENDED.unseated : before | SUSPENDED.unseated;
    if (after === before) continue;
    trustNodes.set('suspended', index, after);
    changes.lanes.add(index);
  }
}

function modeName(mode: number): ElectionMode {
  const entry = Object.entries(ELECTION_MODE).find(([, n]) => n === mode);
  assert(entry !== undefined, 'the genesis names an election mode of this software');
  return entry[0] as ElectionMode;
}
