import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { assignedDigestOf } from '@iotw/protocol/assigned';
import { ASSIGNMENT_FIXED_BYTES, decodeAssignment, encodeAssignment } from '@iotw/protocol/assignment';
import { type Attestation, attestationDigest, bootHead } from '@iotw/protocol/attestation';
import { decodeDeviceResult, decodeDeviceStatus, REFUSAL, type Refusal } from '@iotw/protocol/device-wire';
import { loginDigest, presenceDigest } from '@iotw/protocol/digests';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceNode } from './device-node.js';

const network = new Uint8Array(32).fill(7);
const keys = keyPairFromSeed(new Uint8Array(32).fill(1));
const lanes = [11, 12].map((n) => keyPairFromSeed(new Uint8Array(32).fill(n)));
const DEVICE = 41;

function device(boot = 1): DeviceNode {
  return new DeviceNode({ network, keys, boot, laneKey: (lane) => lanes[lane]?.publicKey });
}

interface Changes {
  readonly header?: Partial<BlockHeader>;
  readonly attempt?: number;
  readonly rank?: number;
  readonly count?: number;
  readonly signer?: number;
}

function idsOf(count: number): Uint8Array {
  return Uint8Array.from({ length: 32 * count }, (_, i) => (i * 7 + count) & 0xff);
}

function assignment(changes: Changes = {}): Uint8Array {
  const count = changes.count ?? 3;
  const ids = idsOf(count);
  const header: BlockHeader = {
    lane: 0,
    incarnation: 0,
    height: 1,
    previous: new Uint8Array(32),
    root: merkleRoot(ids, count, 1024),
    count,
    timeMs: 1,
    epoch: 0,
    refRound: 0,
    ...changes.header,
  };
  const signer = lanes[changes.signer ?? (header.lane < lanes.length ? header.lane : 0)]!;
  const signature = sign(blockHash(network, header), signer.secretKey);
  const { attempt = 0, rank = 0 } = changes;
  return encodeAssignment({ header, signature, attempt, rank, device: DEVICE, ids });
}

function attestationOf(result: Uint8Array): Attestation {
  const decoded = decodeDeviceResult(result);
  if (!decoded.ok || decoded.value.kind !== 'attestation') throw new Error('no attestation');
  return decoded.value.attestation;
}

/** Any two signed attestations of one number must be the same bytes: the device never convicts itself. */
function expectNoEquivocation(results: readonly Uint8Array[]): void {
  const byNumber = new Map<string, Uint8Array>();
  for (const result of results) {
    if (result[0] !== 0) continue;
    const { boot, counter } = attestationOf(result);
    const known = byNumber.get(`${boot}/${counter}`);
    if (known !== undefined) expect(equalBytes(known, result)).toBe(true);
    byNumber.set(`${boot}/${counter}`, result);
  }
}

