import type { Prng } from '@iotw/kernel/prng';
import type { World } from '../world/world.js';
import { type Adversary, holding } from './adversary.js';
import { CherryPickingHost } from './cherry-picking-host.js';
import { DoubleSigningServer } from './double-signing-server.js';
import { EquivocatingDevices } from './equivocating-device.js';
import { EquivocatingTrustNode } from './equivocating-trust-node.js';
import { ExtractedKeys } from './extracted-keys.js';
import { ForgingLane } from './forging-lane.js';
import { FramingTrustNode } from './framing-trust-node.js';
import { HastyHost } from './hasty-host.js';
import { HostileSender } from './hostile-sender.js';
import { LastRevealer } from './last-revealer.js';
import { LyingDevices } from './lying-device.js';
import { LyingProposer } from './lying-proposer.js';
import { SilentWitness } from './silent-witness.js';
import { SleepingMajority } from './sleeping-majority.js';
import { SybilFarm } from './sybil-farm.js';
import { WithholdingDevices } from './withholding-device.js';

/** Every adversary by name, with what it takes hold of in a run of the mix. */
const BY_TRUST_NODE: Readonly<Record<string, (world: World, node: number, prng: Prng) => Adversary>> = {
  'equivocating-trust-node': (world, node, prng) =>
    new EquivocatingTrustNode(world, node, 500 + prng.below(4_000)),
  'framing-trust-node': (world, node, prng) => new FramingTrustNode(world, node, 50 + prng.below(400)),
  'forging-lane': (world, node, prng) => new ForgingLane(world, node, 200 + prng.below(700)),
  'silent-witness': (world, node) => new SilentWitness(world, [node]),
  'cherry-picking-host': (world, node, prng) =>
    new CherryPickingHost(world, {
      node,
      victims: some(world.genesis.devices.length, 2, prng),
      eclipse: false,
      name: 'cherry-picking-host',
    }),
  'hasty-host': (world, node) => new HastyHost(world, node),
  'eclipsing-host': (world, node, prng) =>
    new CherryPickingHost(world, {
      node,
      victims: some(world.genesis.devices.length, 8, prng),
      eclipse: true,
      name: 'eclipsing-host',
    }),
};

const BY_LEDGER_SERVER: Readonly<Record<string, (world: World, server: number, prng: Prng) => Adversary>> = {
  'last-revealer': (world, server, prng) => new LastRevealer(world, server, 200 + prng.below(2_000)),
  'lying-proposer': (world, server, prng) => new LyingProposer(world, server, 100 + prng.below(500)),
};

/** What the engine proves of a ledger server. */
const BY_ACTS: typeof BY_LEDGER_SERVER = {
  'double-signing-server': (world, server, prng) =>
    new DoubleSigningServer(world, server, 300 + prng.below(3_000)),
};

const BY_DEVICES: Readonly<Record<string, (world: World, devices: Set<number>, prng: Prng) => Adversary>> = {
  'lying-miner': (world, devices, prng) =>
    new LyingDevices(world, {
      name: 'lying-miner',
      held: holding({ devices }),
      perMille: 50 + prng.below(500),
      together: false,
    }),
  'griefing-device': (world, devices) =>
    new LyingDevices(world, {
      name: 'griefing-device',
      held: holding({ devices }),
      perMille: 1_000,
      together: false,
    }),
  'colluding-committee': (world, devices) =>
    new LyingDevices(world, {
      name: 'colluding-committee',
      held: holding({ devices }),
      perMille: 1_000,
      together: true,
    }),
  'withholding-device': (world, devices, prng) =>
    new WithholdingDevices(world, holding({ devices }), 300 + prng.below(701)),
  'sleeping-majority': (world, _, prng) => {
    const from = prng.below(6_000);
    const most = some(world.genesis.devices.length, 6, prng, 5);
    return new SleepingMajority(world, holding({ devices: most }), from, from + 500 + prng.below(4_000));
  },
  'equivocating-device': (world, devices, prng) =>
    new EquivocatingDevices(world, holding({ devices }), 500 + prng.below(3_000)),
  'extracted-keys': (world, devices, prng) =>
    new ExtractedKeys(world, holding({ devices }), 500 + prng.below(3_000)),
};

const BY_MONEY: Readonly<Record<string, (world: World, prng: Prng) => Adversary>> = {
  'hostile-sender': (world) => new HostileSender(world),
  'sybil-farm': (world, prng) =>
    new SybilFarm(world, prng.below(world.keys.makers.length), 200 + prng.below(3_000)),
};

/** The names of every adversary. */
export const ADVERSARY_NAMES: readonly string[] = [
  ...Object.keys(BY_TRUST_NODE),
  ...Object.keys(BY_LEDGER_SERVER),
  ...Object.keys(BY_ACTS),
  ...Object.keys(BY_DEVICES),
  ...Object.keys(BY_MONEY),
];

/** About `wanted` in `outOf` of the numbers below `count`, at least one. */
function some(count: number, outOf: number, prng: Prng, wanted = 1): Set<number> {
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) if (prng.chance(Math.min(wanted, outOf), outOf)) chosen.add(i);
  if (chosen.size === 0) chosen.add(prng.below(count));
  return chosen;
}

/** One adversary as it appears in the mix of a run. */
export function makeAdversary(name: string, world: World, source: Prng): Adversary {
  const prng = source.fork(name);
  const { trustNodes, ledgerServers, devices } = world.genesis;
  const byNode = BY_TRUST_NODE[name];
  if (byNode !== undefined) return byNode(world, prng.below(trustNodes.length), prng);
  const byServer = BY_LEDGER_SERVER[name] ?? BY_ACTS[name];
  if (byServer !== undefined) return byServer(world, prng.below(ledgerServers.length), prng);
  const byDevices = BY_DEVICES[name];
  if (byDevices !== undefined) return byDevices(world, some(devices.length, 12, prng), prng);
  return BY_MONEY[name]!(world, prng);
}

/**
 * The adversaries of one run of the suite: mostly several at once, but never more than the rules bear: one
 * trust node of four, one ledger server of four, any number of devices.
 */
export function drawMix(world: World, source: Prng): Adversary[] {
  const prng = source.fork('mix');
  const drawn: Adversary[] = [];
  const oneOf = (kinds: Readonly<Record<string, unknown>>, numerator: number, denominator: number): void => {
    if (prng.chance(numerator, denominator))
      drawn.push(makeAdversary(prng.pick(Object.keys(kinds)), world, source));
  };
  if (world.genesis.trustNodes.length >= 4) oneOf(BY_TRUST_NODE, 3, 5);
  if (world.genesis.ledgerServers.length >= 4) oneOf(BY_LEDGER_SERVER, 2, 5);
  const fourServe = world.genesis.ledgerServers.length >= 4;
  const acts = source.fork('acts').chance(1, 4);
  if (fourServe && acts && !drawn.some(({ held }) => held.ledgerServers.size > 0))
    drawn.push(makeAdversary('double-signing-server', world, source));
  oneOf(BY_DEVICES, 3, 5);
  oneOf(BY_DEVICES, 1, 3);
  oneOf(BY_MONEY, 1, 2);
  return drawn;
}
