import { checkCertificate } from '@iotw/assignment/certificate-check';
import { committeeSize } from '@iotw/assignment/committee';
import { TestNetwork } from '@iotw/assignment/test-network';
import { CERTIFICATE_MODE, type IncoherentAttempt, MISS_KIND } from '@iotw/protocol/certificate';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempt } from './attempt.js';

const RANKS = 6;
const OTHER = new Uint8Array(32).fill(7);

/** What a seat does when its turn comes; one that is slow is hedged first, or softly missed, and answers later. */
type Behaviour = 'answers' | 'misses' | 'slow' | 'slow-miss' | 'silent-host' | 'lies' | 'soft' | 'soft-miss';

function start(network: TestNetwork, number: number): Attempt {
  return new Attempt({
    draw: network.draw,
    attempt: number,
    ranksPerAttempt: RANKS,
    committeeSize: committeeSize(network.parameters),
    userSeats: network.parameters.userSeats,
    removed: (device) => network.context.removed(device, network.header.refRound),
  });
}

/** Lets one attempt run to its end, seats acting in the order that `pick` gives. */
function run(
  network: TestNetwork,
  attempt: Attempt,
  behaviour: (rank: number) => Behaviour,
  pick: (n: number) => number,
  softLeft = 0,
) {
  let nowMs = 0;
  const act = (rank: number, kind: Behaviour) => {
    const seat = attempt.seat(rank)!;
    if (kind === 'silent-host') seat.thresholdMiss = network.thresholdMiss(attempt.number, rank);
    else if (kind === 'misses' || kind === 'slow-miss' || kind === 'soft-miss')
      attempt.miss(network.miss(attempt.number, rank));
    else attempt.answer(network.attest(attempt.number, rank, kind === 'lies' ? { hash: OTHER } : {}));
  };
  for (let step = 0; step < 100; step++) {
    attempt.ask(nowMs);
    const state = attempt.state(() => softLeft);
    if (state !== 'waiting') return state;
    const silent = attempt.silent();
    const seat = silent[pick(silent.length)]!;
    const kind = behaviour(seat.rank);
    const slow = kind === 'slow' || kind === 'slow-miss';
    nowMs += 10;
    const softly = kind === 'soft' || kind === 'soft-miss';
    if (slow && !seat.hedged) attempt.hedge(nowMs, 10);
    else if (softly && seat.softMiss === undefined)
      attempt.miss(network.miss(attempt.number, seat.rank, { kind: MISS_KIND.soft }));
    else act(seat.rank, kind);
  }
  throw new Error('the attempt did not end');
}

