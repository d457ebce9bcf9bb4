import { TestNetwork } from '@iotw/assignment/test-network';
import type { PeerMessage } from '@iotw/nodes/messages';
import { encodeBody } from '@iotw/protocol/body';
import { describe, expect, test } from 'vitest';
import { claimFits } from './message-claims.js';

const test12 = new TestNetwork({ devices: 12 });
const { header } = test12; // lane 0
const body = encodeBody([new Uint8Array(8)]);
const bytes = (length: number) => new Uint8Array(length);
const lane = { ...header, lane: 2 };
const block = { header: lane, signature: bytes(64), hash: bytes(32), body, ids: bytes(32) };
const slot = { lane: 2, incarnation: 0, height: 1, attempt: 0, rank: 0, device: 1 };
const vote = { ...test12.vote(1), lane: 2 };
const miss = { ...test12.miss(0, 0), lane: 2, host: 1 };
const attestation = { ...test12.attest(0, 0), lane: 2 };
const notice = {} as Extract<PeerMessage, { kind: 'notice' }>['notice'];
const view = {} as Extract<PeerMessage, { kind: 'view' }>['view'];

type Row = readonly [PeerMessage, good: [string, string][], bad: [string, string][]];

const ROWS: readonly Row[] = [
  [
    { kind: 'submit', envelopes: body },
    [
      ['ledger:0', 'trust:1'],
      ['api:0', 'trust:1'],
    ],
    [
      ['trust:0', 'trust:1'],
      ['ledger:0', 'ledger:1'],
    ],
  ],
  [
    { kind: 'propose', block },
    [['trust:2', 'trust:0']],
    [
      ['trust:1', 'trust:0'],
      ['ledger:2', 'trust:0'],
      ['trust:2', 'ledger:0'],
    ],
  ],
  [
    { kind: 'vote', vote },
    [['trust:1', 'trust:2']],
    [
      ['trust:0', 'trust:2'],
      ['trust:1', 'trust:0'],
    ],
  ],
  [
    { kind: 'assign', slot, key: bytes(32), assignment: bytes(1) },
    [
      ['trust:2', 'trust:0'],
      ['trust:1', 'trust:0'],
    ],
    [
      ['ledger:0', 'trust:0'],
      ['trust:2', 'ledger:0'],
    ],
  ],
  [
    { kind: 'answer', attestation },
    [
      ['trust:3', 'trust:2'],
      ['trust:3', 'trust:1'],
    ],
    [
      ['ledger:0', 'trust:2'],
      ['trust:3', 'ledger:0'],
    ],
  ],
  [
    { kind: 'miss', miss },
    [
      ['trust:1', 'trust:2'],
      ['trust:0', 'trust:2'],
    ],
    [
      ['api:0', 'trust:2'],
      ['trust:1', 'ledger:0'],
    ],
  ],
  [
    { kind: 'relay', slot, host: 3, key: bytes(32), assignment: bytes(1) },
    [['trust:2', 'trust:0']],
    [
      ['trust:1', 'trust:0'],
      ['trust:2', 'ledger:0'],
    ],
  ],
  [
    { kind: 'silence', silence: { ...test12.silence(0, 0, 0), lane: 2 } },
    [['trust:0', 'trust:2']],
    [
      ['trust:1', 'trust:2'],
      ['trust:0', 'trust:1'],
    ],
  ],
  [
    { kind: 'certified', block: { ...test12.block(), header: lane } },
    [['trust:2', 'ledger:0']],
    [
      ['trust:1', 'ledger:0'],
      ['trust:2', 'trust:0'],
    ],
  ],
  [
    { kind: 'reset', reset: { lane: 2, incarnation: 0, reason: 0, signature: bytes(64) } },
    [['trust:2', 'ledger:0']],
    [
      ['trust:0', 'ledger:0'],
      ['ledger:1', 'ledger:0'],
    ],
  ],
  [
    {
      kind: 'epoch-vote',
      vote: { epoch: 1, poolRoot: bytes(32), seed: bytes(32), witness: 2, signature: bytes(64) },
    },
    [['trust:2', 'ledger:0']],
    [
      ['trust:1', 'ledger:0'],
      ['trust:2', 'trust:0'],
    ],
  ],
  [{ kind: 'seed-proof', epoch: 1, proof: bytes(80) }, [['ledger:1', 'ledger:0']], [['trust:1', 'ledger:0']]],
  [
    { kind: 'beacon', message: { ceremony: 1, server: 1, kind: 0, body: bytes(32), signature: bytes(64) } },
    [['ledger:1', 'ledger:0']],
    [
      ['ledger:2', 'ledger:0'],
      ['ledger:1', 'trust:0'],
    ],
  ],
  [
    { kind: 'seed-share', share: { epoch: 1, generation: 1, server: 1, signature: bytes(96) } },
    [['ledger:1', 'ledger:0']],
    [
      ['ledger:2', 'ledger:0'],
      ['ledger:1', 'trust:0'],
    ],
  ],
  [
    { kind: 'notice', notice },
    [['ledger:0', 'trust:1']],
    [
      ['trust:0', 'trust:1'],
      ['ledger:0', 'ledger:1'],
    ],
  ],
  [
    { kind: 'view-request', after: 0 },
    [['trust:1', 'ledger:0']],
    [
      ['api:0', 'ledger:0'],
      ['trust:1', 'trust:0'],
    ],
  ],
  [{ kind: 'view', view }, [['ledger:0', 'trust:1']], [['trust:0', 'trust:1']]],
];

describe('what a peer may say', () => {
  test.each(ROWS)('$kind', (message, good, bad) => {
    for (const [from, to] of good) expect(claimFits(message, from, to), `${from} to ${to}`).toBe(true);
    for (const [from, to] of bad) expect(claimFits(message, from, to), `${from} to ${to}`).toBe(false);
  });

  test('every kind has a row', () => {
    expect(new Set(ROWS.map(([{ kind }]) => kind)).size).toBe(17);
  });
});
