import { type DampedDevice, dampWeights } from '@iotw/assignment/damping';
import { admitsPeople, isPerson, limitPeople } from '@iotw/assignment/people';
import { equalBytes } from '@iotw/kernel/bytes';
import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { PublicEpoch } from '@iotw/protocol/public-data';
import {
  readPublicOrigin,
  type SeedOrigin,
  type SeedOriginName,
  seedOriginName,
} from '@iotw/protocol/seed-origin';
import { CheckList } from '../checks.js';
import { checkDevices, checkMode } from '../pool-checks.js';
import { type KnownSeed, lacksData, seedOfLink } from '../seed-chain.js';
import type { PublicValue } from './governance.js';

/** An epoch's snapshot and what was found out about it. */
export interface CheckedEpoch {
  readonly epoch: PublicEpoch;
  readonly snapshot: EpochSnapshot;
  /** Nothing is wrong with it. */
  readonly good: boolean;
  readonly list: CheckList;
}

/** What is known when an epoch begins. */
export interface EpochKnowledge {
  readonly network: Uint8Array;
  /** VRF keys of the ledger servers that take turns, in their order. */
  readonly vrfKeys: readonly Uint8Array[];
  /** The seed that is believed; undefined: none is. */
  readonly before: KnownSeed | undefined;
  /** What a round of the epoch says made its seed; undefined where none was given. */
  readonly origin: SeedOrigin | undefined;
  /** Its source by the parameters of the epoch before, where they were given. */
  readonly seedSource: number | undefined;
  /** The public values that votes have named for it, where all votes were given. */
  readonly voted: readonly PublicValue[] | undefined;
  /** The key that the ledger servers shared last, if no public value came since. */
  readonly groupKey: Uint8Array | undefined;
  readonly registered: Registrations;
}

/** How a device's key was registered, where that is known: its batch and its class. */
interface Registrations {
  batchOf(key: Uint8Array): number | undefined;
  classOf(key: Uint8Array): number | undefined;
}

/**
 * Checks one epoch: `seed-chain` (its proof makes this seed from the one before; `before` is the seed
 * that is believed, undefined where none is), `seed-source`, `pool-root`, `pool-mode`, `pool-classes`, `pool-weights`.
 */
export function checkEpoch(epoch: PublicEpoch, known: EpochKnowledge): CheckedEpoch {
  const list = new CheckList();
  const snapshot = snapshotOfPublic(epoch);
  checkSeed(list, known, epoch);
  checkSource(list, known, epoch);
  if (checkDevices(list, snapshot) && checkMode(list, snapshot)) {
    checkClasses(list, snapshot, known.registered);
    checkWeights(list, snapshot, known.registered);
  }
  return { epoch, snapshot, good: list.sound(), list };
}

function checkSeed(
  list: CheckList,
  { network, vrfKeys, before, origin }: EpochKnowledge,
  epoch: PublicEpoch,
): void {
  const name = 'seed-chain';
  if (before?.epoch === epoch.epoch) {
    list.same(name, before.seed, epoch.seed, `The seed of epoch ${epoch.epoch}, which is trusted,`);
    return;
  }
  const seed = seedOfLink(network, vrfKeys, before, epoch, origin);
  if (seed.ok) {
    list.same(name, seed.value.seed, epoch.seed, `The seed that the proof of epoch ${epoch.epoch} makes`);
  } else if (lacksData(seed.error.code)) {
    list.unchecked(name, `${seed.error.message} Give every epoch and round from the trusted one on.`);
  } else list.reject(name, seed.error.message, seed.error.code);
}

/**
 * `seed-source`: what the round names is what had to open the epoch: the source of the parameters, or the public value
 * that a vote adopted; and the group's key is the one before, as resharing keeps it, unless a public value came between.
 */
