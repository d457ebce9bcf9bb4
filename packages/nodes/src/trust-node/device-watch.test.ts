import { TestNetwork } from '@iotw/assignment/test-network';
import { concatBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { type Attestation, attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { EVIDENCE_KIND } from '@iotw/protocol/operations';
import { describe, expect, it } from 'vitest';
import type { RoundNotice } from '../messages.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext } from './context.js';
import { DeviceWatch } from './device-watch.js';

const DEVICE = 4;
const test = new TestNetwork({ devices: 12, trustNodes: 4 });
const { network, deviceKeys } = test;
const { snapshot } = test.context;
const number = snapshot.devices[DEVICE]!.device;
const hash = (n: number) => new Uint8Array(32).fill(n);

function answer(change: Partial<Attestation>, signer = DEVICE): Attestation {
  const content = {
    lane: 0,
    incarnation: 0,
    height: 1,
    attempt: 0,
    rank: 2,
    cited: hash(1),
    hash: hash(1),
    device: number,
    boot: 3,
    counter: 9,
    head: hash(5),
    ...change,
  };
  const signature = sign(attestationDigest(network, content), deviceKeys[signer]!.secretKey);
  return { ...content, signature };
}

const first = answer({});
const second = answer({ lane: 1, cited: hash(2), hash: hash(2) });

function watch(index = number % 4): DeviceWatch {
  const view = {
    epoch: snapshot.epoch,
    trustKeys: test.context.trustNodeKeys,
    snapshot: (epoch: number) => (epoch === snapshot.epoch ? snapshot : undefined),
  };
  const limits = DEFAULT_TRUST_NODE_LIMITS;
  return new DeviceWatch({
    network,
    index,
    limits,
    view,
    checker: new SignatureChecker(64),
  } as unknown as TrustNodeContext);
}

function notice(answers: readonly Attestation[], removed: readonly number[] = []): RoundNotice {
  const block = { lane: 0, incarnation: 0, height: 1, codes: new Uint16Array(1) };
  const packed = concatBytes(...answers.map(encodeAttestation));
  return { blocks: [{ ...block, answers: packed }], removed } as unknown as RoundNotice;
}

const proof = {
  kind: EVIDENCE_KIND.deviceEquivocation,
  first: encodeAttestation(first),
  second: encodeAttestation(second),
};

describe('what a trust node makes of two answers of a device', () => {
  it.each<[string, boolean, Attestation, Attestation]>([
    ['one number, two blocks: evidence', true, first, second],
    ['one number, another head: evidence', true, first, answer({ head: hash(6) })],
    ['one number, a false hash: evidence', true, first, answer({ hash: hash(7) })],
    ['the same answer twice: nothing', false, first, answer({})],
    ['the next number: nothing', false, first, answer({ lane: 1, counter: 10 })],
    ['the same counter after another boot: nothing', false, first, answer({ lane: 1, boot: 4 })],
    ['another device: nothing', false, first, answer({ device: snapshot.devices[5]!.device }, 5)],
    ['the second not signed by the device: nothing', false, first, answer({ lane: 1 }, 5)],
    ['the first not signed by the device: nothing', false, answer({ lane: 1 }, 5), second],
  ])('%s', (_, proven, a, b) => {
    const said = watch();
    said.onAnswer(a, 0);
    said.onAnswer(b, 0);
    expect(said.due(0).length).toBe(proven ? 1 : 0);
    const rounds = watch();
    rounds.onNotice(notice([a]), 0);
    rounds.onNotice(notice([b]), 0);
    expect(rounds.due(0).length).toBe(proven ? 1 : 0);
  });

  it('one came to its own lane, the other stands in a round', () => {
    const node = watch();
    node.onAnswer(first, 0);
    node.onNotice(notice([second]), 0);
    expect(node.due(0)).toEqual([proof]);
  });

  it('a forged answer under the number does not hide the two that are real', () => {
    const node = watch();
    node.onNotice(notice([answer({ height: 8 }, 5)]), 0);
    node.onAnswer(first, 0);
    node.onAnswer(second, 0);
    expect(node.due(0)).toEqual([proof]);
  });

  it('an act is told once', () => {
    const node = watch();
    node.onAnswer(first, 0);
    node.onAnswer(second, 0);
    expect(node.due(0).length).toBe(1);
    node.onAnswer(second, 0);
    node.onAnswer(answer({ lane: 2 }), 0);
    expect(node.due(99_999)).toEqual([]);
  });

  it('trust nodes take turns; whose turn comes after the device is out sends nothing', () => {
    const turns = [0, 1, 2, 3].map((i) => {
      const node = watch((number + i) % 4);
      node.onAnswer(first, 0);
      node.onAnswer(second, 0);
      return node;
    });
    expect(turns.map((node) => node.nextDeadlineMs())).toEqual([0, 2_000, 4_000, 6_000]);
    expect(turns[1]!.due(1_999)).toEqual([]);
    expect(turns[1]!.due(2_000)).toEqual([proof]);
    turns[2]!.onNotice(notice([], [number]), 2_100);
    expect(turns[2]!.due(9_000)).toEqual([]);
    expect(turns[2]!.nextDeadlineMs()).toBeUndefined();
  });

  it('what is older than 65,536 other answers is forgotten, what is younger than 32,768 is not', () => {
    const node = watch();
    node.onNotice(notice([first]), 0);
    const others = (from: number, count: number) =>
      notice(Array.from({ length: count }, (_, i) => ({ ...first, counter: 10_000 + from + i })));
    node.onNotice(others(0, 65_536), 0);
    node.onNotice(notice([second]), 0);
    expect(node.due(0)).toEqual([]);
    node.onNotice(others(65_536, 32_767), 0);
    node.onNotice(notice([first]), 0);
    expect(node.due(0)).toHaveLength(1);
  });
});
