import { Prng } from '@iotw/kernel/prng';
import { describe, expect, it } from 'vitest';
import { Client } from './processes/client.js';
import { Customers } from './processes/customers.js';
import { DeviceProcess } from './processes/device-process.js';
import { SimulatedEngine } from './processes/engine.js';
import { LedgerProcess } from './processes/ledger-process.js';
import { TrustProcess } from './processes/trust-process.js';
import { DriftingClock } from './world/drifting-clock.js';
import { EventLog } from './world/event-log.js';
import { World } from './world/world.js';
import { SIMULATED_PARAMETERS, START_MS, worldGenesis, worldKeys } from './world/world-genesis.js';

const DEAD = 3;
/** No pool frozen after the crash may serve in the test: the dead node's devices stay elected throughout. */
const PARAMETERS = { ...SIMULATED_PARAMETERS, epochMs: 60_000 };
const HOST_TIME_MS = 1.5 * PARAMETERS.answerTimeoutMs;

/** A calm network of 4 trust nodes and 40 devices with one busy customer. */
function network(seed: number) {
  const prng = new Prng(`dead trust node ${seed}`);
  const size = { trustNodes: 4, ledgerServers: 1, devices: 40, accounts: 12 };
  const keys = worldKeys(size, prng);
  const world = new World(prng, keys, worldGenesis(size, keys, PARAMETERS, prng), new EventLog(), undefined);
  const clock = () => new DriftingClock(START_MS, 0);
  const trust = keys.trust.map((_, i) => new TrustProcess(world, i, clock()));
  const ledger = keys.ledger.map((_, i) => new LedgerProcess(world, i, clock()));
  const devices = keys.devices.map((_, i) => new DeviceProcess(world, i));
  const client = new Client(world, 0, () => ledger.map((server) => server.results));
  const customers = new Customers(world, [client], 4_000);
  new SimulatedEngine(world, ledger, 0);
  for (const process of [...ledger, ...trust, ...devices]) process.start();
  customers.start(20_000, 4);
  const run = (ms: number) => {
    const { events } = world;
    for (const end = events.nowMs + ms; events.nowMs < end; ) events.step();
  };
  const lanes = () => trust.map((_, lane) => ledger[0]!.ledger!.lanes.read(lane)!);
  return { world, trust, run, lanes };
}

describe('one trust node of four is down', () => {
  it.each([1, 2, 3])(
    'the lanes of the others go on within a bounded time, without a reset (seed %i)',
    (seed) => {
      const { world, trust, run, lanes } = network(seed);
      run(3_000);
      trust[DEAD]!.crash();
      // Twice a host's time (the lane's and the witnesses'), the way there and back, and the ticks between.
      run(2 * HOST_TIME_MS + 200);
      for (let second = 0; second < 5; second++) {
        const before = lanes();
        run(1_000);
        const after = lanes();
        for (let lane = 0; lane < 4; lane++) {
          if (lane === DEAD) continue;
          // Once the silence is known no block waits for it: many a second, as before.
          expect(after[lane]!.height, `lane ${lane}`).toBeGreaterThan(before[lane]!.height + 3);
          expect(after[lane]!.incarnation).toBe(0);
        }
      }
      expect(world.coverage.table().thresholdMisses).toBeGreaterThan(10);
      // Back again, its devices answer as before.
      trust[DEAD]!.start();
      run(2_000);
      const counted = world.coverage.table().thresholdMisses;
      run(2_000);
      expect(world.coverage.table().thresholdMisses).toBe(counted);
    },
  );

  it('without statements of silence the others would stand still', () => {
    const { world, trust, run, lanes } = network(1);
    const { network: wires } = world;
    const send = wires.send.bind(wires);
    wires.send = (from, to, what, bytes) => {
      if (what !== 'silence') send(from, to, what, bytes);
    };
    run(3_000);
    trust[DEAD]!.crash();
    run(2_000);
    const before = lanes();
    run(2_000);
    expect(lanes().slice(0, DEAD)).toEqual(before.slice(0, DEAD));
  });
});