function checkSource(
  list: CheckList,
  { origin, seedSource, voted, groupKey }: EpochKnowledge,
  { epoch }: PublicEpoch,
): void {
  const name = 'seed-source';
  if (origin === undefined || epoch === 0) return;
  const source = seedOriginName(origin.seedSource);
  const named = source === 'public' ? readPublicOrigin(origin) : undefined;
  const asVoted = voted?.some(
    ({ chain, round }) => named !== undefined && named.round === round && equalBytes(named.chain, chain),
  );
  if (source === 'public' && asVoted === false) {
    list.reject(name, `No vote named the public value that opened epoch ${epoch}.`, 'seed-vote-mismatch');
  } else if (source !== 'public' && seedSource !== undefined && source !== SOURCES[seedSource]) {
    list.reject(
      name,
      `Epoch ${epoch} opened by ${source}, its parameters have another source.`,
      'seed-source-mismatch',
    );
  } else if (source === 'threshold' && groupKey !== undefined && !equalBytes(groupKey, origin.seedKey)) {
    list.reject(
      name,
      `The ledger servers' shared key changed before epoch ${epoch} and no vote gave the old one up.`,
      'seed-key-changed',
    );
  } else if (source !== 'public' && voted !== undefined && voted.length > 0) {
    list.unchecked(
      name,
      `A vote named a public value for epoch ${epoch}; whether it was possible, only the ledger knows.`,
    );
  } else if (source === 'public' && voted === undefined) {
    list.unchecked(name, `The vote that names the public value of epoch ${epoch} was not given.`);
  } else list.pass(name, `Epoch ${epoch} opened by ${source}, as it had to.`);
}

/** Names of SEED_SOURCE by number. */
const SOURCES: readonly SeedOriginName[] = ['vrf', 'threshold'];

/** `pool-classes`: every device has the class it was registered with, and people are in the pool only where they may be. */
function checkClasses(
  list: CheckList,
  { devices, parameters }: EpochSnapshot,
  registered: Registrations,
): void {
  const name = 'pool-classes';
  const barred = admitsPeople(parameters) ? undefined : devices.find(isPerson);
  if (barred !== undefined) {
    list.reject(name, `Device ${barred.device} is a person's, whom the parameters admit to no pool.`);
    return;
  }
  let unknown = 0;
  for (const { device, key, deviceClass } of devices) {
    const known = registered.classOf(key);
    if (known === undefined) unknown += 1;
    else if (known !== deviceClass) {
      list.same(name, known, deviceClass, `The class of device ${device}`);
      return;
    }
  }
  if (unknown === 0) list.pass(name, 'Every device has the class it was registered with.');
  else list.unchecked(name, `The registration of ${unknown} devices of the pool was not given.`);
}

/**
 * `pool-weights`: where every device weighs the same before damping, the damped weights can be made again; in
 * other modes they follow from the ledger, and the votes vouch for them.
 */
function checkWeights(list: CheckList, snapshot: EpochSnapshot, registered: Registrations): void {
  if (snapshot.mode !== 'random') return;
  const name = 'pool-weights';
  const devices: DampedDevice[] = [];
  for (const { key, owner, maker } of snapshot.devices) {
    const batch = registered.batchOf(key);
    if (batch === undefined) {
      list.unchecked(name, 'The registration of a device of the pool was not given: its batch is not known.');
      return;
    }
    devices.push({ owner, maker, batch });
  }
  const damped = dampWeights(
    devices,
    devices.map(() => 1),
    snapshot.parameters,
  );
  const weights = limitPeople(snapshot.devices, damped, snapshot.parameters);
  const wrong = snapshot.devices.findIndex(({ weight }, i) => weight !== weights[i]);
  if (wrong < 0) list.pass(name, 'Every weight is what equal chance and damping give.');
  else {
    const { device, weight } = snapshot.devices[wrong]!;
    list.same(name, weights[wrong]!, weight, `The weight of device ${device}`);
  }
}

/** Equal snapshots of one epoch, whoever gave them. */
export function sameSnapshot(
  a: EpochSnapshot,
  b: { readonly seed: Uint8Array; readonly poolRoot: Uint8Array },
) {
  return equalBytes(a.seed, b.seed) && equalBytes(a.root, b.poolRoot);
}

/** The snapshot that elections are drawn from. */
export function snapshotOfPublic(epoch: PublicEpoch): EpochSnapshot {
  return {
    epoch: epoch.epoch,
    mode: modeName(epoch.mode),
    seed: epoch.seed,
    root: epoch.poolRoot,
    devices: epoch.pool,
    parameters: epoch.parameters,
    trustNodes: epoch.trustNodes,
    assigners: epoch.assigners,
  };
}

function modeName(mode: number): ElectionMode {
  const name = (Object.keys(ELECTION_MODE) as ElectionMode[]).find((each) => ELECTION_MODE[each] === mode);
  // A mode of newer software fails `pool-mode`: its parameters name it by number too.
  return name ?? 'random';
}
