import {
  CERTIFICATE_MODE,
  type CertifiedBlock,
  type Miss,
  type ThresholdMiss,
} from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import {
  answers,
  check,
  few,
  liedAttempt,
  missedAttempt,
  misses,
  n,
  none,
  OTHER,
  thinned,
} from './test-certificates.js';
import { range, type TestNetwork } from './test-network.js';

describe('a certificate is refused with', () => {
  const swap = <T>(list: T[], at: number, value: T) => list.map((old, i) => (i === at ? value : old));
  const four = answers([0, 1, 2, 3]);
  const wrongSignature = (list = four) => swap(list, 2, { ...list[2]!, signature: list[1]!.signature });
  /** Trust nodes other than the host at a rank. */
  const others = (rank: number) => range(0, 4).filter((node) => node !== n.draw.at(rank)!.host);
  const silent = (miss: ThresholdMiss, hostMisses: Miss[] = []) =>
    n.block({ misses: hostMisses, thresholdMisses: [miss] });
  const votes = n.block().certificate.votes;
  const outsider = n.context.snapshot.devices.find(({ host }) => host === 0)!.device;
  const rows: readonly [code: string, title: string, block: CertifiedBlock, from?: TestNetwork][] = [
    ['certificate-epoch', "another epoch's pool", n.block({}, { header: { ...n.header, epoch: 4 } })],
    [
      'certificate-lane-signature',
      'a header signed by another trust node',
      n.block({}, { signature: new Uint8Array(64).fill(1) }),
    ],
    ['certificate-votes', 'too few votes', n.block({ votes: votes.slice(1) })],
    ['certificate-votes', 'an unknown witness', n.block({ votes: swap(votes, 1, n.vote(9)) })],
    [
      'certificate-votes',
      'a vote for another hash',
      n.block({ votes: swap(votes, 1, n.vote(1, { hash: OTHER })) }),
    ],
    [
      'certificate-votes',
      'a vote at another height',
      n.block({ votes: swap(votes, 1, n.vote(1, { height: 8 })) }),
    ],
    [
      'certificate-votes',
      'a vote of another incarnation',
      n.block({ votes: swap(votes, 1, n.vote(1, { incarnation: 1 })) }),
    ],
    [
      'certificate-votes',
      "a vote for another lane's block",
      n.block({ votes: swap(votes, 1, n.vote(1, { lane: 1 })) }),
    ],
    ['certificate-duplicate', 'a witness that votes twice', n.block({ votes: swap(votes, 1, votes[0]!) })],
    [
      'certificate-vote-signature',
      "another's signature under a vote",
      n.block({ votes: swap(votes, 1, { ...n.vote(1), signature: n.vote(2).signature }) }),
    ],
    ['certificate-mode', 'an unknown mode', n.block({ mode: 3 })],
    ['certificate-mode', 'no answer', n.block({ attestations: [], misses: misses(range(0, 6)) })],
    [
      'certificate-mode',
      'everybody missed, but for one',
      n.block({ mode: CERTIFICATE_MODE.allMissed, attestations: answers([0]), misses: misses(range(1, 6)) }),
    ],
    [
      'certificate-mode',
      'no devices, though there are',
      n.block({ mode: CERTIFICATE_MODE.noDevices, attestations: [] }),
    ],
    ['certificate-mode', 'no devices, and an answer', n.block({ mode: CERTIFICATE_MODE.noDevices })],
    [
      'certificate-mode',
      'no devices, and a miss',
      n.block({ mode: CERTIFICATE_MODE.noDevices, attestations: [], misses: misses([0]) }),
    ],
    [
      'certificate-mode',
      'no devices at a later attempt',
      none.block({
        attempt: 1,
        mode: CERTIFICATE_MODE.noDevices,
        attestations: [],
        incoherent: [{ attempt: 0, attestations: [], misses: [], thresholdMisses: [] }],
      }),
      none,
    ],
    [
      'certificate-rank',
      'a rank of the next attempt',
      n.block({ attestations: swap(four, 3, n.attest(0, 6)) }),
    ],
    [
      'certificate-rank',
      'a rank below its attempt',
      n.block({ attempt: 1, attestations: answers([5, 6, 7, 8], n, 1), incoherent: [liedAttempt] }),
    ],
    [
      'certificate-rank',
      'a rank beyond the list',
      few.block({ attestations: [{ ...few.attest(0, 0), rank: 3 }] }),
      few,
    ],
    [
      'certificate-rank',
      "another rank's device",
      n.block({ attestations: swap(four, 3, n.attest(0, 3, { device: n.draw.at(4)!.device })) }),
    ],
    [
      'certificate-rank',
      "a device of the lane's own trust node",
      n.block({ attestations: swap(four, 3, n.attest(0, 3, { device: outsider })) }),
    ],
    [
      'certificate-rank',
      'an answer to another attempt',
      n.block({ attestations: swap(four, 3, n.attest(1, 3)) }),
    ],
    [
      'certificate-rank',
      'an answer at another height',
      n.block({ attestations: swap(four, 3, n.attest(0, 3, { height: 8 })) }),
    ],
    [
      'certificate-rank',
      'an answer of another incarnation',
      n.block({ attestations: swap(four, 3, n.attest(0, 3, { incarnation: 3 })) }),
    ],
    [
      'certificate-rank',
      'an answer in another lane',
      n.block({ attestations: swap(four, 3, n.attest(0, 3, { lane: 1 })) }),
    ],
    [
      'certificate-rank',
      'a removed device',
      thinned.block({ attestations: answers([0, 1, 2, 3], thinned) }),
      thinned,
    ],
    [
      'certificate-rank',
      'a miss by another host',
      n.block({ misses: [{ ...n.miss(0, 4), host: (n.draw.at(4)!.host % 3) + 1 }] }),
    ],
    ['certificate-rank', 'a miss of another attempt', n.block({ misses: [n.miss(1, 4)] })],
    [
      'certificate-rank',
      'a miss for another device',
      n.block({ misses: [n.miss(0, 4, { device: n.draw.at(5)!.device })] }),
    ],
    ['certificate-duplicate', 'one answer twice', n.block({ attestations: swap(four, 3, four[2]!) })],
    ['certificate-duplicate', 'one miss twice', n.block({ misses: misses([4, 4]) })],
    ['certificate-duplicate', 'an answer and a miss at one rank', n.block({ misses: misses([3]) })],
    ['certificate-attestation-signature', "another's signature", n.block({ attestations: wrongSignature() })],
    [
      'certificate-attestation-signature',
      'an altered number',
      n.block({ attestations: swap(four, 1, { ...four[1]!, counter: 99 }) }),
    ],
    [
      'certificate-miss-signature',
      'a miss its host did not sign',
      n.block({ misses: [{ ...n.miss(0, 4), signature: n.miss(0, 5).signature }] }),
    ],
    [
      'certificate-soft-miss',
      'a soft miss above the committee',
      n.block({ misses: [n.miss(0, 4, { kind: 1 })] }),
    ],
    ['certificate-duplicate', 'a miss and a silence at one rank', silent(n.thresholdMiss(0, 4), misses([4]))],
    ['certificate-duplicate', 'an answer and a silence at one rank', silent(n.thresholdMiss(0, 3))],
    [
      'certificate-duplicate',
      'a witness of silence that speaks twice',
      silent(n.thresholdMiss(0, 4, [others(4)[0]!, others(4)[0]!, others(4)[1]!])),
    ],
    [
      'certificate-silences',
      'too few witnesses of silence',
      silent(n.thresholdMiss(0, 4, others(4).slice(1))),
    ],
    [
      'certificate-silences',
      'more witnesses of silence than need be',
      silent(n.thresholdMiss(0, 4, [0, 1, 2, 3])),
    ],
    [
      'certificate-silences',
      'the silent host among the witnesses',
      silent(n.thresholdMiss(0, 4, [...others(4).slice(1), n.draw.at(4)!.host].sort())),
    ],
    [
      'certificate-silences',
      'an unknown witness of silence',
      silent(n.thresholdMiss(0, 4, [...others(4).slice(1), 9])),
    ],
    [
      'certificate-silences',
      'witnesses of silence out of order',
      silent(n.thresholdMiss(0, 4, [...others(4)].reverse())),
    ],
    ['certificate-rank', 'silence of another host', silent({ ...n.thresholdMiss(0, 4), host: 0 })],
    [
      'certificate-rank',
      'silence about another device',
      silent({ ...n.thresholdMiss(0, 4), device: n.draw.at(5)!.device }),
    ],
    ['certificate-rank', 'silence at a rank of the next attempt', silent(n.thresholdMiss(1, 6))],
    [
      'certificate-silence-signature',
      'silence at another rank',
      silent({ ...n.thresholdMiss(0, 4), statements: n.thresholdMiss(0, 5, others(4)).statements }),
    ],
    [
      'certificate-silence-signature',
      'silence in another attempt',
      silent({ ...n.thresholdMiss(0, 4), statements: n.thresholdMiss(1, 4).statements }),
    ],
    [
      'certificate-silence-signature',
      'silence that a witness did not sign',
      silent({
        ...n.thresholdMiss(0, 4),
        statements: others(4).map((witness) => ({
          witness,
          signature: n.silence(0, 4, others(4)[0]!).signature,
        })),
      }),
    ],
    [
      'certificate-mode',
      'no devices, and a silent host',
      n.block({
        mode: CERTIFICATE_MODE.noDevices,
        attestations: [],
        thresholdMisses: [n.thresholdMiss(0, 0)],
      }),
    ],
    ['certificate-miss-missing', 'a rank passed over', n.block({ attestations: answers([0, 1, 3, 4]) })],
    [
      'certificate-miss-missing',
      'the first rank passed over',
      n.block({ attestations: answers([1, 2, 3, 4]) }),
    ],
    [
      'certificate-miss-missing',
      'too few answers, and ranks not asked',
      n.block({ attestations: answers([0, 1, 2]) }),
    ],
    [
      'certificate-miss-missing',
      'too few answers of a short list',
      few.block({ attestations: answers([0, 1], few) }),
      few,
    ],
    [
      'certificate-miss-missing',
      'everybody missed, but one was not asked',
      n.block({ mode: CERTIFICATE_MODE.allMissed, attestations: [], misses: misses(range(0, 5)) }),
    ],
    [
      'certificate-incoherent',
      'an answer with another hash',
      n.block({ attestations: swap(four, 1, n.attest(0, 1, { hash: OTHER })) }),
    ],
    [
      'certificate-incoherent',
      'an answer that cites another header',
      n.block({ attestations: swap(four, 1, n.attest(0, 1, { cited: OTHER })) }),
    ],
    [
      'certificate-incoherent',
      'a lie beyond the paid answers',
      n.block({ attestations: [...four, n.attest(0, 5, { hash: OTHER })] }),
    ],
    [
      'certificate-attempt',
      'a later attempt without the earlier one',
      n.block({ attempt: 1, attestations: answers(range(6, 10), n, 1) }),
    ],
    ['certificate-attempt', 'a failed attempt without need', n.block({ incoherent: [liedAttempt] })],
    [
      'certificate-attempt',
      'one attempt attached twice',
      n.block({
        attempt: 2,
        attestations: answers(range(12, 16), n, 2),
        incoherent: [liedAttempt, liedAttempt],
      }),
    ],
    [
      'certificate-attempt',
      'an earlier attempt that agreed',
      n.block({
        attempt: 1,
        attestations: answers(range(6, 10), n, 1),
        incoherent: [{ attempt: 0, attestations: four, misses: [], thresholdMisses: [] }],
      }),
    ],
    [
      'certificate-attempt',
      'an attempt that is not before it',
      n.block({ attempt: 1, attestations: answers(range(6, 10), n, 1), incoherent: [missedAttempt(1)] }),
    ],
    [
      'certificate-attempt',
      'a silent attempt with a rank left out',
      n.block({
        attempt: 1,
        attestations: answers(range(6, 10), n, 1),
        incoherent: [{ attempt: 0, attestations: [], misses: misses(range(1, 6)), thresholdMisses: [] }],
      }),
    ],
    [
      'certificate-rank',
      'a lie at a rank that is not of its attempt',
      n.block({
        attempt: 1,
        attestations: answers(range(6, 10), n, 1),
        incoherent: [
          { attempt: 0, attestations: [n.attest(0, 6, { hash: OTHER })], misses: [], thresholdMisses: [] },
        ],
      }),
    ],
    [
      'certificate-attestation-signature',
      'a forged lie',
      n.block({
        attempt: 1,
        attestations: answers(range(6, 10), n, 1),
        incoherent: [
          { attempt: 0, attestations: [{ ...four[0]!, hash: OTHER }], misses: [], thresholdMisses: [] },
        ],
      }),
    ],
  ];
  it.each(rows)('%s: %s', (code, _, block, from = n) => {
    const result = check(from, block);
    expect(result.ok ? 'valid' : result.error.code).toBe(code);
  });

  it('has a row for every code', async () => {
    const { readFileSync } = await import('node:fs');
    const source = readFileSync(new URL('./certificate-failure.ts', import.meta.url), 'utf8');
    const codes = [...source.matchAll(/\| '(certificate-[a-z-]+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThanOrEqual(12);
    // Those of assigners have their rows in certificate-assigned.test.ts.
    const here = codes.filter((code) => !code!.startsWith('certificate-assigner'));
    expect([...new Set(rows.map(([code]) => code))].sort()).toEqual(here.sort());
  });
});
