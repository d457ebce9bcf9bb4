import { type IncoherentAttempt, MISS_KIND, type Miss } from '@iotw/protocol/certificate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from './certificate-check.js';
import { chargeSoftMisses, softMissesLeft } from './soft-misses.js';
import { range, TestNetwork } from './test-network.js';

/** c = 4, R = 6; the lane is trust node 0's, hosts 1 to 3 have the devices it may ask. */
const n = new TestNetwork({ parameters: { ranksPerAttempt: 6 } });
/** c = 4 and three devices in all. */
const few = new TestNetwork({ devices: 4, parameters: { ranksPerAttempt: 6 } });
const removed = n.draw.at(1)!.device;
const thinned = new TestNetwork({
  parameters: { ranksPerAttempt: 6 },
  removed: (device) => device === removed,
});

const answers = (ranks: readonly number[], from = n, attempt = 0) =>
  ranks.map((rank) => from.attest(attempt, rank));
const soft = (rank: number, change: Partial<Miss> = {}, from = n, attempt = 0) =>
  from.miss(attempt, rank, { kind: MISS_KIND.soft, ...change });
const hard = (rank: number, attempt = 0) => n.miss(attempt, rank);
const check = (block: ReturnType<TestNetwork['block']>, from = n) =>
  checkCertificate(from.context, block, from.hash);

describe('a soft miss', () => {
  it.each<[string, number[], Miss[], number[]]>([
    ['lets the next rank in', [0, 2, 3, 4], [soft(1)], [0, 2, 3, 4]],
    ['of the first rank makes the next one the miner', [1, 2, 3, 4], [soft(0)], [1, 2, 3, 4]],
    ['stands beside a hard one', [0, 3, 4, 5], [soft(1), hard(2)], [0, 3, 4, 5]],
    ['stands beside another', [0, 3, 4, 5], [soft(1), soft(2)], [0, 3, 4, 5]],
  ])('%s', (_, answered, misses, paid) => {
    const result = check(n.block({ attestations: answers(answered), misses }));
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    const committee = result.value;
    expect(committee.paid.map(({ rank }) => rank)).toEqual(paid);
    expect(committee.paid[0]!.role).toBe('miner');
    const of = (kind: number) => misses.filter((miss) => miss.kind === kind);
    expect([committee.misses, committee.softMisses]).toEqual([of(MISS_KIND.hard), of(MISS_KIND.soft)]);
  });

  it('leaves nothing to claim for its rank; a hard miss beside it does', () => {
    const mixed = check(n.block({ attestations: answers([0, 3, 4, 5]), misses: [soft(1), hard(2)] }));
    expect(mixed.ok && mixed.value.passedOver).toEqual([{ attempt: 0, cutOff: 5, settled: [0, 3, 4, 5, 1] }]);
    const alone = check(n.block({ attestations: answers([0, 2, 3, 4]), misses: [soft(1)] }));
    expect(alone.ok && alone.value.passedOver).toEqual([]);
  });

  const committee = answers([0, 2, 3, 4]);
  const host = n.draw.at(1)!.host;
  const elsewhere = (host % 3) + 1;
  const bare = { attestations: [], thresholdMisses: [] };
  const silentAttempt = { attempt: 0, ...bare, misses: [...range(0, 5).map((r) => hard(r)), soft(5)] };
  const lies = { hash: new Uint8Array(32).fill(7) };
  const liedAttempt = {
    attempt: 0,
    ...{ attestations: [...answers([0, 2, 3]), n.attest(0, 4, lies)], thresholdMisses: [] },
    misses: [soft(1)],
  };
  const second = (incoherent: IncoherentAttempt) =>
    n.block({ attempt: 1, attestations: answers(range(6, 10), n, 1), incoherent: [incoherent] });
  const rows: readonly [
    code: string,
    what: string,
    block: ReturnType<TestNetwork['block']>,
    from?: TestNetwork,
  ][] = [
    [
      'certificate-miss-signature',
      'that nobody signed',
      n.block({ attestations: committee, misses: [{ ...soft(1), signature: new Uint8Array(64) }] }),
    ],
    [
      'certificate-miss-signature',
      "signed by the lane in the host's name",
      n.block({
        attestations: committee,
        misses: [{ ...soft(1), signature: soft(4, { host: n.draw.at(4)!.host }).signature }],
      }),
    ],
    [
      'certificate-miss-signature',
      'that the host signed as a hard one',
      n.block({ attestations: committee, misses: [{ ...hard(1), kind: MISS_KIND.soft }] }),
    ],
    [
      'certificate-miss-signature',
      'that is called a hard one',
      n.block({ attestations: committee, misses: [{ ...soft(1), kind: MISS_KIND.hard }] }),
    ],
    [
      'certificate-rank',
      "by a host that isn't the device's",
      n.block({ attestations: committee, misses: [soft(1, { host: elsewhere })] }),
    ],
    [
      'certificate-rank',
      'for another device',
      n.block({ attestations: committee, misses: [soft(1, { device: n.draw.at(5)!.device })] }),
    ],
    [
      'certificate-rank',
      'of another attempt',
      n.block({ attestations: committee, misses: [soft(1, { attempt: 1 })] }),
    ],
    [
      'certificate-rank',
      'of another height',
      n.block({ attestations: committee, misses: [soft(1, { height: 8 })] }),
    ],
    [
      'certificate-rank',
      "of another lane's block",
      n.block({ attestations: committee, misses: [soft(1, { lane: 1 })] }),
    ],
    [
      'certificate-rank',
      'for a removed device',
      thinned.block({ attestations: answers([0, 2, 3, 4], thinned), misses: [soft(1, {}, thinned)] }),
      thinned,
    ],
    [
      'certificate-duplicate',
      'beside a hard one for the same rank',
      n.block({ attestations: committee, misses: [soft(1), hard(1)] }),
    ],
    ['certificate-duplicate', 'twice', n.block({ attestations: committee, misses: [soft(1), soft(1)] })],
    [
      'certificate-duplicate',
      'beside the answer of its rank',
      n.block({ attestations: answers([0, 1, 2, 3]), misses: [soft(1)] }),
    ],
    [
      'certificate-duplicate',
      'beside a miss by threshold for the same rank',
      n.block({ attestations: committee, misses: [soft(1)], thresholdMisses: [n.thresholdMiss(0, 1)] }),
    ],
    [
      'certificate-soft-miss',
      'of a kind that there is not',
      n.block({ attestations: committee, misses: [soft(1, { kind: 2 })] }),
    ],
    [
      'certificate-soft-miss',
      'above the last paid answer',
      n.block({ attestations: answers([0, 1, 2, 3]), misses: [soft(4)] }),
    ],
    [
      'certificate-soft-miss',
      'where fewer than the committee answered',
      n.block({ attestations: answers([0, 2, 3]), misses: [soft(1), hard(4), hard(5)] }),
    ],
    [
      'certificate-soft-miss',
      'where the list ends before the committee is whole',
      few.block({ attestations: answers([0, 2], few), misses: [soft(1, {}, few)] }),
      few,
    ],
    [
      'certificate-soft-miss',
      'to complete a block without devices',
      n.block({ mode: 2, attestations: [], misses: [...range(0, 5).map((r) => hard(r)), soft(5)] }),
    ],
    ['certificate-soft-miss', 'for an attempt that failed in silence', second(silentAttempt)],
    ['certificate-soft-miss', 'for an attempt that failed by a lie', second(liedAttempt)],
  ];
  it.each(rows)('is refused with %s %s', (code, _, block, from = n) => {
    const result = check(block, from);
    expect(result.ok ? 'valid' : result.error.code).toBe(code);
  });
});

