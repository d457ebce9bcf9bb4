import { toHex } from '@iotw/kernel/bytes';
import type { EpochEdge } from '@iotw/ledger/round-outcome';
import type { Genesis } from '@iotw/protocol/genesis';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { ELECTION_MODE, type Parameters } from '@iotw/protocol/parameters';
import type { AppliedRound } from '../invariants/applied-round.js';
import type { ReferenceBalances } from './reference-balances.js';
import type { ReferenceCommittee } from './reference-certificate.js';
import type { ReferenceOwners } from './reference-owners.js';
import type { ReferenceRule } from './reference-rule.js';
import type { ReferenceVotes } from './reference-votes.js';

const MILLION = 1_000_000;
const MOST = 2n ** 32n - 1n;

/** Answers and misses of a device as reputation weighs them, in millionths (10.6). */
interface Evidence {
  answered: bigint;
  missed: bigint;
}

interface Weighed {
  readonly device: number;
  readonly owner: number;
  readonly batch: string;
  readonly weight: bigint;
  readonly person: boolean;
}

/** Clauses 7.1 and 7.10: the weight of every device of a pool by its mode, what damping leaves of it, and people's share. */
export class ReferenceWeights implements ReferenceRule {
  readonly name = 'weights-by-rule';
  readonly #owners: ReferenceOwners;
  readonly #votes: ReferenceVotes;
  readonly #evidence = new Map<number, Evidence>();
  #answers = new Map<number, number>();
  #misses = new Map<number, number>();
  /** Least balance of the running epoch by key, of those that owned a device when it began. */
  #least: Map<string, number>;

