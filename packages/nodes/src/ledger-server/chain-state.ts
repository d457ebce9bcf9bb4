import type { Ledger } from '@iotw/ledger/ledger';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { ChainViewState, LaneCursor } from '../messages.js';

/** What a trust node has to know of the ledger, as of its last round. */
export function viewOf(ledger: Ledger): ChainViewState {
  const lanes: LaneCursor[] = [];
  for (let lane = 0; lane < ledger.lanes.rows; lane++) {
    const { incarnation, height, hash } = ledger.lanes.read(lane)!;
    lanes.push({ lane, incarnation, height, hash, suspended: ledger.trustNodes.read(lane)!.suspended });
  }
  const removed: [number, number, number][] = [];
  const { removedFrom, removedUntil, batchRow } = ledger.devices.col;
  const { revokedFrom } = ledger.makers.batches.col;
  for (let device = 0; device < ledger.devices.rows; device++) {
    const from = removedFrom[device]!;
    const until = removedUntil[device]!;
    // A device goes with its batch, whatever its own row says.
    const batch = revokedFrom[batchRow[device]!]!;
    if (batch !== 0 && (from === 0 || until !== 0 || batch < from)) removed.push([device, batch, 0]);
    else if (from !== 0) removed.push([device, from, until]);
  }
  const snapshots: EpochSnapshot[] = [];
  for (let epoch = Math.max(0, ledger.epoch - 1); epoch <= ledger.epoch; epoch++) {
    const snapshot = ledger.snapshotOf(epoch);
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  return {
    round: ledger.round,
    timeMs: ledger.timeMs,
    epoch: ledger.epoch,
    lanes,
    removed,
    snapshots,
    trustKeys: ledger.trustNodes.keys(),
    trustSequences: lanes.map(({ lane }) => ledger.accounts.sequence(ledger.trustNodes.read(lane)!.account)),
  };
}