describe('an assignment', () => {
  it('a forged statement of an assigner gets a refusal, no answer', () => {
    const assigner = keyPairFromSeed(new Uint8Array(32).fill(21));
    const key = assigner.publicKey;
    const node = new DeviceNode({
      network,
      keys,
      boot: 1,
      laneKey: (lane) => lanes[lane]?.publicKey,
      assignerKey: (role, index) => (role === 1 && index === 0 ? key : undefined),
    });
    const plain = decodeAssignment(assignment());
    if (!plain.ok) throw new Error(plain.error.message);
    const { header, attempt } = plain.value;
    const digest = (of: number) =>
      assignedDigestOf(
        network,
        header,
        blockHash(network, header),
        { role: 1, attempt: of },
        { index: 0, key },
      );
    const assign = (role: number, index: number, of = attempt) =>
      node.answer(
        encodeAssignment({
          ...plain.value,
          assigned: { role, index, signature: sign(digest(of), assigner.secretKey) },
        }),
      );
    expect([...assign(1, 1)]).toEqual([1, REFUSAL['assigner-unknown']]);
    expect([...assign(2, 0)]).toEqual([1, REFUSAL['assigner-unknown']]);
    expect([...assign(1, 0, 1)]).toEqual([1, REFUSAL['assigner-signature']]);
    expect([
      ...device().answer(
        encodeAssignment({ ...plain.value, assigned: { role: 1, index: 0, signature: new Uint8Array(64) } }),
      ),
    ]).toEqual([1, REFUSAL['assigner-unknown']]);
    const answer = attestationOf(assign(1, 0));
    // The lane's own assignment of the same slot is the same question.
    expect(attestationOf(node.answer(assignment()))).toEqual(answer);
  });

  it('is answered by an attestation that cites the header and was computed from the ids', () => {
    const node = device();
    const bytes = assignment({ attempt: 2, rank: 33, header: { lane: 1, incarnation: 4, height: 9 } });
    const answer = attestationOf(node.answer(bytes));
    expect(answer).toMatchObject({
      lane: 1,
      incarnation: 4,
      height: 9,
      attempt: 2,
      rank: 33,
      device: DEVICE,
      boot: 1,
      counter: 1,
      head: bootHead(network, keys.publicKey, 1),
    });
    const hash = blockHash(network, {
      lane: 1,
      incarnation: 4,
      height: 9,
      previous: new Uint8Array(32),
      root: merkleRoot(idsOf(3), 3, 1024),
      count: 3,
      timeMs: 1,
      epoch: 0,
      refRound: 0,
    });
    expect(answer.cited).toEqual(hash);
    expect(answer.hash).toEqual(hash);
    expect(verify(answer.signature, attestationDigest(network, answer), keys.publicKey)).toBe(true);
  });

  it('that is repeated gets identical bytes and no new number', () => {
    const node = device();
    const first = node.answer(assignment());
    const other = node.answer(assignment({ header: { height: 2 } }));
    expect(node.answer(assignment())).toEqual(first);
    expect(node.answer(assignment({ header: { height: 2 } }))).toEqual(other);
    expect(node.counter).toBe(2);
  });

  it('of another attempt, rank, height or incarnation gets a number of its own', () => {
    const node = device();
    const changed: Changes[] = [
      {},
      { attempt: 1 },
      { rank: 1 },
      { header: { height: 2 } },
      { header: { incarnation: 1 } },
      { header: { lane: 1 } },
    ];
    const numbers = changed.map((c) => attestationOf(node.answer(assignment(c))).counter);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('that was forgotten gets a new number: gaps and repetitions are legal, equivocation is not', () => {
    const node = device();
    const results = [node.answer(assignment())];
    for (let height = 2; height <= 80; height++)
      results.push(node.answer(assignment({ header: { height } })));
    results.push(node.answer(assignment()));
    expect(attestationOf(results.at(-1)!).counter).toBe(81);
    expectNoEquivocation(results);
  });

  it('holds up to 1,024 transactions', () => {
    expect(attestationOf(device().answer(assignment({ count: 1 }))).counter).toBe(1);
    expect(attestationOf(device().answer(assignment({ count: 1024 }))).counter).toBe(1);
  });
});

describe('the chain of heads', () => {
  it('goes on with each attestation and starts anew with each boot', () => {
    const first = device(1);
    let head = bootHead(network, keys.publicKey, 1);
    expect(first.head).toEqual(head);
    for (let height = 1; height <= 5; height++) {
      const answer = attestationOf(first.answer(assignment({ header: { height } })));
      expect(answer).toMatchObject({ boot: 1, counter: height, head });
      head = attestationDigest(network, answer);
      expect(first.head).toEqual(head);
    }
    const second = device(2);
    expect(second.head).toEqual(bootHead(network, keys.publicKey, 2));
    expect(second.head).not.toEqual(bootHead(network, keys.publicKey, 1));
    const again = attestationOf(second.answer(assignment()));
    expect(again).toMatchObject({ boot: 2, counter: 1, head: bootHead(network, keys.publicKey, 2) });
  });

  it('a power cut between two boots gives other numbers for the same assignment, never the same twice', () => {
    const results = [1, 2, 3].map((boot) => device(boot).answer(assignment()));
    expectNoEquivocation(results);
    expect(new Set(results.map(toHex)).size).toBe(3);
  });

  it('does not move on a refusal or a repetition', () => {
    const node = device();
    node.answer(assignment());
    const { head, counter } = node;
    node.answer(assignment());
    node.answer(new Uint8Array(3));
    node.answer(assignment({ signer: 1 }));
    expect(node.head).toEqual(head);
    expect(node.counter).toBe(counter);
  });
});

/** A signed header of 1,025 transactions with as many ids. */
function oversized(): Uint8Array {
  const small = assignment({ count: 1024 });
  const bytes = new Uint8Array(small.length + 32);
  bytes.set(small);
  bytes.set([1, 4], 78);
  return bytes;
}

describe('refusals', () => {
  const good = assignment();
  const patched = (at: number, value: number) => {
    const out = good.slice();
    out[at] = value;
    return out;
  };
  it.each<[Refusal, string, Uint8Array]>([
    ['malformed', 'no bytes', new Uint8Array(0)],
    ['malformed', 'cut in the fixed part', good.slice(0, ASSIGNMENT_FIXED_BYTES - 1)],
    ['malformed', 'an id missing', good.slice(0, -32)],
    ['malformed', 'a byte too many', Uint8Array.of(...good, 0)],
    ['malformed', 'a wrong offset', patched(171, 174)],
    ['malformed', 'count 0', patched(78, 0)],
    ['malformed', 'more ids than a block may have', oversized()],
    ['malformed', 'a height above 2^53-1', patched(13, 1)],
    ['lane-unknown', 'a lane nobody has', assignment({ header: { lane: 7 } })],
    ['header-signature', "another trust node's signature", assignment({ signer: 1 })],
    ['header-signature', 'a bit of the signature flipped', patched(100, good[100]! ^ 1)],
    ['header-signature', 'a header changed under its signature', patched(80, 9)],
    ['root-mismatch', 'a signed root that is not that of the ids', assignment({ header: { root: network } })],
    ['root-mismatch', 'an id changed', patched(ASSIGNMENT_FIXED_BYTES + 40, 99)],
    [
      'root-mismatch',
      'fewer ids under a root of more',
      assignment({ count: 2, header: { root: merkleRoot(idsOf(3), 3, 1024) } }),
    ],
  ])('%s: %s', (code, _what, bytes) => {
    const node = device();
    expect([...node.answer(bytes)]).toEqual([1, REFUSAL[code]]);
    expect(node.counter).toBe(0);
    // The device goes on as if nothing had been.
    expect(attestationOf(node.answer(good)).counter).toBe(1);
  });

  it('a signature for another network is refused', () => {
    const foreign = new DeviceNode({
      network: new Uint8Array(32).fill(8),
      keys,
      boot: 1,
      laneKey: (lane) => lanes[lane]?.publicKey,
    });
    expect([...foreign.answer(good)]).toEqual([1, REFUSAL['header-signature']]);
  });
});

it('a trust node that frames a device convicts itself: two headers at one height, both answered, numbers and cited differ', () => {
  const node = device();
  const one = node.answer(assignment({ header: { timeMs: 1 } }));
  const two = node.answer(assignment({ header: { timeMs: 2 } }));
  const [a, b] = [attestationOf(one), attestationOf(two)];
  expect(a.height).toBe(b.height);
  expect(a.counter).not.toBe(b.counter);
  expect(a.cited).not.toEqual(b.cited);
  // Neither is a lie: each hash is the hash of the header it cites.
  expect(a.hash).toEqual(a.cited);
  expect(b.hash).toEqual(b.cited);
  expectNoEquivocation([one, two]);
});

it('whatever a trust node sends, in any order and often: a well-formed answer, no throw, no equivocation, no lie', () => {
  const step = fc.oneof(
    fc
      .record({
        header: fc.record({ height: fc.integer({ min: 1, max: 3 }), timeMs: fc.nat(1), lane: fc.nat(2) }),
        attempt: fc.nat(1),
        rank: fc.nat(1),
        count: fc.integer({ min: 1, max: 4 }),
        signer: fc.nat(1),
      })
      .map(assignment),
    fc.uint8Array({ maxLength: 400 }),
    fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => {
      const bytes = assignment();
      bytes[at % bytes.length] = value;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const node = device();
      const results = steps.map((bytes) => node.answer(bytes));
      for (const result of results) {
        const decoded = decodeDeviceResult(result);
        expect(decoded.ok).toBe(true);
        if (decoded.ok && decoded.value.kind === 'attestation') {
          const { attestation } = decoded.value;
          expect(attestation.hash).toEqual(attestation.cited);
          expect(verify(attestation.signature, attestationDigest(network, attestation), keys.publicKey)).toBe(
            true,
          );
        }
      }
      expectNoEquivocation(results);
    }),
    { numRuns: 150 },
  );
});

describe('presence and login', () => {
  it('a ticket is signed for network, number, epoch and host', () => {
    const status = decodeDeviceStatus(device().presence(DEVICE, 5, 2));
    if (!status.ok || status.value.kind !== 'presence') throw new Error('no ticket');
    const { ticket } = status.value;
    expect(ticket).toMatchObject({ device: DEVICE, epoch: 5, host: 2 });
    expect(verify(ticket.signature, presenceDigest(network, DEVICE, 5, 2), keys.publicKey)).toBe(true);
    for (const other of [
      presenceDigest(new Uint8Array(32), DEVICE, 5, 2),
      presenceDigest(network, 40, 5, 2),
      presenceDigest(network, DEVICE, 6, 2),
      presenceDigest(network, DEVICE, 5, 3),
    ]) {
      expect(verify(ticket.signature, other, keys.publicKey)).toBe(false);
    }
  });

  it('a login token is 70 bytes signed for network, trust node and epoch', () => {
    const token = device().loginToken(0x0201, 0x06050403);
    expect(token.length).toBe(70);
    expect([...token.slice(0, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
    const signature = token.slice(6);
    expect(verify(signature, loginDigest(network, keys.publicKey, 0x0201, 0x06050403), keys.publicKey)).toBe(
      true,
    );
    expect(verify(signature, loginDigest(network, keys.publicKey, 0x0202, 0x06050403), keys.publicKey)).toBe(
      false,
    );
  });

  it('neither takes a number of an attestation', () => {
    const node = device();
    node.presence(DEVICE, 1, 0);
    node.loginToken(0, 1);
    expect(node.counter).toBe(0);
  });
});
