import { TestNetwork, testSnapshot } from '@iotw/assignment/test-network';
import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { ASSIGNMENT_FIXED_BYTES } from '@iotw/protocol/assignment';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import { blockHash } from '@iotw/protocol/header';
import { signTransaction } from '@iotw/protocol/transaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './message-codec.js';
import type { MessageKind, PeerMessage } from './messages.js';
import { idsOfBody } from './trust-node/transaction-ids.js';

const test = new TestNetwork({ devices: 12 });
const { network } = test;
const fill = (n: number, length = 32) => new Uint8Array(length).fill(n);
const node = (n: number, standing: boolean) => ({
  key: fill(n),
  linkKey: fill(n + 1),
  region: n,
  standing,
  address: n === 3 ? 'mqtt://a:1' : '',
});

const keys = keyPairFromSeed(fill(3));
const envelopes = [1, 2, 3].map(
  (sequence) =>
    signTransaction(
      network,
      {
        sender: keys.publicKey,
        sequence,
        expiryMs: 50,
        operations: [{ type: 'transfer', to: sequence, amount: 7 }],
        memo: new Uint8Array(0),
      },
      keys,
    ).envelope,
);
const body = encodeBody(envelopes);
const ids = idsOfBody(network, body);
const header = { ...test.header, count: 3 };
const hash = blockHash(network, header);
const { snapshot } = test.context;
const lane = { lane: 1, incarnation: 2, height: 3, hash: fill(4), suspended: true, softDebts: [0, 9_000] };
const roundHeader = {
  number: 9,
  version: 1,
  timeMs: 1_700_000_000_000,
  epoch: 3,
  previous: fill(1),
  seed: fill(2),
  seedSource: 1,
  seedKey: fill(8, 48),
  poolRoot: fill(3),
  blocksRoot: fill(4),
  resultsRoot: fill(5),
  stateHash: fill(6),
};
const notice = {
  header: roundHeader,
  signatures: [{ server: 2, signature: fill(7, 64) }],
  blocks: [
    {
      lane: 0,
      incarnation: 2,
      height: 7,
      codes: Uint16Array.of(0, 33, 4),
      answers: fill(3, 2 * ATTESTATION_BYTES),
    },
  ],
  lanes: [lane],
  removed: [4, 7],
  reinstated: [5],
};

/** One message of each kind, and the forms that differ within one. */
const MESSAGES: readonly PeerMessage[] = [
  { kind: 'submit', envelopes: body },
  { kind: 'propose', block: { header, signature: sign(hash, keys.secretKey), hash, body, ids } },
  { kind: 'vote', vote: test.vote(2) },
  {
    kind: 'assign',
    slot: { lane: 0, incarnation: 2, height: 7, attempt: 1, rank: 6, device: 9 },
    key: fill(8),
    assignment: fill(9, ASSIGNMENT_FIXED_BYTES + 96),
  },
  { kind: 'answer', attestation: test.attest(0, 1) },
  { kind: 'miss', miss: test.miss(0, 2) },
  {
    kind: 'relay',
    slot: { lane: 0, incarnation: 2, height: 7, attempt: 1, rank: 6, device: 9 },
    host: 3,
    key: fill(8),
    assignment: fill(9, ASSIGNMENT_FIXED_BYTES + 96),
  },
  { kind: 'silence', silence: test.silence(0, 2, 1) },
  { kind: 'certified', block: test.block({}, { body: body.bytes }) },
  { kind: 'reset', reset: { lane: 1, incarnation: 4, reason: 0, signature: fill(5, 64) } },
  {
    kind: 'epoch-vote',
    vote: { epoch: 4, poolRoot: fill(1), seed: fill(2), witness: 3, signature: fill(6, 64) },
  },
  { kind: 'seed-proof', epoch: 5, proof: fill(7, 80) },
  { kind: 'beacon', message: { ceremony: 3, server: 2, kind: 1, body: fill(8, 96), signature: fill(9, 64) } },
  { kind: 'seed-share', share: { epoch: 5, generation: 3, server: 2, signature: fill(7, 96) } },
  { kind: 'notice', notice },
  { kind: 'notice', notice: { ...notice, snapshot } },
  {
    kind: 'notice',
    notice: {
      ...notice,
      nodes: { trust: [node(3, true)], ledger: [node(4, true), node(5, false)] },
      moves: fill(7, 20),
      registered: fill(6, 72),
      revoked: [9],
    },
  },
  { kind: 'view-request', after: 2 ** 53 - 1 },
  {
    kind: 'view',
    view: {
      version: 1,
      round: 9,
      timeMs: 77,
      epoch: 3,
      lanes: [lane],
      removed: [
        [3, 5, 0],
        [4, 5, 8],
      ],
      snapshots: [{ ...testSnapshot([], 'empty'), epoch: 2 }, snapshot],
      trustSequences: [0, 41],
      nodes: { trust: [node(3, false)], ledger: [node(4, true)] },
      moves: fill(7, 10),
      devices: fill(6, 108),
    },
  },
];

