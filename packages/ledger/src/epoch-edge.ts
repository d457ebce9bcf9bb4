import { reputation } from '@iotw/assignment/reputation';
import { type Candidate, freezePool } from '@iotw/assignment/weights';
import { assert } from '@iotw/kernel/assert';
import { MAX_POOL_DEVICES } from '@iotw/protocol/limits';
import { ELECTION_MODE, type ElectionMode, type Parameters } from '@iotw/protocol/parameters';
import { type EpochTrustNode, poolRoot } from '@iotw/protocol/pool';
import { reinstateDevice } from './removal.js';
import type { EpochEdge } from './round-outcome.js';
import { closeEmergency } from './seed-rule.js';
import { payee, settleEpoch } from './settlement.js';
import type { State } from './state.js';
import { NO_ACCOUNT, NO_HOST } from './tables/devices.js';
import { type FrozenPool, POOL_LEAD } from './tables/epochs.js';

/**
 * Ends the running epoch e: pays it, freezes pool(e+3) from who was present in e, opens e+1 with `seed`
 * (32 bytes). Its removals and claims were applied before: the edge comes last in a round.
 */
export function crossEpochEdge(state: State, seed: Uint8Array): EpochEdge {
  const ended = state.epoch;
  const settlement = settleEpoch(state, ended);
  const { parameters } = state.epochs.frozen(ended + POOL_LEAD - 1)!;
  const frozenNext = freeze(state, ended + POOL_LEAD, parameters, (device) => mayEnter(state, device, ended));
  state.epochs.freeze(frozenNext);
  const snapshot = state.epochs.open(ended + 1, seed, state.timeMs, state.round);
  beginStakes(state);
  closeEmergency(state);
  return { ended, settlement, snapshot, frozenNext };
}

/** Whether the device was present in `ended` and may be drawn in ended + POOL_LEAD. */
function mayEnter(state: State, device: number, ended: number): boolean {
  const c = state.devices.col;
  const { batches } = state.makers;
  const batch = c.batchRow[device]!;
  return (
    c.presentEpoch[device] === ended + 1 &&
    c.host[device] !== NO_HOST &&
    c.revoked[device] === 0 &&
    !batches.isRevoked(batch, state.round) &&
    c.activeFrom[device]! <= ended + POOL_LEAD &&
    c.blacklistedUntil[device]! <= ended + POOL_LEAD
  );
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
  for (let device = 0; device < devices.rows && candidates.length < MAX_POOL_DEVICES; device++) {
    if (!enters(device)) continue;
    if (c.blacklistedUntil[device] !== 0) reinstateDevice(state, device);
    const owner = payee(state, device);
    candidates.push({
      device,
      key: devices.key(device),
      host: c.host[device]!,
      maker: c.maker[device]!,
      batch: c.batch[device]!,
      region: c.region[device]!,
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
  };
  return { epoch, mode, ...contents, root: poolRoot(contents) };
}

function witnessingNodes(state: State): EpochTrustNode[] {
  return state.trustNodes.keys().map((key, index) => ({ index, key }));
}

function modeName(mode: number): ElectionMode {
  const entry = Object.entries(ELECTION_MODE).find(([, n]) => n === mode);
  assert(entry !== undefined, 'the genesis names an election mode of this software');
  return entry[0] as ElectionMode;
}
