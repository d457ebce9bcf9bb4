import { checkCertificate } from '@iotw/assignment/certificate-check';
import { committeeSize } from '@iotw/assignment/committee';
import { TestNetwork } from '@iotw/assignment/test-network';
import { CERTIFICATE_MODE, type IncoherentAttempt } from '@iotw/protocol/certificate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempt } from './attempt.js';

const RANKS = 6;
const OTHER = new Uint8Array(32).fill(7);

/** What a seat does when its turn comes; one that is slow is hedged first and answers later. */
type Behaviour = 'answers' | 'misses' | 'slow' | 'slow-miss' | 'silent-host' | 'lies';

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
) {
  let nowMs = 0;
  const act = (rank: number, kind: Behaviour) => {
    const seat = attempt.seat(rank)!;
    if (kind === 'silent-host') seat.thresholdMiss = network.thresholdMiss(attempt.number, rank);
    else if (kind === 'misses' || kind === 'slow-miss') attempt.miss(network.miss(attempt.number, rank));
    else attempt.answer(network.attest(attempt.number, rank, kind === 'lies' ? { hash: OTHER } : {}));
  };
  for (let step = 0; step < 100; step++) {
    attempt.ask(nowMs);
    const state = attempt.state();
    if (state !== 'waiting') return state;
    const silent = attempt.silent();
    const seat = silent[pick(silent.length)]!;
    const kind = behaviour(seat.rank);
    const slow = kind === 'slow' || kind === 'slow-miss';
    nowMs += 10;
    if (slow && !seat.hedged) attempt.hedge(nowMs, 10);
    else act(seat.rank, kind);
  }
  throw new Error('the attempt did not end');
}

describe('an attempt', () => {
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
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 24 }),
        fc.array(kinds, { minLength: 18, maxLength: 18 }),
        fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
        fc.boolean(),
        (devices, behaviour, picks, out, silence) => {
          const network = new TestNetwork({
            devices,
            parameters: { ranksPerAttempt: RANKS },
            removed: (device) => out[device]!,
          });
          let turn = 0;
          const pick = (n: number) => picks[turn++ % picks.length]! % n;
          const failed: IncoherentAttempt[] = [];
          for (let number = 0; number < 3; number++) {
            const attempt = start(network, number);
            const kindOf = (rank: number) => (silence && number === 0 ? 'misses' : behaviour[rank]!);
            const state = run(network, attempt, kindOf, pick);
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
              const certificate = {
                attempt: number,
                mode,
                attestations: attempt.answers,
                misses: attempt.misses,
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
    for (const end of ['enough 0 0', 'enough 0 1', 'missed 2 0', 'missed 2 1', 'empty 1 0', 'empty 2 1']) {
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
});
