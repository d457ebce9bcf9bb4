/** A run of the real machines, published, and ways to change one thing of it. */
import { readU32 } from '@iotw/kernel/bytes';
import type { Certificate } from '@iotw/protocol/certificate';
import { poolRoot } from '@iotw/protocol/pool';
import {
  type PublicBlock,
  type PublicData,
  type PublicEpoch,
  type PublicRound,
  publicDataFromJson,
  publicDataToJson,
} from '@iotw/protocol/public-data';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { type DataReport, type PublicTrust, verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { DEFAULT_SIZE, Simulation } from '@iotw/simulator/simulation';
import { expect } from 'vitest';
import { publicHistory } from './simulated-history.js';

const simulation = new Simulation({
  ...DEFAULT_SIZE,
  seed: 3,
  epochs: 5,
  transactions: 700,
  adversary: 'lying-miner',
});
const { violation } = simulation.run();
if (violation !== undefined) throw new Error(violation.message);
export const { genesis } = simulation;
export const json = JSON.stringify(publicDataToJson(publicHistory(genesis, simulation.history())));
export const whole = read(JSON.parse(json));
export const trust: PublicTrust = { genesis, network: whole.network };

export function read(value: unknown): PublicData {
  const made = publicDataFromJson(value);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

function until(all: PublicData, last: number): PublicData {
  return {
    ...all,
    epochs: all.epochs.filter(({ opened }) => opened <= last),
    rounds: all.rounds.filter(({ header }) => header.number <= last),
    blocks: all.blocks.filter(({ round }) => round <= last),
  };
}

function lastRoundOf(epoch: number): number {
  return Math.max(
    ...whole.blocks.filter(({ block }) => block.header.epoch === epoch).map(({ round }) => round),
  );
}

export function verify(changed: PublicData): DataReport {
  const report = verifyPublicData(changed, trust);
  if (!report.ok) throw new Error(report.error.code);
  return report.value;
}

/** The place of the first element that fits; the run is fixed, so it has one or the test says so. */
function first<T>(list: readonly T[], what: string, fits: (item: T) => boolean): number {
  const at = list.findIndex(fits);
  if (at < 0) throw new Error(`the run has no ${what}`);
  return at;
}

export function at<T>(list: readonly T[], index: number, change: (old: T) => T): T[] {
  return list.map((old, i) => (i === index ? change(old) : old));
}
/** Where the sender of the block's last transaction stands in its body. */
export const senderOfLast = ({ block }: PublicBlock) =>
  readU32(block.body, 4 * (block.header.count - 1)) + ENVELOPE.transaction;
export const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

export const EPOCH = first(whole.epochs, 'epoch with a pool, votes and a block', ({ epoch, pool, votes }) => {
  const used = whole.blocks.some(({ block }) => block.header.epoch === epoch);
  return epoch >= 1 && used && pool.length > 5 && votes.length >= 3;
});
export const MINED = first(
  whole.blocks,
  'block above another with four answers and a miss',
  ({ block, codes }) => {
    const { attestations, misses, attempt } = block.certificate;
    return (
      block.header.epoch > 0 &&
      block.header.height > 2 &&
      attempt === 0 &&
      attestations.length >= 4 &&
      misses.length > 0 &&
      block.header.count > 1 &&
      codes.at(-1) === 0
    );
  },
);
export const FAILED = first(
  whole.blocks,
  'block with a failed attempt',
  ({ block }) => block.certificate.attempt > 0,
);
export const ROUND = first(
  whole.rounds,
  'round with a block',
  ({ header }) => header.number === whole.blocks[MINED]!.round,
);

/** A block of the same lane at another height. */
export const NEXT = first(whole.blocks, 'next block of the lane', ({ block: { header } }) => {
  const own = whole.blocks[MINED]!.block.header;
  return header.lane === own.lane && header.height === own.height + 1;
});

/** As much of the run as holds one of each: little enough to be verified for every row. */
export const data = until(
  whole,
  Math.max(
    ...[MINED, FAILED, NEXT].map((i) => whole.blocks[i]!.round),
    2 + lastRoundOf(whole.epochs[EPOCH]!.epoch),
  ),
);

export const epoch = (change: (old: PublicEpoch) => Partial<PublicEpoch>, place = EPOCH): PublicData => ({
  ...data,
  epochs: at(data.epochs, place, (old) => ({ ...old, ...change(old) })),
});
export const round = (change: (old: PublicRound) => PublicRound, place = ROUND): PublicData => ({
  ...data,
  rounds: at(data.rounds, place, change),
});
export const block = (change: (old: PublicBlock) => Partial<PublicBlock>, place = MINED): PublicData => ({
  ...data,
  blocks: at(data.blocks, place, (old) => ({ ...old, ...change(old) })),
});
export const certificate = (change: (old: Certificate) => Partial<Certificate>, place = MINED): PublicData =>
  block(
    (old) => ({
      block: { ...old.block, certificate: { ...old.block.certificate, ...change(old.block.certificate) } },
    }),
    place,
  );
export const header = (change: (old: PublicBlock['block']['header']) => object): PublicData =>
  block((old) => ({ block: { ...old.block, header: { ...old.block.header, ...change(old.block.header) } } }));
export const remade = (old: PublicEpoch, change: Partial<PublicEpoch>): Partial<PublicEpoch> => {
  const made = { ...old, ...change };
  return { ...change, poolRoot: poolRoot({ ...made, devices: made.pool }) };
};
export const another = (place: number) => data.blocks[place]!.block.certificate;

export const E = `epoch ${data.epochs[EPOCH]!.epoch}`;
export const R = `round ${data.rounds[ROUND]!.header.number}`;
export const place = (i: number) =>
  `block ${data.blocks[i]!.block.header.lane}/${data.blocks[i]!.block.header.height}`;
export const B = place(MINED);

export type Row = readonly [what: string, changed: PublicData, subject: string, check: string, code?: string];

/** The check of the row's subject that must see it does, once, and the whole is not genuine. */
export function expectRefused([, changed, subject, check, code]: Row): void {
  const { genuine, failed } = verify(changed);
  expect(genuine).toBe(false);
  const named = failed.filter((finding) => finding.subject === subject && finding.name === check);
  expect(named, JSON.stringify(failed.slice(0, 4))).toHaveLength(1);
  if (code !== undefined) expect(named[0]!.code).toBe(code);
}
