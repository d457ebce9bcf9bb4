import { type DampedDevice, dampWeights } from '@iotw/assignment/damping';
import { admitsPeople, isPerson, limitPeople } from '@iotw/assignment/people';
import { equalBytes } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { trustThreshold } from '@iotw/protocol/certificate';
import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { PublicEpoch } from '@iotw/protocol/public-data';
import { epochVoteDigest } from '@iotw/protocol/round';
import { CheckList } from '../checks.js';
import { checkDevices, checkMode } from '../pool-checks.js';
import { type KnownSeed, seedOfLink } from '../seed-chain.js';

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
  /** Keys of all trust nodes by number; how many of them stand, voted out ones left aside. */
  readonly trustNodeKeys: readonly Uint8Array[];
  readonly standingNodes: number;
  /** The seed that is believed; undefined: none is. */
  readonly before: KnownSeed | undefined;
  readonly registered: Registrations;
}

/** How a device's key was registered, where that is known: its batch and its class. */
interface Registrations {
  batchOf(key: Uint8Array): number | undefined;
  classOf(key: Uint8Array): number | undefined;
}

/**
 * Checks one epoch: `seed-chain` (its proof makes this seed from the one before; `before` is the seed
 * that is believed, undefined where none is), `pool-root`, `pool-mode`, `pool-votes` (enough trust nodes
 * signed root and seed; every vote that is there must be good).
 */
export function checkEpoch(epoch: PublicEpoch, known: EpochKnowledge): CheckedEpoch {
  const list = new CheckList();
  const snapshot = snapshotOfPublic(epoch);
  checkSeed(list, known, epoch);
  if (checkDevices(list, snapshot) && checkMode(list, snapshot)) {
    checkClasses(list, snapshot, known.registered);
    checkWeights(list, snapshot, known.registered);
  }
  checkPoolVotes(list, known, epoch);
  return { epoch, snapshot, good: list.sound(), list };
}

function checkSeed(list: CheckList, { network, vrfKeys, before }: EpochKnowledge, epoch: PublicEpoch): void {
  const name = 'seed-chain';
  if (before === undefined) {
    list.unchecked(
      name,
      `No believed seed leads to epoch ${epoch.epoch}: give every epoch from the trusted one on.`,
    );
    return;
  }
  if (before.epoch === epoch.epoch) {
    list.same(name, before.seed, epoch.seed, `The seed of epoch ${epoch.epoch}, which is trusted,`);
    return;
  }
  const seed = seedOfLink(network, vrfKeys, before, epoch);
  if (!seed.ok) list.reject(name, seed.error.message, seed.error.code);
  else list.same(name, seed.value.seed, epoch.seed, `The seed that the proof of epoch ${epoch.epoch} makes`);
}

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

/** `pool-votes`: too few leave it unchecked, for a running epoch may still wait for them. */
function checkPoolVotes(
  list: CheckList,
  { network, trustNodeKeys: keys, standingNodes }: EpochKnowledge,
  { epoch, poolRoot, seed, votes }: PublicEpoch,
): void {
  const name = 'pool-votes';
  const voted = new Set<number>();
  for (const { witness, signature } of votes) {
    const key = keys[witness];
    if (key === undefined) {
      list.reject(name, `Trust node ${witness} is unknown.`, 'pool-vote-unknown');
      return;
    }
    if (voted.has(witness)) {
      list.reject(name, `Trust node ${witness} votes twice.`, 'pool-vote-duplicate');
      return;
    }
    voted.add(witness);
    if (!verify(signature, epochVoteDigest(network, { epoch, poolRoot, seed, witness }), key)) {
      list.reject(
        name,
        `The vote of trust node ${witness} is not over this pool root and seed of epoch ${epoch}.`,
        'pool-vote-signature',
      );
      return;
    }
  }
  const needed = trustThreshold(standingNodes);
  if (voted.size >= needed) list.pass(name, `${voted.size} trust nodes signed pool root and seed.`);
  else list.unchecked(name, `${voted.size} trust nodes signed pool root and seed, ${needed} are needed.`);
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
