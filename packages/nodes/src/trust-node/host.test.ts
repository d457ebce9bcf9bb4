import { TestNetwork } from '@iotw/assignment/test-network';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { type Attestation, attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { MISS_KIND, missDigest } from '@iotw/protocol/certificate';
import { decodeDeviceResult } from '@iotw/protocol/device-wire';
import { SIGNED_HEADER_BYTES } from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { DeviceNode } from '../device/device-node.js';
import { type RoundNotice, trustPeer } from '../messages.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext, type TrustNodeEffect } from './context.js';
import { Host } from './host.js';

const network = new Uint8Array(32).fill(7);
const keys = keyPairFromSeed(new Uint8Array(32).fill(1));
const other = keyPairFromSeed(new Uint8Array(32).fill(2));
const lane = keyPairFromSeed(new Uint8Array(32).fill(3));
const hostKeys = keyPairFromSeed(new Uint8Array(32).fill(4));
const deviceHex = toHex(keys.publicKey);
const ids = new Uint8Array(32).fill(9);
const header = {
  lane: 0,
  incarnation: 0,
  height: 1,
  previous: new Uint8Array(32),
  root: merkleRoot(ids, 1, 1024),
  count: 1,
  timeMs: 1,
  epoch: 0,
  refRound: 0,
};
const slot = { lane: 0, incarnation: 0, height: 1, attempt: 0, rank: 2, device: 41 };
const signature = sign(blockHash(network, header), lane.secretKey);
const laneAssignment = { header, signature, attempt: 0, rank: 2, device: 41, ids };
const assignment = encodeAssignment(laneAssignment);

/** The same question about the block at another height. */
function assignmentAt(height: number): Uint8Array {
  const changed = { ...header, height };
  return encodeAssignment({
    ...laneAssignment,
    header: changed,
    signature: sign(blockHash(network, changed), lane.secretKey),
  });
}

function answerOf(height = 1): Attestation {
  const node = new DeviceNode({ network, keys, boot: 1, laneKey: () => lane.publicKey });
  const result = decodeDeviceResult(node.answer(assignmentAt(height)));
  if (!result.ok || result.value.kind !== 'attestation') throw new Error('no attestation');
  return result.value.attestation;
}

function signedBy(secretKey: Uint8Array, content: Attestation): Attestation {
  return { ...content, signature: sign(attestationDigest(network, content), secretKey) };
}

const laneNode = trustPeer(0);
const question = { kind: 'assign', slot, key: keys.publicKey, assignment } as const;
const questionAt = (height: number) =>
  ({ ...question, slot: { ...slot, height }, assignment: assignmentAt(height) }) as const;
/** The pool of epoch 0: devices 41 and 42 are this host's, 43 another's. */
const devices = [
  { device: 41, key: keys.publicKey, host: 1 },
  { device: 42, key: other.publicKey, host: 1 },
  { device: 43, key: other.publicKey, host: 2 },
];
const view = {
  parameters: DEVNET_PARAMETERS,
  trustKeys: [lane.publicKey],
  snapshot: (epoch: number) => (epoch === 0 ? { devices } : undefined),
};

function newHost(): Host {
  const context = {
    network,
    index: 1,
    keys: hostKeys,
    limits: DEFAULT_TRUST_NODE_LIMITS,
    view,
    checker: new SignatureChecker(64),
  } as unknown as TrustNodeContext;
  return new Host(context);
}

/** A host with the device at hand that was asked at time 0. */
function asked(): { readonly host: Host; readonly effects: TrustNodeEffect[] } {
  const host = newHost();
  const effects: TrustNodeEffect[] = [];
  host.device(deviceHex, true);
  host.onAssign(laneNode, question, 0, effects);
  expect(effects).toEqual([{ kind: 'deliver', device: deviceHex, assignment }]);
  effects.length = 0;
  return { host, effects };
}

const kinds = (effects: readonly TrustNodeEffect[]) =>
  effects.map((effect) => (effect.kind === 'send' ? effect.message.kind : effect.kind));

const missesOf = (effects: readonly TrustNodeEffect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === 'miss' ? [effect.message.miss] : [],
  );
const missKinds = (effects: readonly TrustNodeEffect[]) => missesOf(effects).map(({ kind }) => kind);

/** A host that has seen its device answer 32 times within 60 ms: its hedge interval. */
function practised() {
  const host = newHost();
  const effects: TrustNodeEffect[] = [];
  host.device(deviceHex, true);
  for (let height = 2; height < 34; height++) {
    host.onAssign(laneNode, questionAt(height), 100 * height, effects);
    host.onAttestation(deviceHex, answerOf(height), 100 * height + 60, effects);
  }
  effects.length = 0;
  return { host, effects, hedgeMs: 60 };
}

describe('a host', () => {
  it('passes an answer on once and signs no miss for it', () => {
    const { host, effects } = asked();
    host.onAttestation(deviceHex, answerOf(), 1, effects);
    host.onAttestation(deviceHex, answerOf(), 1, effects);
    host.tick(DEVNET_PARAMETERS.answerTimeoutMs, effects);
    expect(kinds(effects)).toEqual(['answer']);
  });

  it.each<[string, Attestation]>([
    ['signed by another key', signedBy(other.secretKey, answerOf())],
    ['with a broken signature', { ...answerOf(), signature: new Uint8Array(64) }],
    ['under another device number', signedBy(keys.secretKey, { ...answerOf(), device: 42 })],
    [
      'that cites a header it was not shown',
      signedBy(keys.secretKey, { ...answerOf(), cited: new Uint8Array(32), hash: new Uint8Array(32) }),
    ],
  ])('takes an answer %s for none, so that its rank can be passed over', (_what, bad) => {
    const { host, effects } = asked();
    host.onAttestation(deviceHex, bad, 1, effects);
    expect(effects).toEqual([]);
    host.tick(DEVNET_PARAMETERS.answerTimeoutMs, effects);
    expect(kinds(effects)).toEqual(['miss']);
    // The true answer may still come.
    host.onAttestation(deviceHex, answerOf(), 1, effects);
    expect(kinds(effects)).toEqual(['miss', 'answer']);
  });

  it('passes a lie on: it convicts the device', () => {
    const { host, effects } = asked();
    host.onAttestation(
      deviceHex,
      signedBy(keys.secretKey, { ...answerOf(), hash: new Uint8Array(32) }),
      1,
      effects,
    );
    expect(kinds(effects)).toEqual(['answer']);
  });

  const misnumbered = encodeAssignment({ header, signature, attempt: 0, rank: 2, device: 42, ids });
  const unsigned = encodeAssignment({ ...laneAssignment, signature: new Uint8Array(64) });
  const rootless = encodeAssignment({ ...laneAssignment, ids: new Uint8Array(32) });
  it.each<[string, Partial<typeof question>]>([
    ['of a header the lane did not sign', { assignment: unsigned }],
    ['with other transactions than the signed ones', { assignment: rootless }],
    ['for another rank than the assignment says', { slot: { ...slot, rank: 3 } }],
    ['for another device than the assignment says', { assignment: misnumbered }],
    ['cut short', { assignment: assignment.subarray(0, 170) }],
    ['for a device under another key', { key: other.publicKey }],
    ['for a device that another hosts', { slot: { ...slot, device: 43 }, key: other.publicKey }],
  ])('signs no miss for a question %s', (_what, wrong) => {
    const host = newHost();
    const effects: TrustNodeEffect[] = [];
    host.onAssign(laneNode, { ...question, ...wrong }, 0, effects);
    host.device(deviceHex, true);
    host.onAssign(laneNode, { ...question, ...wrong, slot: { ...slot, height: 2 } }, 0, effects);
    host.tick(DEVNET_PARAMETERS.answerTimeoutMs - 1, effects);
    host.tick(DEVNET_PARAMETERS.answerTimeoutMs, effects);
    expect(kinds(effects).filter((kind) => kind !== 'deliver')).toEqual([]);
  });

  it('waits no longer than a hedge for a device that was silent, until it has answered four times', () => {
    const { host, effects } = asked();
    const { answerTimeoutMs } = DEVNET_PARAMETERS;
    host.tick(answerTimeoutMs, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.hard]);
    host.onAssign(laneNode, questionAt(2), 2_000, effects);
    const brief = 2_000 + 2 * DEFAULT_TRUST_NODE_LIMITS.minHedgeMs;
    expect(host.nextDeadlineMs()).toBe(brief);
    host.tick(brief - 1, effects);
    expect(kinds(effects)).toEqual(['miss', 'deliver']);
    host.tick(brief, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.hard, MISS_KIND.hard]);
    // Answers, however late, give it its full time back.
    host.onAttestation(deviceHex, answerOf(), brief + 500, effects);
    for (const height of [3, 4, 5]) {
      host.onAssign(laneNode, questionAt(height), 1_000 * height, effects);
      expect(host.nextDeadlineMs()).toBe(1_000 * height + 2 * DEFAULT_TRUST_NODE_LIMITS.minHedgeMs);
      host.onAttestation(deviceHex, answerOf(height), 1_000 * height + 1, effects);
    }
    host.onAssign(laneNode, questionAt(6), 6_000, effects);
    expect(host.nextDeadlineMs()).toBe(6_000 + answerTimeoutMs / 4);
    effects.length = 0;
    host.tick(6_000 + answerTimeoutMs / 4, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft]);
    expect(host.nextDeadlineMs()).toBe(6_000 + answerTimeoutMs);
  });

  it('says so after a quarter of the answer timeout while it does not know how fast its devices are', () => {
    const { host, effects } = asked();
    const startMs = DEVNET_PARAMETERS.answerTimeoutMs / 4;
    expect(host.nextDeadlineMs()).toBe(startMs);
    host.tick(startMs - 1, effects);
    expect(effects).toEqual([]);
    host.tick(startMs, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft]);
  });

  it('says softly at the hedge interval that there is no answer yet, and waits on', () => {
    const { host, effects, hedgeMs } = practised();
    host.onAssign(laneNode, questionAt(100), 5_000, effects);
    expect(host.nextDeadlineMs()).toBe(5_000 + hedgeMs);
    host.tick(5_000 + hedgeMs - 1, effects);
    expect(kinds(effects)).toEqual(['deliver']);
    host.tick(5_000 + hedgeMs, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft]);
    const { checker } = new TestNetwork().context;
    const [said] = missesOf(effects);
    expect(said).toMatchObject({ ...slot, height: 100, host: 1 });
    expect(checker.verify(said!.signature, missDigest(network, said!), hostKeys.publicKey)).toBe(true);
    // Whoever asks again hears the same; the device is not given up.
    host.onAssign(laneNode, questionAt(100), 5_100, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft, MISS_KIND.soft]);
    expect(host.nextDeadlineMs()).toBe(5_000 + DEVNET_PARAMETERS.answerTimeoutMs);
    host.onAttestation(deviceHex, answerOf(100), 5_200, effects);
    expect(kinds(effects).at(-1)).toBe('answer');
    host.tick(9_000, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft, MISS_KIND.soft]);
    // In time, if late: nothing is held against it.
    host.onAssign(laneNode, questionAt(101), 9_000, effects);
    host.tick(9_000 + hedgeMs, effects);
    expect(missKinds(effects).at(-1)).toBe(MISS_KIND.soft);
  });

  it('signs the hard miss at the answer timeout alone, and the next one at once', () => {
    const { host, effects, hedgeMs } = practised();
    const { answerTimeoutMs } = DEVNET_PARAMETERS;
    host.onAssign(laneNode, questionAt(100), 5_000, effects);
    host.tick(5_000 + answerTimeoutMs - 1, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft]);
    host.tick(5_000 + answerTimeoutMs, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft, MISS_KIND.hard]);
    host.onAssign(laneNode, questionAt(101), 7_000, effects);
    host.tick(7_000 + hedgeMs, effects);
    expect(missKinds(effects)).toEqual([MISS_KIND.soft, MISS_KIND.hard, MISS_KIND.hard]);
  });

  it('signs a miss at once for a device that is not there', () => {
    const host = newHost();
    const effects: TrustNodeEffect[] = [];
    host.onAssign(laneNode, question, 0, effects);
    expect(kinds(effects)).toEqual(['miss']);
  });

  it('tells everybody who asked, and passes on only what the lane signed', () => {
    const { host, effects } = asked();
    host.onAssign(trustPeer(2), question, 10, effects);
    host.onAssign(trustPeer(3), { ...question, assignment: unsigned }, 10, effects);
    effects.length = 0;
    host.onAttestation(deviceHex, answerOf(), 1, effects);
    const to = effects.map((effect) => (effect.kind === 'send' ? effect.to : effect.kind));
    expect(to).toEqual([laneNode, trustPeer(2)]);
  });

  it('signs a miss anew under its new key', () => {
    const host = newHost();
    const effects: TrustNodeEffect[] = [];
    host.onAssign(laneNode, question, 0, effects);
    host.rekey();
    host.onAssign(laneNode, question, 10, effects);
    expect(kinds(effects)).toEqual(['miss', 'miss']);
  });

  it('does not take an answer from another device', () => {
    const { host, effects } = asked();
    host.onAttestation(toHex(other.publicKey), answerOf(), 1, effects);
    expect(effects).toEqual([]);
  });
});