  constructor(genesis: Genesis, owners: ReferenceOwners, votes: ReferenceVotes) {
    this.#owners = owners;
    this.#votes = votes;
    const payees = owners.payees();
    this.#least = new Map(
      genesis.accounts.flatMap(({ key, amount }) =>
        payees.has(toHex(key)) ? [[toHex(key), amount] as const] : [],
      ),
    );
  }

  certificates(_round: AppliedRound, committees: readonly (ReferenceCommittee | string)[]): undefined {
    for (const committee of committees) {
      if (typeof committee === 'string') continue;
      for (const device of [...committee.paid, ...committee.unpaid]) count(this.#answers, device);
      for (const device of committee.missed) count(this.#misses, device);
    }
  }

  observe(balances: ReferenceBalances): void {
    for (const [key, least] of this.#least) this.#least.set(key, Math.min(least, balances.of(key)));
  }

  begins(balances: ReferenceBalances): void {
    this.#least = new Map([...this.#owners.payees()].map((key) => [key, balances.of(key)]));
  }

  edge({ ledger }: AppliedRound, { ended, frozenNext }: EpochEdge): string | undefined {
    this.#age(BigInt(this.#votes.parametersOf(ended).reputationDecayPpm));
    const { parameters } = frozenNext;
    const mode =
      parameters.electionMode === ELECTION_MODE.vrf ? parameters.ticketWeight : parameters.electionMode;
    const { col } = ledger.devices;
    const owned = new Map<number, number>();
    for (const { owner } of frozenNext.devices) count(owned, owner);
    const weighed = frozenNext.devices.map(({ device, owner, deviceClass }): Weighed => {
      const age = Math.max(0, frozenNext.epoch - col.registeredEpoch[device]!);
      const weight = this.#weight(mode, device, owned.get(owner)!, Math.min(col.uptimeEpochs[device]!, age));
      const batch = `${col.maker[device]}/${col.batch[device]}`;
      return { device, owner, batch, weight, person: deviceClass === DEVICE_CLASS.user };
    });
    const should = limited(weighed, damped(weighed, parameters), parameters);
    for (const [i, { device, weight }] of frozenNext.devices.entries())
      if (BigInt(weight) !== should[i])
        return `device ${device} weighs ${weight} in pool(${frozenNext.epoch}), by the rule ${should[i]}`;
    return undefined;
  }

  #weight(mode: number, device: number, owned: number, epochs: number): bigint {
    if (mode === ELECTION_MODE.reputation) {
      const { answered, missed } = this.#evidence.get(device) ?? { answered: 0n, missed: 0n };
      const good = answered + 1_000_000n;
      return atLeastOne((good * 1_000_000n) / (good + missed + 1_000_000n));
    }
    if (mode === ELECTION_MODE.uptime) return 60n + BigInt(Math.min(epochs, 1_440));
    if (mode !== ELECTION_MODE.stake) return 1n;
    const weight = BigInt(Math.floor((this.#least.get(this.#owners.payee(device)) ?? 0) / (10_000 * owned)));
    return weight > MOST ? MOST : atLeastOne(weight);
  }

  #age(decay: bigint): void {
    const devices = new Set([...this.#evidence.keys(), ...this.#answers.keys(), ...this.#misses.keys()]);
    for (const device of devices) {
      const { answered, missed } = this.#evidence.get(device) ?? { answered: 0n, missed: 0n };
      const next = (old: bigint, seen: number): bigint =>
        (old * decay) / BigInt(MILLION) + BigInt(seen * MILLION);
      this.#evidence.set(device, {
        answered: next(answered, this.#answers.get(device) ?? 0),
        missed: next(missed, this.#misses.get(device) ?? 0),
      });
    }
    this.#answers = new Map();
    this.#misses = new Map();
  }
}

function damped(devices: readonly Weighed[], rule: Parameters): bigint[] {
  const weights = devices.map(({ weight }) => weight);
  const all = sum(weights);
  const owners = totals(devices, weights, ({ owner }) => String(owner));
  const batches = totals(devices, weights, ({ batch }) => batch);
  const n = devices.length;
  const free = Math.max(rule.ownerFreeDevices, Math.ceil((2 * n) / Math.max(1, owners.size)));
  const freeOf = (total: bigint): bigint | undefined =>
    rule.ownerFreeDevices === 0 || free >= n ? undefined : (total * BigInt(free)) / BigInt(n);
  const capOf = (bps: number, groups: number) => {
    const cap = Math.max(bps, Math.ceil(20_000 / Math.max(1, groups)));
    return (total: bigint): bigint | undefined =>
      cap >= 10_000 ? undefined : (total * BigInt(cap)) / 10_000n;
  };
  const ownerCap = capOf(rule.ownerCapBps, owners.size);
  const batchCap = capOf(rule.batchCapBps, batches.size);
  const above = (total: bigint, limit: bigint | undefined): boolean => limit !== undefined && total > limit;
  const anybody =
    [...owners.values()].some((total) => above(total, freeOf(all)) || above(total, ownerCap(all))) ||
    [...batches.values()].some((total) => above(total, batchCap(all)));
  if (!anybody) return weights;
  let scale = 65_536n;
  while (scale > 1n && weights.some((weight) => weight * scale > MOST)) scale /= 2n;
  const scaled = weights.map((weight) => weight * scale);
  const total = all * scale;
  const cut = (
    from: readonly bigint[],
    groupOf: (device: Weighed) => string,
    allowed: (w: bigint) => bigint,
  ) => {
    const sums = totals(devices, from, groupOf);
    return devices.map((device, i) => {
      const w = sums.get(groupOf(device))!;
      const left = allowed(w);
      return left >= w ? from[i]! : (from[i]! * left) / w;
    });
  };
  const least = (a: bigint, b: bigint | undefined): bigint => (b === undefined || a < b ? a : b);
  const byOwner = cut(
    scaled,
    ({ owner }) => String(owner),
    (w) => {
      const k = freeOf(total);
      return least(k !== undefined && w > k ? root(w * k) : w, ownerCap(total));
    },
  );
  return cut(
    byOwner,
    ({ batch }) => batch,
    (w) => least(w, batchCap(total)),
  ).map(atLeastOne);
}

/** People beyond their share of the whole weight are cut down to it, in finer parts. */
function limited(
  devices: readonly Weighed[],
  weights: readonly bigint[],
  rule: Parameters,
): readonly bigint[] {
  const people = sum(weights.filter((_, i) => devices[i]!.person));
  const others = sum(weights) - people;
  const bps = BigInt(rule.userShareBps);
  const shareBeside = (whole: bigint): bigint => (whole * bps) / (10_000n - bps);
  if (people === 0n || others === 0n || bps === 10_000n || people <= shareBeside(others)) return weights;
  let scale = 65_536n;
  while (scale > 1n && weights.some((weight) => weight * scale > MOST)) scale /= 2n;
  const allowed = shareBeside(others * scale);
  return weights.map((weight, i) =>
    devices[i]!.person ? atLeastOne((weight * allowed) / people) : weight * scale,
  );
}

function totals(
  devices: readonly Weighed[],
  weights: readonly bigint[],
  groupOf: (device: Weighed) => string,
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  devices.forEach((device, i) => {
    sums.set(groupOf(device), (sums.get(groupOf(device)) ?? 0n) + weights[i]!);
  });
  return sums;
}

/** floor(sqrt(n)), found from below by bisection. */
function root(n: bigint): bigint {
  let low = 0n;
  let high = n + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle;
  }
  return low;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const atLeastOne = (value: bigint): bigint => (value < 1n ? 1n : value);

function count(counts: Map<number, number>, number: number, n = 1): void {
  counts.set(number, (counts.get(number) ?? 0) + n);
}
