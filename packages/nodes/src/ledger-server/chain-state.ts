import { writeU16, writeU32 } from '@iotw/kernel/bytes';
import { hostMoves } from '@iotw/ledger/host-moves';
import type { Ledger } from '@iotw/ledger/ledger';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import {
  type ChainViewState,
  HOST_MOVE_BYTES,
  type LaneCursor,
  type NodeSet,
  PACKED_DEVICE_BYTES,
} from '../messages.js';

/** What a trust node has to know of the ledger, as of its last round. */
export function viewOf(ledger: Ledger): ChainViewState {
  const lanes: LaneCursor[] = [];
  for (let lane = 0; lane < ledger.lanes.rows; lane++) {
    const { incarnation, height, hash } = ledger.lanes.read(lane)!;
    const { suspended } = ledger.trustNodes.read(lane)!;
    const softDebts = ledger.lanes.softDebtList(lane);
    lanes.push({ lane, incarnation, height, hash, suspended, softDebts });
  }
  const removed: [number, number, number][] = [];
  const { removedFrom, removedUntil, batchRow } = ledger.devices.col;
  const { revokedFrom } = ledger.makers.batches.col;
  for (let device = 0; device < ledger.devices.rows; device++) {
    const from = removedFrom[device]!;
    const until = removedUntil[device]!;
    if (from !== 0) removed.push([device, from, until]);
    // A device goes with its batch, whatever its own row says.
    const batch = revokedFrom[batchRow[device]!]!;
    if (batch !== 0 && (from === 0 || until !== 0 || batch < from)) removed.push([device, batch, 0]);
  }
  const { absences } = ledger;
  for (let row = 0; row < absences.rows; row++)
    removed.push([absences.col.device[row]!, absences.col.from[row]!, absences.col.until[row]!]);
  const snapshots: EpochSnapshot[] = [];
  for (let epoch = Math.max(0, ledger.epoch - 1); epoch <= ledger.epoch; epoch++) {
    const snapshot = ledger.snapshotOf(epoch);
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  const moves = packMoves(ledger);
  return {
    version: ledger.upgrades.version,
    round: ledger.round,
    timeMs: ledger.timeMs,
    epoch: ledger.epoch,
    lanes,
    removed,
    snapshots,
    nodes: nodesOf(ledger),
    trustSequences: lanes.map(({ lane }) => ledger.accounts.sequence(ledger.trustNodes.read(lane)!.account)),
    ...(moves.length === 0 ? {} : { moves }),
    devices: packDevices(ledger, 0),
  };
}

/** All nodes as of the last round. */
export function nodesOf({
  trustNodes,
  ledgerServers,
}: Pick<Ledger, 'trustNodes' | 'ledgerServers'>): NodeSet {
  const list = (table: typeof trustNodes | typeof ledgerServers, standing: readonly number[]) =>
    Array.from({ length: table.rows }, (_, index) => {
      const { key, linkKey, region } = table.read(index)!;
      return { key, linkKey, region, standing: standing.includes(index), address: '' };
    });
  return {
    trust: list(trustNodes, trustNodes.trusted()).map((node, index) => ({
      ...node,
      address: String.fromCharCode(...trustNodes.address(index)),
    })),
    ledger: list(ledgerServers, ledgerServers.serving()),
  };
}

/** Devices that belong to another host than the running pool's, one after another (clause 14.8). */
export function packMoves(ledger: Ledger): Uint8Array {
  const moves = hostMoves(ledger);
  const packed = new Uint8Array(HOST_MOVE_BYTES * moves.length);
  moves.forEach(({ device, host, epoch }, i) => {
    writeU32(packed, HOST_MOVE_BYTES * i, device);
    writeU16(packed, HOST_MOVE_BYTES * i + 4, host);
    writeU32(packed, HOST_MOVE_BYTES * i + 6, epoch);
  });
  return packed;
}

/** Devices numbered `from` and above that are not revoked: number u32 and key, one after another. */
export function packDevices(ledger: Ledger, from: number): Uint8Array {
  const { devices } = ledger;
  const { revoked } = devices.col;
  const packed = new Uint8Array(PACKED_DEVICE_BYTES * Math.max(0, devices.rows - from));
  let at = 0;
  for (let device = from; device < devices.rows; device++) {
    if (revoked[device] === 1) continue;
    writeU32(packed, at, device);
    packed.set(devices.key(device), at + 4);
    at += PACKED_DEVICE_BYTES;
  }
  return packed.subarray(0, at);
}
