/** A published run is verified from what was published alone; then its blocks and rounds are changed, one thing at a time. */
import { publicDataToJson } from '@iotw/protocol/public-data';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { flipped } from '@iotw/sdk/verify/test-ledger';
import { describe, expect, it } from 'vitest';
import { EPOCH_ROWS } from './test-epoch-rows.js';
import {
  another,
  at,
  B,
  block,
  certificate,
  data,
  expectRefused,
  FAILED,
  genesis,
  header,
  json,
  MINED,
  NEXT,
  place,
  R,
  type Row,
  round,
  senderOfLast,
  trust,
  verify,
  whole,
  without,
} from './test-published-run.js';

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

const rows: readonly Row[] = [
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
  it.each([...EPOCH_ROWS, ...rows].map((row) => [row[0], row] as const))('%s', (_, row) =>
    expectRefused(row),
  );
});
