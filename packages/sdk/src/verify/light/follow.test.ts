/** Which blocks of CometBFT a light verification follows, and which it refuses with what code. */
import { utf8 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { EVIDENCE_MS, TRUSTING_PERIOD_MS } from '@iotw/protocol/engine-chain';
import { type LightBlock, LightBlockType } from '@iotw/protocol/light-block';
import { decodeSsz } from '@iotw/protocol/ssz';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipped, swapped } from '../test-ledger.js';
import { engineHeaderHash, voteBytes } from './engine-hashes.js';
import { followLight, type LightTrust } from './follow.js';
import { BEGIN_S, server, TestChain } from './test-chain.js';

const four = [0, 1, 2, 3].map(server);
/** Height 10 replaces server 3 by 4; 20 and 30 replace two more; from 31 on nobody of the first four but server 0 is left. */
const chain = new TestChain('iotw-test', (height) => [
  server(0),
  server(height < 30 ? 1 : 6),
  server(height < 20 ? 2 : 5),
  server(height < 10 ? 3 : 4),
]);
const other = new TestChain('iotw-other', () => four);
const strangers = new TestChain('iotw-test', () => [10, 11, 12, 13].map(server));
const three = new TestChain('iotw-test', () => four.slice(0, 3));
/** Of the first three of the four, only server 0 is left. */
const crowd = new TestChain('iotw-test', () => [0, 20, 21, 22, 23].map(server));

const nowMs = 1_000 * (BEGIN_S + 60);
const genesis: LightTrust = {
  start: { chainId: 'iotw-test', timeMs: 1_000 * BEGIN_S, validators: chain.validators(1) },
  nowMs,
};
const from = (block: LightBlock, height = block.header.height): LightTrust => ({
  start: { height, hash: block.blockHash },
  nowMs,
});
const at = (...heights: number[]): LightBlock[] => heights.map((height) => chain.block(height));
const codeOf = (blocks: readonly LightBlock[], trust: LightTrust): string => {
  const last = followLight(blocks, trust);
  return last.ok ? `height ${last.value.header.height}` : last.error.code;
};
const eight = chain.block(8);
/** Height 8 with a vote of another key in place 1. */
const foreign = swapped(eight.votes, 1, {
  signature: sign(voteBytes(eight, eight.votes[1]!), server(99).secretKey),
});

