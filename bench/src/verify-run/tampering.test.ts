/** A run of the real machines, published, verified from what was published alone; then changed, one thing at a time. */

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
import { flipped } from '@iotw/sdk/verify/test-ledger';
import { DEFAULT_SIZE, Simulation } from '@iotw/simulator/simulation';
import { describe, expect, it } from 'vitest';
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
const { genesis } = simulation;
const json = JSON.stringify(publicDataToJson(publicHistory(genesis, simulation.history())));
const whole = read(JSON.parse(json));
const trust: PublicTrust = { genesis, network: whole.network };

function read(value: unknown): PublicData {
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

function verify(changed: PublicData): DataReport {
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

function at<T>(list: readonly T[], index: number, change: (old: T) => T): T[] {
  return list.map((old, i) => (i === index ? change(old) : old));
}
/** Where the sender of the block's last transaction stands in its body. */
const senderOfLast = ({ block }: PublicBlock) =>
  readU32(block.body, 4 * (block.header.count - 1)) + ENVELOPE.transaction;
const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

const EPOCH = first(whole.epochs, 'epoch with a pool, votes and a block', ({ epoch, pool, votes }) => {
  const used = whole.blocks.some(({ block }) => block.header.epoch === epoch);
  return epoch >= 1 && used && pool.length > 5 && votes.length >= 3;
});
const MINED = first(whole.blocks, 'block above another with four answers and a miss', ({ block, codes }) => {
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
});
const FAILED = first(
  whole.blocks,
  'block with a failed attempt',
  ({ block }) => block.certificate.attempt > 0,
);
const ROUND = first(
  whole.rounds,
  'round with a block',
  ({ header }) => header.number === whole.blocks[MINED]!.round,
);

/** A block of the same lane at another height. */
const NEXT = first(whole.blocks, 'next block of the lane', ({ block: { header } }) => {
  const own = whole.blocks[MINED]!.block.header;
  return header.lane === own.lane && header.height === own.height + 1;
});

/** As much of the run as holds one of each: little enough to be verified for every row. */
const data = until(
  whole,
  Math.max(
    ...[MINED, FAILED, NEXT].map((i) => whole.blocks[i]!.round),
    2 + lastRoundOf(whole.epochs[EPOCH]!.epoch),
  ),
);

const epoch = (change: (old: PublicEpoch) => Partial<PublicEpoch>, place = EPOCH): PublicData => ({
  ...data,
  epochs: at(data.epochs, place, (old) => ({ ...old, ...change(old) })),
});
const round = (change: (old: PublicRound) => PublicRound, place = ROUND): PublicData => ({
  ...data,
  rounds: at(data.rounds, place, change),
});
const block = (change: (old: PublicBlock) => Partial<PublicBlock>, place = MINED): PublicData => ({
  ...data,
  blocks: at(data.blocks, place, (old) => ({ ...old, ...change(old) })),
});
const certificate = (change: (old: Certificate) => Partial<Certificate>, place = MINED): PublicData =>
  block(
    (old) => ({
      block: { ...old.block, certificate: { ...old.block.certificate, ...change(old.block.certificate) } },
    }),
    place,
  );
const header = (change: (old: PublicBlock['block']['header']) => object): PublicData =>
  block((old) => ({ block: { ...old.block, header: { ...old.block.header, ...change(old.block.header) } } }));
const remade = (old: PublicEpoch, change: Partial<PublicEpoch>): Partial<PublicEpoch> => {
  const made = { ...old, ...change };
  return { ...change, poolRoot: poolRoot({ ...made, devices: made.pool }) };
};
const another = (place: number) => data.blocks[place]!.block.certificate;
describe('a published run', () => {
  it('is verified whole: every committee, from the published data alone', () => {
    const report = verify(whole);
    expect(report.failed).toEqual([]);
    const { devices, noDevices, allMissed } = report.committees;
    expect(devices + noDevices + allMissed).toBe(whole.blocks.length);
    // A confirmation that came late may leave an epoch to the ledger servers' word; nothing else is left open.
    expect(report.unchecked.filter(({ name }) => name !== 'pool-votes')).toEqual([]);
    expect(report.blocks).toBeGreaterThan(50);
  });

  it('reads back as it was written', () => {
    expect(JSON.stringify(publicDataToJson(whole))).toBe(json);
  });

  it('is refused as a whole by the genesis of another network', () => {
    const other = { ...genesis, entropy: flipped(genesis.entropy) };
    expect(verifyPublicData(whole, { genesis: other })).toMatchObject({
      error: { code: 'public-data-network' },
    });
    expect(verifyPublicData(whole, { ...trust, genesis: other })).toMatchObject({
      error: { code: 'trust-network' },
    });
  });
});

const E = `epoch ${data.epochs[EPOCH]!.epoch}`;
const R = `round ${data.rounds[ROUND]!.header.number}`;
const place = (i: number) =>
  `block ${data.blocks[i]!.block.header.lane}/${data.blocks[i]!.block.header.height}`;
const B = place(MINED);

type Row = readonly [what: string, changed: PublicData, subject: string, check: string, code?: string];
const rows: readonly Row[] = [
  ['the seed', epoch(({ seed }) => ({ seed: flipped(seed) })), E, 'seed-chain'],
  [
    'a bit of the seed proof',
    epoch(({ proof }) => ({ proof: flipped(proof, 40) })),
    E,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the proof of another epoch',
    epoch(() => ({ proof: whole.epochs[EPOCH + 1]!.proof })),
    E,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the round that opened the epoch',
    epoch(({ opened }) => ({ opened: opened - 1 })),
    `round ${data.epochs[EPOCH]!.opened}`,
    'round-opens',
  ],
  [
    'a key in the pool',
    epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, key: flipped(d.key) })) })),
    E,
    'pool-root',
  ],
  ['a weight', epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, weight: 2 })) })), E, 'pool-root'],
  [
    'a class',
    epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, deviceClass: 3 })) })),
    E,
    'pool-root',
  ],
  [
    'a class, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, deviceClass: 3 - d.deviceClass })) })),
    E,
    'pool-classes',
  ],
  [
    'the order of the pool',
    epoch(({ pool }) => ({ pool: [pool[1]!, pool[0]!, ...pool.slice(2)] })),
    E,
    'pool-root',
  ],
  ['a device of the pool left out', epoch(({ pool }) => ({ pool: without(pool, 2) })), E, 'pool-root'],
  [
    'a parameter',
    epoch(({ parameters }) => ({ parameters: { ...parameters, witnesses: 0 } })),
    E,
    'pool-root',
  ],
  [
    'a trust node left out',
    epoch(({ trustNodes }) => ({ trustNodes: without(trustNodes, 0) })),
    E,
    'pool-root',
  ],
  [
    'a weight, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, weight: 2 })) })),
    E,
    'pool-weights',
  ],
  [
    'a host, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, host: 3 - d.host })) })),
    E,
    'pool-votes',
    'pool-vote-signature',
  ],
  ['the election mode', epoch(() => ({ mode: 1 })), E, 'pool-mode'],
  [
    'a pool vote by nobody',
    epoch(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, witness: 9 })) })),
    E,
    'pool-votes',
    'pool-vote-unknown',
  ],
  [
    'a pool vote twice',
    epoch(({ votes }) => ({ votes: [votes[0]!, ...votes] })),
    E,
    'pool-votes',
    'pool-vote-duplicate',
  ],
  [
    'a pool vote for another',
    epoch(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, signature: votes[1]!.signature })) })),
    E,
    'pool-votes',
    'pool-vote-signature',
  ],
  [
    'a rank',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 0, (a) => ({ ...a, rank: a.rank + 7 })),
    })),
    B,
    'committee',
    'certificate-rank',
  ],
  [
    'a device',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 0, (a) => ({ ...a, device: attestations[1]!.device })),
    })),
    B,
    'committee',
    'certificate-rank',
  ],
  [
    'the roles: a witness at the miner’s rank',
    certificate(({ attestations: [a, b, ...rest] }) => ({
      attestations: [{ ...b!, rank: a!.rank }, { ...a!, rank: b!.rank }, ...rest],
    })),
    B,
    'committee',
    'certificate-rank',
  ],
  [
    'an answer twice',
    certificate(({ attestations }) => ({ attestations: [attestations[0]!, ...attestations] })),
    B,
    'committee',
    'certificate-duplicate',
  ],
  [
    'an answer that disagrees',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 1, (a) => ({ ...a, hash: flipped(a.hash) })),
    })),
    B,
    'coherence',
  ],
  [
    'an answer for another header',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 1, (a) => ({ ...a, cited: flipped(a.cited) })),
    })),
    B,
    'coherence',
  ],
  [
    'the signature of an answer',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 1, (a) => ({ ...a, signature: flipped(a.signature) })),
    })),
    B,
    'committee',
    'certificate-attestation-signature',
  ],
  [
    'the head of an answer',
    certificate(({ attestations }) => ({
      attestations: at(attestations, 1, (a) => ({ ...a, head: flipped(a.head) })),
    })),
    B,
    'committee',
    'certificate-attestation-signature',
  ],
  ['a missing miss', certificate(() => ({ misses: [] })), B, 'committee', 'certificate-miss-missing'],
  [
    'a forged miss',
    certificate(({ misses }) => ({
      misses: at(misses, 0, (m) => ({ ...m, signature: flipped(m.signature) })),
    })),
    B,
    'committee',
    'certificate-miss-signature',
  ],
  [
    'the host of a miss',
    certificate(({ misses }) => ({ misses: at(misses, 0, (m) => ({ ...m, host: (m.host + 1) % 4 })) })),
    B,
    'committee',
    'certificate-rank',
  ],
  [
    'a miss where an answer is',
    certificate(({ misses, attestations: [a] }) => ({
      misses: at(misses, 0, (m) => ({
        ...m,
        rank: a!.rank,
        device: a!.device,
        host: data.epochs
          .find((e) => e.epoch === data.blocks[MINED]!.block.header.epoch)!
          .pool.find((d) => d.device === a!.device)!.host,
      })),
    })),
    B,
    'committee',
    'certificate-duplicate',
  ],
  [
    'a vote by nobody',
    certificate(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, witness: 9 })) })),
    B,
    'votes',
    'certificate-votes',
  ],
  [
    'a vote twice',
    certificate(({ votes }) => ({ votes: [votes[0]!, ...votes] })),
    B,
    'votes',
    'certificate-duplicate',
  ],
  [
    'votes below the threshold',
    certificate(({ votes }) => ({ votes: votes.slice(0, 2) })),
    B,
    'votes',
    'certificate-votes',
  ],
  [
    'a vote for another hash',
    certificate(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, hash: flipped(v.hash) })) })),
    B,
    'votes',
    'certificate-votes',
  ],
  [
    'the signature of a vote',
    certificate(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, signature: flipped(v.signature) })) })),
    B,
    'votes',
    'certificate-vote-signature',
  ],
  [
    'the epoch of the header',
    header(({ epoch }) => ({ epoch: epoch - 1 })),
    B,
    'lane-signature',
    'certificate-lane-signature',
  ],
  [
    'the refRound',
    header(({ refRound }) => ({ refRound: refRound - 1 })),
    B,
    'lane-signature',
    'certificate-lane-signature',
  ],
  [
    'a refRound behind its round',
    header(() => ({ refRound: data.blocks[MINED]!.round })),
    B,
    'epoch',
    'block-ref-round',
  ],
  ['the root', header(({ root }) => ({ root: flipped(root) })), B, 'body'],
  ['the previous hash', header(({ previous }) => ({ previous: flipped(previous) })), B, 'block-link'],
  [
    'the lane’s signature',
    block((old) => ({ block: { ...old.block, signature: flipped(old.block.signature) } })),
    B,
    'lane-signature',
    'certificate-lane-signature',
  ],
  [
    'the attempt',
    certificate(({ attempt }) => ({ attempt: attempt + 1 })),
    B,
    'committee',
    'certificate-attempt',
  ],
  [
    'a failed attempt left out',
    certificate(() => ({ incoherent: [] }), FAILED),
    place(FAILED),
    'committee',
    'certificate-attempt',
  ],
  ['the certificate’s mode', certificate(() => ({ mode: 1 })), B, 'committee', 'certificate-mode'],
  ['the certificate of another height', certificate(() => another(NEXT)), B, 'votes', 'certificate-votes'],
  [
    'a transaction in the body',
    block((old) => ({ block: { ...old.block, body: flipped(old.block.body, senderOfLast(old)) } })),
    B,
    'body',
  ],
  [
    'the signature of a transaction',
    block((old) => ({
      block: { ...old.block, body: flipped(old.block.body, senderOfLast(old) - ENVELOPE.transaction + 8) },
    })),
    B,
    'transactions',
    'signature-invalid',
  ],
  [
    'a block left out',
    { ...data, blocks: without(data.blocks, MINED) },
    place(NEXT),
    'block-link',
    'block-height',
  ],
  ['the order of the blocks', { ...data, blocks: [...data.blocks].reverse() }, 'data', 'order'],
  ['the path', block(({ path }) => ({ path: at(path, 0, (node) => flipped(node)) })), B, 'block-path'],
  ['the place in the round', block(({ index }) => ({ index: index + 1 })), B, 'block-path'],
  [
    'a result code',
    block(({ codes }) => ({ codes: at(codes, 0, (code) => (code === 0 ? 33 : 0)) })),
    B,
    'results',
  ],
  ['a fee', block(({ fees }) => ({ fees: at(fees, 0, (fee) => fee + 1) })), B, 'results'],
  ['the place of the results', block(({ first: place }) => ({ first: place + 1 })), B, 'results'],
  [
    'a round’s signature',
    round((old) => ({
      ...old,
      signatures: at(old.signatures, 0, (s) => ({ ...s, signature: flipped(s.signature) })),
    })),
    R,
    'round-signatures',
  ],
  [
    'too few round signatures',
    round((old) => ({ ...old, signatures: old.signatures.slice(0, 2) })),
    R,
    'round-signatures',
  ],
  [
    'a round signed twice by one',
    round((old) => ({ ...old, signatures: [old.signatures[0]!, ...old.signatures] })),
    R,
    'round-signatures',
  ],
  [
    'the state hash of a round',
    round((old) => ({ ...old, header: { ...old.header, stateHash: flipped(old.header.stateHash) } })),
    R,
    'round-signatures',
  ],
  [
    'the hash of the round before',
    round((old) => ({ ...old, header: { ...old.header, previous: flipped(old.header.previous) } })),
    R,
    'round-link',
  ],
  [
    'the pool root in a round',
    round((old) => ({ ...old, header: { ...old.header, poolRoot: flipped(old.header.poolRoot) } })),
    R,
    'round-epoch',
  ],
  [
    'the blocks root',
    round((old) => ({ ...old, header: { ...old.header, blocksRoot: flipped(old.header.blocksRoot) } })),
    B,
    'block-path',
  ],
  [
    'the results root',
    round((old) => ({ ...old, header: { ...old.header, resultsRoot: flipped(old.header.resultsRoot) } })),
    B,
    'results',
  ],
];

describe('tampering is refused, by name', () => {
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, changed, subject, check, code]) => {
    const { genuine, failed } = verify(changed);
    expect(genuine).toBe(false);
    const named = failed.filter((finding) => finding.subject === subject && finding.name === check);
    expect(named, JSON.stringify(failed.slice(0, 4))).toHaveLength(1);
    if (code !== undefined) expect(named[0]!.code).toBe(code);
  });
});