describe('the host of a device that a round removed', () => {
  const answer = answerOf();
  const judged = (a: Attestation, removed: number[], reinstated: number[] = []): RoundNotice =>
    ({
      blocks: [
        { lane: 0, incarnation: 0, height: 1, codes: new Uint16Array(1), answers: encodeAttestation(a) },
      ],
      removed,
      reinstated,
    }) as unknown as RoundNotice;
  const appeal = { attestation: encodeAttestation(answer), header: assignment.slice(0, SIGNED_HEADER_BYTES) };

  it.each<[string, RoundNotice, (typeof appeal)[]]>([
    ['appeals with the header it was shown', judged(answer, [41]), [appeal]],
    ['does not for one that is not out', judged(answer, [42]), []],
    ['does not for one that was taken back at once', judged(answer, [41], [41]), []],
    [
      'does not for an answer it did not pass on',
      judged(signedBy(keys.secretKey, { ...answer, counter: 9 }), [41]),
      [],
    ],
    [
      'does not where no certificate of the round holds the answer',
      { ...judged(answer, [41]), blocks: [] },
      [],
    ],
  ])('%s', (_, notice, expected) => {
    const { host, effects } = asked();
    host.onAttestation(deviceHex, answer, 1, effects);
    expect(host.appeals(notice)).toEqual(expected);
    // Once for each answer.
    expect(host.appeals(notice)).toEqual([]);
  });

  it('does not for a lie', () => {
    const { host, effects } = asked();
    const lie = signedBy(keys.secretKey, { ...answer, hash: new Uint8Array(32) });
    host.onAttestation(deviceHex, lie, 1, effects);
    expect(kinds(effects)).toEqual(['answer']);
    expect(host.appeals(judged(lie, [41]))).toEqual([]);
  });
});
