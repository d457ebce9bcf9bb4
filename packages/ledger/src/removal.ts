import type { State } from './state.js';
import { BLACKLIST_REASON, NO_TERM } from './tables/devices.js';
import { POOL_LEAD } from './tables/epochs.js';

/** Leaves the device out of every draw whose refRound is this round or later. */
export function removeDevice(state: State, device: number): void {
  const c = state.devices.col;
  const gone = c.removedFrom[device] !== 0 && c.removedUntil[device] === 0;
  if (!gone) {
    // Blocks that refer to a round in which it was left out before are judged by that.
    if (c.removedFrom[device] !== 0)
      state.absences.keep(device, c.removedFrom[device]!, c.removedUntil[device]!);
    state.devices.set('removedFrom', device, state.round);
    state.devices.set('removedUntil', device, 0);
  }
  state.changes.removed.add(device);
}

/**
 * Removes the device and keeps it out of the pools of `blacklistEpochs` epochs: those that are
 * frozen hold it but skip it, the first that may hold it again is running + POOL_LEAD + blacklistEpochs; with
 * 0 none does until a vote. `proof`: digest of the attestation that it is blacklisted for. What it could
 * appeal against gives way to what its own signature proves; otherwise the first case stands.
 */
export function blacklistDevice(state: State, device: number, reason: number, proof: Uint8Array): void {
  const { devices, parameters } = state;
  removeDevice(state, device);
  const until = state.epoch + POOL_LEAD + parameters.blacklistEpochs;
  const term = parameters.blacklistEpochs === 0 ? NO_TERM : Math.min(until, NO_TERM);
  devices.set('blacklistedUntil', device, Math.max(devices.col.blacklistedUntil[device]!, term));
  const known = devices.col.blacklistReason[device]!;
  if (known !== BLACKLIST_REASON.none && (!isAppealable(state, device) || APPEALABLE.has(reason))) return;
  devices.set('blacklistReason', device, reason);
  devices.setBytes('blacklistCase', device, proof);
}

const APPEALABLE: ReadonlySet<number> = new Set([BLACKLIST_REASON.unproven, BLACKLIST_REASON.disagreement]);

/** Whether a proof can show that the blacklisted device was right after all. */
export function isAppealable(state: State, device: number): boolean {
  return APPEALABLE.has(state.devices.col.blacklistReason[device]!);
}

/** Whether the device itself or its batch is revoked. */
export function isRevoked(state: State, device: number): boolean {
  const c = state.devices.col;
  return c.revoked[device] === 1 || state.makers.batches.isRevoked(c.batchRow[device]!, state.round);
}

/**
 * Takes a blacklisted device back: when the first epoch begins that its term does not cover, on appeal, or by a vote. Draws from
 * the next round on may name it, unless it was revoked meanwhile; the pools that are frozen hold it where it
 * was present.
 */
export function reinstateDevice(state: State, device: number): void {
  state.devices.set('blacklistedUntil', device, 0);
  state.devices.set('blacklistReason', device, BLACKLIST_REASON.none);
  state.devices.setBytes('blacklistCase', device, new Uint8Array(32));
  if (isRevoked(state, device)) return;
  state.devices.set('removedUntil', device, state.round + 1);
  state.changes.reinstated.add(device);
}
