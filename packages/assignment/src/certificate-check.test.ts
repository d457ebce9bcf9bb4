import { CERTIFICATE_MODE, type CertifiedBlock } from '@iotw/protocol/certificate';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from './certificate-check.js';
import {
  allOut,
  answers,
  check,
  few,
  liedAttempt,
  missedAttempt,
  misses,
  n,
  none,
  thinned,
} from './test-certificates.js';
import { range, TestNetwork } from './test-network.js';

describe('a valid certificate names', () => {
  const rows: readonly [
    title: string,
    from: TestNetwork,
    block: CertifiedBlock,
    paid: number[],
    extra: number[],
    misses: number,
  ][] = [
    ['the lowest ranks', n, n.block(), [0, 1, 2, 3], [], 0],
    [
      'paid ranks in order, whatever theirs',
      n,
      n.block({ attestations: answers([3, 0, 2, 1]) }),
      [0, 1, 2, 3],
      [],
      0,
    ],
    [
      'answers above the cut-off as extra',
      n,
      n.block({ attestations: answers([5, 0, 1, 2, 3]) }),
      [0, 1, 2, 3],
      [5],
      0,
    ],
    [
      'the next rank for a missed one',
      n,
      n.block({ attestations: answers([0, 2, 3, 4]), misses: misses([1]) }),
      [0, 2, 3, 4],
      [],
      1,
    ],
    [
      'the next rank for one whose host is silent',
      n,
      n.block({ attestations: answers([0, 2, 3, 4]), thresholdMisses: [n.thresholdMiss(0, 1)] }),
      [0, 2, 3, 4],
      [],
      0,
    ],
    [
      'the second committee after silence of devices and hosts',
      n,
      n.block({
        attempt: 1,
        attestations: answers(range(6, 10), n, 1),
        incoherent: [
          {
            attempt: 0,
            attestations: [],
            misses: misses(range(0, 3)),
            thresholdMisses: range(3, 6).map((rank) => n.thresholdMiss(0, rank)),
          },
        ],
      }),
      [6, 7, 8, 9],
      [],
      3,
    ],
    ['misses above the cut-off', n, n.block({ misses: misses([5]) }), [0, 1, 2, 3], [], 1],
    [
      'fewer than c where the attempt ran out',
      n,
      n.block({ attestations: answers([1]), misses: misses([0, 2, 3, 4, 5]) }),
      [1],
      [],
      5,
    ],
    [
      'fewer than c where the list ran out',
      few,
      few.block({ attestations: answers([0, 2], few), misses: misses([1], few) }),
      [0, 2],
      [],
      1,
    ],
    [
      'nobody who was removed',
      thinned,
      thinned.block({ attestations: answers([0, 2, 3, 5], thinned) }),
      [0, 2, 3, 5],
      [],
      0,
    ],
    [
      'nobody where everybody missed',
      n,
      n.block({ mode: CERTIFICATE_MODE.allMissed, attestations: [], misses: misses(range(0, 6)) }),
      [],
      [],
      6,
    ],
    [
      'nobody where there are no devices',
      none,
      none.block({ mode: CERTIFICATE_MODE.noDevices, attestations: [] }),
      [],
      [],
      0,
    ],
    [
      'nobody where all devices are removed',
      allOut,
      allOut.block({ mode: CERTIFICATE_MODE.noDevices, attestations: [] }),
      [],
      [],
      0,
    ],
    [
      'the second committee after a lie',
      n,
      n.block({ attempt: 1, attestations: answers(range(6, 10), n, 1), incoherent: [liedAttempt] }),
      [6, 7, 8, 9],
      [],
      0,
    ],
    [
      'the second committee after silence',
      n,
      n.block({ attempt: 1, attestations: answers(range(6, 10), n, 1), incoherent: [missedAttempt(0)] }),
      [6, 7, 8, 9],
      [],
      6,
    ],
    [
      'nobody after two silent attempts of a list that ended in the first',
      few,
      few.block({
        attempt: 1,
        mode: CERTIFICATE_MODE.allMissed,
        attestations: [],
        incoherent: [{ attempt: 0, attestations: [], misses: misses(range(0, 3), few), thresholdMisses: [] }],
      }),
      [],
      [],
      3,
    ],
  ];
  it.each(rows)('%s', (_, from, block, paid, extra, missed) => {
    const result = check(from, block);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    expect(result.value.paid.map(({ rank }) => rank)).toEqual(paid);
    expect(result.value.paid.map(({ role }) => role)).toEqual(
      paid.map((_, i) => (i === 0 ? 'miner' : 'witness')),
    );
    expect(result.value.extra.map(({ rank }) => rank)).toEqual(extra);
    expect(result.value.misses).toHaveLength(missed);
    expect(result.value.mode).toBe(block.certificate.mode);
  });

  it('the diversity it reached', () => {
    const result = check(n, n.block());
    // Of the three regions each may come twice in a committee of four.
    expect(result.ok && result.value.diversity).toEqual({ owners: 4, makers: 4, regions: 2, hosts: 3 });
  });

  it('the attempts that lied, not those that were silent', () => {
    const attempt = { attempt: 2, attestations: answers(range(12, 16), n, 2) };
    const result = check(n, n.block({ ...attempt, incoherent: [liedAttempt, missedAttempt(1)] }));
    expect(result.ok && result.value.incoherent).toEqual([liedAttempt]);
  });

  it('a single trust node asks its own devices', () => {
    const alone = new TestNetwork({ trustNodes: 1, devices: 6 });
    expect(check(alone, alone.block()).ok).toBe(true);
  });
});

describe("the votes of the epoch's trust nodes alone count", () => {
  const { context } = n;
  const votes = [0, 1, 2, 3].map((witness) => n.vote(witness));
  const checkWith = (nodes: readonly number[], voted: readonly number[]) => {
    const trustNodes = nodes.map((index) => ({ index, key: n.trustKeys[0]!.publicKey }));
    const snapshot = { ...context.snapshot, trustNodes };
    const block = n.block({ votes: voted.map((witness) => votes[witness]!) });
    const checked = checkCertificate({ ...context, snapshot }, block, n.hash);
    return checked.ok ? checked.value.paid.length : checked.error.code;
  };

  it.each([
    [[0, 1, 2, 3], [0, 1, 2], 4],
    [[0, 1, 2], [0, 1, 2], 4],
    [[0, 1, 2], [0, 1, 3], 'certificate-votes'],
    [[0, 1, 2], [0, 1, 2, 3], 'certificate-votes'],
    [[0, 1], [0, 1], 4],
    [[0, 1, 2], [0, 1], 'certificate-votes'],
    [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3], 'certificate-votes'],
    [[0, 1, 2, 9], [0, 1, 2], 4],
  ] as const)('of %j with votes of %j: %s', (nodes, voted, outcome) => {
    expect(checkWith(nodes, voted)).toBe(outcome);
  });
});
