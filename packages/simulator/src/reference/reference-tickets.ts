import { concatBytes, writeU32 } from '@iotw/kernel/bytes';
import { signingDigest } from '@iotw/kernel/signing';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import type { Ticket } from '@iotw/protocol/operations';
import { ELECTION_MODE } from '@iotw/protocol/parameters';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { AppliedOperation, ReferenceRule } from './reference-rule.js';

type Frozen = Omit<EpochSnapshot, 'seed'>;

const ONE = 1n << 1024n;

/** Clause 7.8: whose private tickets win, and the pool that an epoch of mode vrf therefore draws from. */
export class ReferenceTickets implements ReferenceRule {
  readonly name = 'tickets-win';
  readonly #frozen = new Map<number, Frozen>();
  /** Tickets won for the epoch after the running one, by device. */
  #won = new Map<number, number>();

  operation(applied: AppliedOperation): string | undefined {
    if (applied.operation.type !== 'ticket') return undefined;
    const read = this.#read(applied, applied.operation);
    // Among other tickets one that does not count is passed over (clause 4.1); alone it fails its transaction.
    if (typeof read === 'string') return applied.alone ? read : undefined;
    this.#won.set(applied.operation.device, read);
    return undefined;
  }

  #read({ epoch, network, ledger, checker }: AppliedOperation, ticket: Ticket): number | string {
    const { device, proof } = ticket;
    // The first pools were frozen with the genesis.
    const pool = this.#frozen.get(epoch + 1) ?? ledger.frozenPool(epoch + 1);
    const entry = pool?.devices.find((each) => each.device === device);
    if (pool?.mode !== 'vrf' || entry === undefined || ticket.epoch !== epoch)
      return `device ${device} draws for a pool that asks for no ticket of it`;
    if (this.#won.has(device)) return `device ${device} draws twice in epoch ${epoch}`;
    const numbers = new Uint8Array(8);
    writeU32(numbers, 0, epoch);
    writeU32(numbers, 4, device);
    const { seed } = ledger.snapshotOf(epoch)!;
    const alpha = signingDigest('iotw/v1/ticket', network, concatBytes(seed, numbers));
    const output = checker.vrfOutput(entry.key, alpha, proof);
    if (output === undefined) return `device ${device} did not make its ticket`;
    const wins = winsOf(pool, entry, output);
    return wins > 0 ? wins : `the ticket of device ${device} in epoch ${epoch} does not win`;
  }

  edge({ ledger }: AppliedRound, { ended, snapshot, frozenNext }: EpochEdge): string | undefined {
    const won = this.#won;
    this.#won = new Map();
    const pool = this.#frozen.get(ended + 1) ?? ledger.frozenPool(ended + 1);
    this.#frozen.set(frozenNext.epoch, frozenNext);
    this.#frozen.delete(ended);
    if (pool?.mode !== 'vrf') return undefined;
    const should = winners(pool, won);
    const same =
      should.length === snapshot.devices.length &&
      should.every(({ device, weight }, i) => {
        const is = snapshot.devices[i]!;
        return is.device === device && is.weight === weight;
      });
    return same ? undefined : `epoch ${ended + 1} draws from others than those whose tickets won`;
  }
}

function winners(pool: Frozen, won: ReadonlyMap<number, number>): readonly PoolDevice[] {
  const { miners, witnesses, ticketTarget, ticketWeight } = pool.parameters;
  const weighted = ticketWeight !== ELECTION_MODE.random;
  const chosen = pool.devices.flatMap((device) => {
    const wins = won.get(device.device);
    return wins === undefined ? [] : [weighted ? { ...device, weight: wins } : device];
  });
  const tickets = [...won.values()].reduce((sum, wins) => sum + wins, 0);
  const few = chosen.length < miners + witnesses || tickets < Math.min(ticketTarget, pool.devices.length) / 2;
  return few ? pool.devices : chosen;
}

function winsOf(pool: Frozen, { weight }: PoolDevice, output: Uint8Array): number {
  const { ticketTarget: t, ticketWeight } = pool.parameters;
  if (ticketWeight === ELECTION_MODE.random) {
    let n = 0;
    while (Math.floor(pool.devices.length / 2 ** (n + 1)) >= t) n += 1;
    return integer(output) % 2n ** BigInt(n) === 0n ? 1 : 0;
  }
  const all = pool.devices.reduce((sum, device) => sum + BigInt(device.weight), 0n);
  const target = BigInt(t);
  if (all <= target) return weight;
  const u = integer(output.subarray(0, 32)) << 768n;
  const q = ((all - target) << 1024n) / all;
  let term = ONE;
  for (const bit of weight.toString(2)) {
    term = (term * term) >> 1024n;
    if (bit === '1') term = (term * q) >> 1024n;
  }
  let sum = term;
  let j = 0n;
  while (u >= sum && j < BigInt(weight) && term > 0n) {
    term = (term * (BigInt(weight) - j) * target) / ((j + 1n) * (all - target));
    sum += term;
    j += 1n;
  }
  return Number(j);
}

/** Little-endian. */
function integer(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}
