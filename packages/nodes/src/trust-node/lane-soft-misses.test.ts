import { MISS_KIND, type Miss } from '@iotw/protocol/certificate';
import { expect, it } from 'vitest';
import type { TrustNodeContext } from './context.js';
import type { InFlight } from './in-flight.js';
import { stateOf } from './lane-soft-misses.js';

const EPOCH = 7;
const HOST = 2;

interface Case {
  /** softMissBurst of the block's epoch, undefined: its pool is not known; of the running epoch; what the host owes. */
  readonly frozen: number | undefined;
  readonly running: number;
  readonly debt?: number;
  /** Misses in the certificates of the lane's other blocks. */
  readonly others?: readonly (readonly Pick<Miss, 'kind' | 'host'>[])[];
}

/** Soft misses of the host that the block's attempt is told it may count on. */
function leftOf({ frozen, running, debt, others = [] }: Case): number {
  const rule = (softMissBurst: number) => ({ parameters: { softMissBurst } });
  const view = {
    snapshot: (epoch: number) => (frozen === undefined || epoch !== EPOCH ? undefined : rule(frozen)),
    lane: () => ({ softDebts: debt === undefined ? {} : { [HOST]: debt } }),
    ...rule(running),
  };
  let left = Number.NaN;
  const attempt = {
    state: (softLeft: (host: number) => number) => {
      left = softLeft(HOST);
      return 'waiting';
    },
  };
  const certified = [
    { certificate: { misses: [{ kind: MISS_KIND.soft, host: HOST }] } },
    ...others.map((misses) => ({ certificate: { misses } })),
  ];
  const blocks = certified.map((one) => ({ block: { header: { epoch: EPOCH } }, attempt, certified: one }));
  const inFlight = new Map([...blocks, { attempt, certified: undefined }].entries());
  // What its own certificate holds does not count against it.
  stateOf(
    { view, index: 0 } as unknown as TrustNodeContext,
    inFlight as unknown as ReadonlyMap<number, InFlight>,
    blocks[0] as unknown as InFlight,
  );
  return left;
}

const soft = { kind: MISS_KIND.soft, host: HOST } as const;

it.each<[string, Case, number]>([
  ['all that the rule allows', { frozen: 5, running: 5 }, 5],
  ['the lesser rule of the two epochs: the frozen one', { frozen: 3, running: 5 }, 3],
  ['the lesser rule of the two epochs: the running one', { frozen: 5, running: 2 }, 2],
  ['less what the host owes, a begun one counted whole', { frozen: 5, running: 5, debt: 10_001 }, 3],
  ['none where the host owes all', { frozen: 5, running: 5, debt: 50_000 }, 0],
  [
    'less those in certificates of other blocks',
    { frozen: 5, running: 5, others: [[soft], [soft, soft]] },
    2,
  ],
  [
    'those of other hosts and hard ones apart',
    {
      frozen: 5,
      running: 5,
      others: [
        [
          { ...soft, host: 1 },
          { ...soft, kind: MISS_KIND.hard },
        ],
      ],
    },
    5,
  ],
  ['none where the block’s pool is not known', { frozen: undefined, running: 5 }, 0],
])('soft misses that a block may count on: %s', (_what, given, left) => {
  expect(leftOf(given)).toBe(left);
});
