import { decodeAssignment } from '@iotw/protocol/assignment';
import { MISS_KIND } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { type Adversary, holding } from './adversaries/adversary.js';
import { Captors } from './adversaries/captors.js';
import { calmNetwork } from './test-calm-network.js';

const ANSWER_TIMEOUT_MS = 1_000;
/** Devices answer faster than the least hedge interval here, so it is the hosts'. */
const HEDGE_MS = 20;
/** The host's word to the lane; the question to the next rank and its answer, through its host: five messages of 4 ms, 3 ms of work. */
const NEXT_ANSWER_MS = 23;
const PARAMETERS = { answerTimeoutMs: ANSWER_TIMEOUT_MS, epochMs: 60_000 };
const DEVICES = Array.from({ length: 40 }, (_, i) => i);

/** Simulated ms from the first device that is shown a block to the round that makes it final. */
interface Times {
  readonly ordinary: number[];
  readonly withheld: number[];
}

/**
 * A calm network for `forMs`, in which each of some devices keeps one answer to itself, of a block for which it has a seat: one
 * block at a time, none before `fromMs`, `blocks` in all. `soft`: whether hosts' soft misses are carried.
 */
function withholding(seed: number, { fromMs = 6_000, blocks = 6, forMs = 9_000, soft = true } = {}): Times {
  const { world, run } = calmNetwork(`withheld ${seed}`, PARAMETERS);
  const times: Times = { ordinary: [], withheld: [] };
  const begun = new Map<string, number>();
  const withheldOf = new Set<number>();
  let waiting: { readonly block: string; readonly device: number } | undefined;
  const { miners, witnesses } = world.genesis.parameters;
  const one: Adversary = {
    name: 'one-answer',
    held: holding({ devices: DEVICES, trustNodes: [0, 1, 2, 3] }),
    answers: ({ device, assignment, machine }) => {
      const read = decodeAssignment(assignment);
      if (!read.ok) throw new Error(read.error.code);
      const { header, rank } = read.value;
      const block = `${header.lane}/${header.height}`;
      const isNew = !begun.has(block);
      if (isNew) begun.set(block, world.nowMs);
      // Asked again, it stays silent.
      if (waiting?.block === block && waiting.device === device) return undefined;
      const due = world.nowMs >= fromMs && withheldOf.size < blocks && waiting === undefined;
      if (!due || !isNew || rank >= miners + witnesses || withheldOf.has(device)) return machine(assignment);
      withheldOf.add(device);
      waiting = { block, device };
      return undefined;
    },
    sends: (_from, _to, message) =>
      !soft && message.kind === 'miss' && message.miss.kind === MISS_KIND.soft ? undefined : message,
  };
  world.captors = new Captors([one]);
  world.watcher = {
    answered: () => {},
    applied: ({ applied }) => {
      for (const { block } of applied) {
        const name = `${block.header.lane}/${block.header.height}`;
        const began = begun.get(name);
        if (began === undefined) continue;
        begun.delete(name);
        if (name === waiting?.block) {
          times.withheld.push(world.nowMs - began);
          waiting = undefined;
        } else times.ordinary.push(world.nowMs - began);
      }
    },
    stop: () => {},
    shown: [],
    heard: [],
  };
  run(forMs);
  return times;
}

/** The longest that any block takes in the same network while everybody answers. */
function ordinaryMs(seed: number): number {
  const { ordinary } = withholding(seed, { blocks: 0, forMs: 4_000 });
  expect(ordinary.length).toBeGreaterThan(40);
  return Math.max(...ordinary);
}

describe('one withheld answer of a device that answers otherwise', () => {
  it.each([1, 2])(
    'delays its block by a hedge interval and the way to the next answer at most (seed %i)',
    (seed) => {
      const { withheld } = withholding(seed);
      expect(withheld).toHaveLength(6);
      for (const ms of withheld) expect(ms).toBeLessThanOrEqual(ordinaryMs(seed) + HEDGE_MS + NEXT_ANSWER_MS);
    },
  );

  it('before its host knows how fast devices answer, by a quarter of the answer timeout and that way', () => {
    const { withheld } = withholding(1, { fromMs: 0, blocks: 1, forMs: 2_000 });
    expect(withheld).toHaveLength(1);
    expect(withheld[0]).toBeGreaterThanOrEqual(ANSWER_TIMEOUT_MS / 4);
    expect(withheld[0]).toBeLessThanOrEqual(ordinaryMs(1) + ANSWER_TIMEOUT_MS / 4 + NEXT_ANSWER_MS);
  });

  it('would take the answer timeout without soft misses', () => {
    const { withheld } = withholding(1, { soft: false, blocks: 2, forMs: 9_000 });
    expect(withheld).toHaveLength(2);
    for (const ms of withheld) expect(ms).toBeGreaterThanOrEqual(ANSWER_TIMEOUT_MS);
  });
});