describe('an attempt', () => {
  it('asks no more people than have seats, removed ones apart, and as many things as it takes', () => {
    const gone = new Set<number>();
    const network = new TestNetwork({
      devices: 24,
      parameters: { userSeats: 1 },
      deviceClass: (device) => (device % 2 === 0 ? DEVICE_CLASS.user : 0),
      removed: (device) => gone.has(device),
    });
    const people = () => {
      const attempt = start(network, 0);
      for (let rank = 0; rank < RANKS; rank++) {
        attempt.ask(0);
        for (const seat of attempt.silent()) attempt.miss(network.miss(0, seat.rank));
      }
      return attempt.misses.filter(({ device }) => device % 2 === 0).map(({ device }) => device);
    };
    const first = people();
    expect(first).toHaveLength(1);
    gone.add(first[0]!);
    const next = people();
    expect(next).toHaveLength(1);
    expect(next).not.toEqual(first);
  });

  it('that says it is enough, missed or empty makes a valid certificate', () => {
    const kinds = fc.constantFrom<Behaviour>(
      'answers',
      'answers',
      'answers',
      'misses',
      'slow',
      'slow-miss',
      'silent-host',
      'lies',
      'soft',
      'soft-miss',
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 24 }),
        fc.array(kinds, { minLength: 18, maxLength: 18 }),
        fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(2), { minLength: 24, maxLength: 24 }),
        fc.boolean(),
        fc.nat(2),
        (devices, behaviour, picks, out, silence, softLeft) => {
          const network = new TestNetwork({
            devices,
            parameters: { ranksPerAttempt: RANKS },
            removed: (device) => out[device] === 0,
          });
          let turn = 0;
          const pick = (n: number) => picks[turn++ % picks.length]! % n;
          const failed: IncoherentAttempt[] = [];
          for (let number = 0; number < 3; number++) {
            const attempt = start(network, number);
            const kindOf = (rank: number) => (silence && number === 0 ? 'misses' : behaviour[rank]!);
            const state = run(network, attempt, kindOf, pick, softLeft);
            const incoherent = state === 'enough' && attempt.incoherent(network.hash);
            if (!incoherent) {
              const nobody = state === 'empty' && number === 0 && attempt.listEnds;
              const mode =
                state === 'enough'
                  ? CERTIFICATE_MODE.devices
                  : nobody
                    ? CERTIFICATE_MODE.noDevices
                    : CERTIFICATE_MODE.allMissed;
              seen.add(`${state} ${mode} ${number}`);
              if (state === 'enough' && attempt.softMisses.length > 0) seen.add('softly');
              for (const { host } of attempt.softMisses)
                expect(attempt.softMisses.filter((miss) => miss.host === host).length).toBeLessThanOrEqual(
                  softLeft,
                );
              const certificate = {
                attempt: number,
                mode,
                attestations: attempt.answers,
                misses: [...attempt.misses, ...attempt.softMisses],
                thresholdMisses: attempt.thresholdMisses,
              };
              const block = network.block({ ...certificate, incoherent: [...failed] });
              const result = checkCertificate(network.context, block, network.hash);
              expect(result.ok ? 'valid' : `${result.error.code}: ${result.error.message}`).toBe('valid');
            }
            failed.push(attempt.asIncoherent());
            if (state === 'enough' && !incoherent) return;
          }
        },
      ),
      { numRuns: 300, seed: 20 },
    );
    // Every way to end was met.
    for (const end of [
      'enough 0 0',
      'enough 0 1',
      'missed 2 0',
      'missed 2 1',
      'empty 1 0',
      'empty 2 1',
      'softly',
    ]) {
      expect([...seen]).toContain(end);
    }
  });

  it('waits while too few seats have answered', () => {
    const network = new TestNetwork({ parameters: { ranksPerAttempt: RANKS } });
    const attempt = start(network, 0);
    attempt.ask(0);
    for (const rank of [0, 1, 3]) attempt.answer(network.attest(0, rank));
    expect(attempt.state()).toBe('waiting');
    attempt.miss(network.miss(0, 2));
    expect(attempt.ask(1).map(({ rank }) => rank)).toEqual([4]);
    attempt.answer(network.attest(0, 4));
    expect(attempt.state()).toBe('enough');
  });

  it('passes a rank over by a soft miss while its host has one left, and for a whole committee alone', () => {
    const network = new TestNetwork({ parameters: { ranksPerAttempt: RANKS } });
    const attempt = start(network, 0);
    attempt.ask(0);
    for (const rank of [0, 1, 3]) attempt.answer(network.attest(0, rank));
    attempt.miss(network.miss(0, 2, { kind: MISS_KIND.soft }));
    expect(attempt.state(() => 1)).toBe('waiting');
    expect(attempt.softMisses).toEqual([]);
    // The next rank is asked at once; the late one may still answer.
    expect(attempt.ask(1).map(({ rank }) => rank)).toEqual([4]);
    attempt.answer(network.attest(0, 4));
    expect(attempt.state()).toBe('waiting');
    expect(attempt.state(() => 1)).toBe('enough');
    expect(attempt.softMisses.map(({ rank }) => rank)).toEqual([2]);
    expect(attempt.asIncoherent().misses).toEqual([]);
    attempt.answer(network.attest(0, 2));
    expect([attempt.state(), attempt.softMisses]).toEqual(['enough', []]);
  });

  it('takes the hard miss for the soft one', () => {
    const network = new TestNetwork({ parameters: { ranksPerAttempt: RANKS } });
    const attempt = start(network, 0);
    attempt.ask(0);
    for (const rank of [0, 1, 3]) attempt.answer(network.attest(0, rank));
    attempt.miss(network.miss(0, 2, { kind: MISS_KIND.soft }));
    attempt.ask(1);
    attempt.answer(network.attest(0, 4));
    attempt.miss(network.miss(0, 2));
    expect(attempt.state()).toBe('enough');
    expect([attempt.misses.length, attempt.softMisses.length]).toEqual([1, 0]);
  });
});