describe('soft misses of a host on a lane', () => {
  const rule = { softMissBps: 1_000, softMissBurst: 3 };
  const by = (...hosts: number[]) => hosts.map((host) => ({ host }));

  it('are owed for one by one, and paid off by its answers', () => {
    const debts = new Uint32Array(4);
    expect(chargeSoftMisses(rule, debts, { softMisses: by(1, 1, 2), paidHosts: [1, 3, 3] })).toBeUndefined();
    expect([...debts]).toEqual([0, 19_000, 10_000, 0]);
    expect([0, 1, 2].map((host) => softMissesLeft(rule, debts[host]!))).toEqual([3, 1, 2]);
  });

  it('are refused as a whole when one host owes too much', () => {
    const debts = Uint32Array.from([0, 19_000, 0, 0]);
    expect(chargeSoftMisses(rule, debts, { softMisses: by(2, 1, 1), paidHosts: [1] })).toBe(1);
    expect([...debts]).toEqual([0, 19_000, 0, 0]);
  });

  it('do not count at all with a burst of 0', () => {
    const none = { softMissBps: 10_000, softMissBurst: 0 };
    expect(chargeSoftMisses(none, new Uint32Array(4), { softMisses: by(1), paidHosts: [] })).toBe(1);
  });

  it('stay, in every stretch of a lane, within the burst and the share of its paid answers', () => {
    const blocks = fc.array(fc.record({ soft: fc.nat(4), paid: fc.nat(8) }), { maxLength: 60 });
    fc.assert(
      fc.property(blocks, fc.nat(10_000), fc.nat(8), (list, softMissBps, softMissBurst) => {
        const limits = { softMissBps, softMissBurst };
        const debts = new Uint32Array(2);
        const taken = list.map(({ soft: wanted, paid }) => {
          // A lane that takes all it can.
          const soft = Math.min(wanted, softMissesLeft(limits, debts[1]!));
          const use = { softMisses: by(...Array(soft).fill(1)), paidHosts: Array(paid).fill(1) };
          expect(chargeSoftMisses(limits, debts, use)).toBeUndefined();
          return { soft, paid };
        });
        for (let from = 0; from < taken.length; from++) {
          let softly = 0;
          let paid = 0;
          for (const block of taken.slice(from)) {
            softly += block.soft;
            expect(softly * 10_000).toBeLessThanOrEqual(softMissBurst * 10_000 + paid * softMissBps);
            paid += block.paid;
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
