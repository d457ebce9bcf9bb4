import { CERTIFICATE_MODE, MISS_KIND, type Miss } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { answersByRank } from './election-answers.js';

const place = { lane: 0, incarnation: 0, height: 7, device: 5, signature: new Uint8Array(64) };
const miss = (attempt: number, rank: number, kind: Miss['kind']): Miss => {
  return { ...place, attempt, rank, kind, host: 1 };
};
const answer = (attempt: number, rank: number) => {
  const hash = new Uint8Array(32);
  return { ...place, attempt, rank, cited: hash, hash, boot: 1, counter: rank, head: hash };
};
const silent = (rank: number) => ({ rank, device: 5, host: 1, statements: [] });

describe('what a certificate says of a rank', () => {
  const answers = answersByRank(
    {
      attempt: 1,
      mode: CERTIFICATE_MODE.devices,
      attestations: [answer(1, 15), answer(1, 12), answer(1, 18), answer(1, 19)],
      misses: [miss(1, 13, MISS_KIND.soft), miss(1, 14, MISS_KIND.hard)],
      thresholdMisses: [silent(16)],
      votes: [],
      incoherent: [
        {
          attempt: 0,
          attestations: [answer(0, 2)],
          misses: [miss(0, 1, MISS_KIND.hard)],
          thresholdMisses: [silent(0)],
        },
      ],
      assigned: [],
    },
    { miners: 1, witnesses: 2 },
  );

  it.each([
    [0, 'host silent'],
    [1, 'missed'],
    [2, 'disagreed'],
    [12, 'miner'],
    [13, 'late'],
    [14, 'missed'],
    [15, 'witness'],
    [16, 'host silent'],
    [17, undefined],
    [18, 'witness'],
    [19, 'answered, unpaid'],
  ])('rank %i: %s', (rank, said) => {
    expect(answers.get(rank)).toBe(said);
  });
});