const OPEN_ENDED: readonly MessageKind[] = [
  'submit',
  'propose',
  'assign',
  'relay',
  'certified',
  'notice',
  'view',
  'beacon',
];

function decoded(bytes: Uint8Array): PeerMessage {
  const result = decodeMessage(network, bytes);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('messages between nodes', () => {
  it('come back as they were, every kind of them', () => {
    for (const message of MESSAGES) expect(decoded(encodeMessage(message)), message.kind).toEqual(message);
    const kinds = new Set<MessageKind>(MESSAGES.map(({ kind }) => kind));
    expect(kinds.size).toBe(17);
  });

  it('leave behind what only this process has verified', () => {
    const block = test.block({}, { body: body.bytes });
    const message = decoded(
      encodeMessage({ kind: 'certified', block, verified: { ids, valid: fill(1, 3) } }),
    );
    expect(message).toEqual({ kind: 'certified', block });
  });

  it('derive hash and ids of a proposal from its bytes', () => {
    const lie = { header, signature: fill(0, 64), hash: fill(9), body, ids: fill(9, 96) };
    const message = decoded(encodeMessage({ kind: 'propose', block: lie }));
    expect(message).toEqual({ kind: 'propose', block: { ...lie, hash, ids } });
  });

  it('are refused when cut short or followed by more', () => {
    for (const message of MESSAGES) {
      const bytes = encodeMessage(message);
      // Where the last part is a list, a shorter one can be a message too; but never the same one.
      const open = OPEN_ENDED.includes(message.kind);
      const step = Math.max(1, Math.floor(bytes.length / 97));
      for (let length = 0; length < bytes.length; length += step) {
        const result = decodeMessage(network, bytes.subarray(0, length));
        if (result.ok && open) expect(encodeMessage(result.value)).toEqual(bytes.subarray(0, length));
        else expect(result.ok, `${message.kind} of ${length} bytes`).toBe(false);
      }
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      if (!open) expect(decodeMessage(network, longer).ok, message.kind).toBe(false);
    }
  });

  it('have one encoding each: what can be read is what would be written', () => {
    const message = fc.constantFrom(...MESSAGES.map(encodeMessage));
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (bytes, at, value) => {
        const changed = bytes.slice();
        changed[at % bytes.length] = value;
        const result = decodeMessage(network, changed);
        if (result.ok) expect(encodeMessage(result.value)).toEqual(changed);
        else expect(result.error.code).toBe('malformed');
      }),
      { numRuns: 2000 },
    );
  });

  it('of any bytes are read or refused, never an error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.uint8Array({ maxLength: 400 }), (kind, rest) => {
        const result = decodeMessage(network, Uint8Array.of(kind, ...rest));
        if (!result.ok) expect(result.error.code).toBe('malformed');
      }),
      { numRuns: 3000 },
    );
  });
});
