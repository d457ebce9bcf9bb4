import { equalBytes, toHex } from '@iotw/kernel/bytes';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import { decodeAttestation } from '@iotw/protocol/attestation';
import { encodePoolDevice, type PoolDevice, poolRoot } from '@iotw/protocol/pool';
import type { ReferenceRound } from '../reference/reference-round.js';
import type { AppliedRound } from './applied-round.js';
import { type Invariant, Violation } from './invariant.js';

/** Epochs between the end of the one whose presence makes a pool and the one that is drawn from it. */
const AHEAD = 3;

/**
 * A pool is frozen three epochs ahead, of devices that were there, were not revoked and are not blacklisted, with
 * hosts that are trust nodes of its epoch or the one before, and is the same when its seed comes: whatever was known by then. In mode vrf winning tickets restrict it (clause
 * 7.8): then it holds nobody who was not frozen, and nobody's entry has changed but for the weight.
 */
export class FrozenPools implements Invariant {
  readonly name = 'frozen-pools';
  readonly #roots = new Map<number, Uint8Array>();
  /** Entries of the pools that tickets may restrict. */
  readonly #entries = new Map<number, Set<string>>();
  /** Of the pool frozen last. */
  #trustNodes: readonly number[] | undefined;
  /** First epoch whose pool may hold a blacklisted device again, as its last round left it. */
  readonly #blacklisted = new Map<number, number>();

  applied({ ledger, outcome, first }: AppliedRound, reference: ReferenceRound | undefined): void {
    const { edge } = outcome;
    if (!first) return;
    // Who appealed with success in this round is back before its edge.
    for (const { transaction, code } of reference!.transactions)
      for (const operation of code === 0 ? transaction.operations : []) {
        const answer = operation.type === 'appeal' ? decodeAttestation(operation.attestation) : undefined;
        if (answer?.ok) this.#blacklisted.delete(answer.value.device);
      }
    if (edge !== undefined) this.#edge(ledger, edge, reference!);
    const { blacklistedUntil } = ledger.devices.col;
    for (const device of outcome.changes.removed) this.#blacklisted.set(device, blacklistedUntil[device]!);
    for (const device of outcome.changes.reinstated) this.#blacklisted.delete(device);
  }

  #edge(ledger: AppliedRound['ledger'], edge: EpochEdge, reference: ReferenceRound): void {
    const { ended, snapshot, frozenNext } = edge;
    if (snapshot.epoch !== ended + 1)
      throw new Violation(this.name, `epoch ${snapshot.epoch} follows ${ended}`);
    if (frozenNext.epoch !== ended + AHEAD)
      throw new Violation(this.name, `pool(${frozenNext.epoch}) is frozen as epoch ${ended} ends`);
    this.#roots.set(frozenNext.epoch, poolRoot(frozenNext));
    if (frozenNext.mode === 'vrf')
      this.#entries.set(frozenNext.epoch, new Set(frozenNext.devices.map(entry)));
    const entries = this.#entries.get(snapshot.epoch);
    const known = this.#roots.get(snapshot.epoch);
    const asFrozen = known === undefined || equalBytes(known, poolRoot(snapshot));
    if (!asFrozen && !snapshot.devices.every((device) => entries?.has(entry(device))))
      throw new Violation(this.name, `pool(${snapshot.epoch}) is not what was frozen`);
    if (!equalBytes(snapshot.root, poolRoot(snapshot)))
      throw new Violation(this.name, `the root of pool(${snapshot.epoch}) is another pool's`);
    const { revoked, batchRow } = ledger.devices.col;
    const { revokedFrom } = ledger.makers.batches.col;
    const now = frozenNext.trustNodes.map(({ index }) => index);
    // Pools 0 to 2 are the genesis'.
    const before = this.#trustNodes ?? ledger.genesis.trustNodes.keys();
    const hosts = new Set([...now, ...before]);
    this.#trustNodes = now;
    for (const { device, host } of frozenNext.devices) {
      const why = !hosts.has(host)
        ? `has host ${host}, which is no trust node of that epoch nor of the one before`
        : !reference.present.has(device)
          ? `was not there in epoch ${ended}`
          : revoked[device] !== 0 || revokedFrom[batchRow[device]!] !== 0
            ? 'is revoked'
            : (this.#blacklisted.get(device) ?? 0) > frozenNext.epoch
              ? 'is blacklisted'
              : undefined;
      if (why !== undefined)
        throw new Violation(this.name, `device ${device} enters pool(${frozenNext.epoch}) and ${why}`);
    }
  }
}

/** A pool's entry but for the weight, in hex. */
function entry(device: PoolDevice): string {
  return toHex(encodePoolDevice({ ...device, weight: 0 }));
}