describe('a light verification', () => {
  it.each<[string, LightBlock[], LightTrust, string]>([
    ['from the genesis to height 1', at(1), genesis, 'height 1'],
    ['from the genesis to a later height at once', at(8), genesis, 'height 8'],
    ['past one change of validators', at(15), genesis, 'height 15'],
    ['past several, with a block in between', at(15, 35), genesis, 'height 35'],
    ['height by height past changes', at(9, 10, 11, 19, 20, 21), genesis, 'height 21'],
    ['from a trusted header', at(12, 31), from(chain.block(12)), 'height 31'],
    ['to the trusted header itself', at(12), from(chain.block(12)), 'height 12'],
    [
      'to the trusted header itself, however old',
      at(12),
      { ...from(chain.block(12)), nowMs: 4e12 },
      'height 12',
    ],
    ['three of four signed', [chain.block(8, { voters: [0, 2, 3] })], genesis, 'height 8'],
    ['decided in a later round of voting', [chain.block(8, { round: 3 })], genesis, 'height 8'],
    [
      'the first block with the genesis’ time',
      [chain.block(1, { header: { seconds: BEGIN_S, nanos: 0 } })],
      genesis,
      'height 1',
    ],
    [
      'one ms before the period ends',
      at(8),
      { ...genesis, nowMs: 1_000 * BEGIN_S + TRUSTING_PERIOD_MS - 1 },
      'height 8',
    ],
  ])('follows %s', (_, blocks, trust, reached) => {
    expect(codeOf(blocks, trust)).toBe(reached);
  });

  it.each<[string, LightBlock[], LightTrust, string]>([
    ['half of the power', [chain.block(8, { voters: [0, 3] })], genesis, 'light-power'],
    ['two thirds of the power, not more', [three.block(8, { voters: [0, 2] })], genesis, 'light-power'],
    ['nobody’s votes', [{ ...eight, votes: [] }], genesis, 'light-power'],
    [
      'one signer twice',
      [{ ...eight, votes: [...eight.votes.slice(0, 2), eight.votes[1]!] }],
      genesis,
      'light-signer-twice',
    ],
    [
      'a signer who is no validator',
      [{ ...eight, votes: swapped(eight.votes, 1, { validator: 4 }) }],
      genesis,
      'light-signer-unknown',
    ],
    [
      'another’s vote in a validator’s place',
      [{ ...eight, votes: swapped(eight.votes, 1, { validator: 0 }) }],
      genesis,
      'light-signer-twice',
    ],
    ['a stranger’s signature', [{ ...eight, votes: foreign }], genesis, 'light-signature'],
    [
      'a vote with another time',
      [{ ...eight, votes: swapped(eight.votes, 1, { nanos: 9 }) }],
      genesis,
      'light-signature',
    ],
    ['votes of another round', [{ ...eight, round: 1 }], genesis, 'light-signature'],
    ['votes for other parts', [{ ...eight, partsTotal: 2 }], genesis, 'light-signature'],
    ['another network', [other.block(8)], genesis, 'light-chain'],
    [
      'the votes of another network',
      [
        {
          ...other.block(8),
          header: { ...other.block(8).header, chainId: utf8('iotw-test') },
          blockHash: engineHeaderHash({ ...other.block(8).header, chainId: utf8('iotw-test') }),
        },
      ],
      genesis,
      'light-signature',
    ],
    ['a start of another network', [other.block(3), eight], from(other.block(3)), 'light-chain'],
    [
      'the commit of another header',
      [{ ...eight, header: chain.block(7).header }],
      genesis,
      'light-other-header',
    ],
    [
      'a changed app hash',
      [{ ...eight, header: { ...eight.header, appHash: flipped(eight.header.appHash) } }],
      genesis,
      'light-other-header',
    ],
    [
      'a changed app hash with its block hash',
      [
        {
          ...eight,
          header: { ...eight.header, appHash: new Uint8Array(32) },
          blockHash: engineHeaderHash({ ...eight.header, appHash: new Uint8Array(32) }),
        },
      ],
      genesis,
      'light-signature',
    ],
    [
      'validators that are not the header’s',
      [{ ...eight, validators: strangers.validators(8) }],
      genesis,
      'light-validators',
    ],
    [
      'validators with other powers',
      [{ ...eight, validators: swapped(eight.validators, 0, { power: 9 }) }],
      genesis,
      'light-validators',
    ],
    [
      'validators in another order',
      [{ ...eight, validators: [...eight.validators].reverse() }],
      genesis,
      'light-validators',
    ],
    [
      'a validator listed twice',
      [new TestChain('iotw-test', () => [...four, server(0)]).block(8)],
      genesis,
      'light-validators',
    ],
    ['strangers alone', [strangers.block(8)], genesis, 'light-trusted-power'],
    ['too many changes at once', at(35), genesis, 'light-trusted-power'],
    [
      'a third of the trusted power, not more',
      [crowd.block(8)],
      {
        ...genesis,
        start: { chainId: 'iotw-test', timeMs: 1_000 * BEGIN_S, validators: three.validators(1) },
      },
      'light-trusted-power',
    ],
    [
      'other first validators than the genesis’',
      [new TestChain('iotw-test', () => [0, 1, 2, 9].map(server)).block(1)],
      genesis,
      'light-next-validators',
    ],
    [
      'other validators than the height before named',
      [chain.block(8), new TestChain('iotw-test', () => [0, 1, 2, 9].map(server)).block(9)],
      genesis,
      'light-next-validators',
    ],
    ['a height below the trusted one', [chain.block(12), eight], from(chain.block(12)), 'light-older'],
    ['a receipt older than the trusted block', [eight], from(chain.block(12)), 'light-older'],
    ['the same height twice', [eight, eight], genesis, 'light-order'],
    [
      'a time before the trusted one',
      [eight, chain.block(9, { header: { seconds: BEGIN_S } })],
      genesis,
      'light-order',
    ],
    ['a time to come', [chain.block(8, { header: { seconds: BEGIN_S + 71 } })], genesis, 'light-future'],
    [
      'an expired genesis',
      at(8),
      { ...genesis, nowMs: 1_000 * BEGIN_S + TRUSTING_PERIOD_MS },
      'light-expired',
    ],
    [
      'an expired header',
      at(12, 13),
      { ...from(chain.block(12)), nowMs: 1_000 * (BEGIN_S + 12) + 50, periodMs: 50 },
      'light-expired',
    ],
    ['a period of nothing', at(8), { ...genesis, periodMs: 0 }, 'light-period'],
    ['a period as long as evidence counts', at(8), { ...genesis, periodMs: EVIDENCE_MS }, 'light-period'],
    ['a period that is no number', at(8), { ...genesis, periodMs: Number.NaN }, 'light-period'],
    [
      'another block than the trusted one',
      at(12, 13),
      { ...from(chain.block(12)), start: { height: 12, hash: chain.block(13).blockHash } },
      'light-start',
    ],
    ['the trusted hash at another height', at(12, 13), from(chain.block(12), 11), 'light-start'],
    [
      'a trusted header with other validators',
      [{ ...chain.block(12), validators: strangers.validators(12) }, chain.block(13)],
      from(chain.block(12)),
      'light-validators',
    ],
    ['no block at all', [], genesis, 'light-start'],
  ])('refuses %s', (_, blocks, trust, code) => {
    expect(codeOf(blocks, trust)).toBe(code);
  });

  it('refuses a block with any bit changed, or a receipt’s other form of it can’t be read', () => {
    const bytes = LightBlockType.serialize(eight);
    // The version of the header's fields, the signatures, the validators: each bit is bound by a hash or a signature.
    fc.assert(
      fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
        const changed = bytes.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const block = decodeSsz(LightBlockType, changed, 'block');
        return !block.ok || !followLight([block.value], genesis).ok;
      }),
      { numRuns: 150 },
    );
  });
});
