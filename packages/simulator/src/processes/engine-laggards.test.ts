import { Prng } from '@iotw/kernel/prng';
import type { RoundInput } from '@iotw/protocol/round';
import { expect, it } from 'vitest';
import { Coverage } from '../world/coverage.js';
import { EventLog } from '../world/event-log.js';
import { EventQueue } from '../world/event-queue.js';
import { FaultyNetwork } from '../world/faulty-network.js';
import { SimulatedEngine, type SimulatedServer } from './engine.js';
import type { EngineSide } from './ledger-process.js';

const SERVERS = 4;
const EMPTY = {
  timeMs: 0,
  seedProof: new Uint8Array(0),
  resets: [],
  epochVotes: [],
  beacon: [],
  misbehaviours: [],
  blocks: [],
};

/** Rounds decided in two simulated seconds, and proposals that timed out, where servers need so long to apply a round. */
function run(lagsMs: readonly number[]): { readonly rounds: number; readonly timedOut: number } {
  const events = new EventQueue();
  const prng = new Prng(7);
  const log = new EventLog();
  const coverage = new Coverage();
  const network = new FaultyNetwork(events, log, coverage, prng.fork('network'));
  const servers = Array.from({ length: SERVERS }, (_, index): SimulatedServer => {
    let applied = 0;
    const server = {
      index,
      name: `ledger:${index}`,
      running: true,
      get ledger() {
        return { round: applied };
      },
      get results() {
        return { round: applied };
      },
      engine: undefined as EngineSide | undefined,
      voters: () => [0, 1, 2, 3],
      propose: (): RoundInput => ({ ...EMPTY, number: applied + 1 }),
      judge: (token: number) => server.engine?.verdict(index, token, true),
      decide: ({ number }: RoundInput) => {
        events.after(lagsMs[index]!, () => {
          applied = number;
        });
      },
    };
    return server;
  });
  const world = {
    ...{ events, prng, log, coverage, network },
    get nowMs() {
      return events.nowMs;
    },
  };
  const engine = new SimulatedEngine(world, servers, 0);
  while (events.nowMs < 2_000) events.step();
  return { rounds: engine.height, timedOut: coverage.get('proposalsTimedOut') };
}

it.each([
  ['all apply at once', [0, 0, 0, 0]],
  ['two are late', [0, 0, 40, 40]],
  ['all but the proposer are late', [0, 40, 40, 40]],
])('a proposal waits for servers that have yet to apply the round before: %s', (_what, lagsMs) => {
  const { rounds, timedOut } = run(lagsMs);
  expect(timedOut).toBe(0);
  expect(rounds).toBeGreaterThan(15);
});
