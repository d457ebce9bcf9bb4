import type { State } from './state.js';
import { POOL_LEAD } from './tables/epochs.js';

/** Leaves the device out of every draw whose refRound is this round or later. */
export function removeDevice(state: State, device: number): void {
  const c = state.devices.col;
  const gone = c.removedFrom[device] !== 0 && c.removedUntil[device] === 0;
  if (!gone) {
    state.devices.set('removedFrom', device, state.round);
    state.devices.set('removedUntil', device, 0);
  }
  state.changes.removed.add(device);
}

/**
 * Removes the device and keeps it out of the pools of `blacklistEpochs` epochs: those that are
 * frozen hold it but skip it, the first that may hold it again is running + POOL_LEAD + blacklistEpochs.
 */
export function blacklistDevice(state: State, device: number): void {
  removeDevice(state, device);
  const until = state.epoch + POOL_LEAD + state.parameters.blacklistEpochs;
  state.devices.set('blacklistedUntil', device, Math.min(until, 0xffff_ffff));
}

/** Ends the term of a blacklisted device when a pool takes it again: draws from the next round on may name it. */
export function reinstateDevice(state: State, device: number): void {
  state.devices.set('blacklistedUntil', device, 0);
  state.devices.set('removedUntil', device, state.round + 1);
  state.changes.reinstated.add(device);
}
