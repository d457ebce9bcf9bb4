import { toHex } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { keys, TestNetwork } from '@iotw/ledger/test-network';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { encodeDeviceResult } from '@iotw/protocol/device-wire';
import { blockHash } from '@iotw/protocol/header';
import { expect, it, vi } from 'vitest';
import { trustPeer } from '../messages.js';
import { DeviceWatch } from './device-watch.js';
import { firstTrustNode } from './test-trust-node.js';

it('an answer is checked and watched once it was asked for: a device can neither keep the node busy nor fill its memory', () => {
  const t = new TestNetwork();
  const { node, checker } = firstTrustNode(t);
  const watched = vi.spyOn(DeviceWatch.prototype, 'onAnswer');
  const { device, key } = t.ledger.snapshotOf(0)!.devices.find(({ host }) => host === 0)!;
  const { secretKey } = keys(`device${device}`);
  const hex = toHex(key);
  const header = {
    ...{ lane: 1, incarnation: 0, height: 1, previous: new Uint8Array(32), root: new Uint8Array(32) },
    ...{ count: 1, timeMs: 0, epoch: 0, refRound: 0 },
  };
  const cited = blockHash(t.network, header);
  const answer = (counter: number): Attestation => {
    const place = { lane: 1, incarnation: 0, height: 1, attempt: 0, rank: 3, device };
    const content = { ...place, cited, hash: cited, boot: 1, counter, head: new Uint8Array(32) };
    return { ...content, signature: sign(attestationDigest(t.network, content), secretKey) };
  };
  const say = (attestation: Attestation) => {
    const bytes = encodeDeviceResult({ kind: 'attestation', attestation });
    node.step({ kind: 'device-result', device: hex, bytes }, 0, []);
    return [checker.stats.misses, watched.mock.calls.length];
  };
  node.step({ kind: 'device-up', device: hex }, 0, []);
  expect(say(answer(1))).toEqual([0, 0]);
  expect(say({ ...answer(2), signature: new Uint8Array(64) })).toEqual([0, 0]);

  const slot = { lane: 1, incarnation: 0, height: 1, attempt: 0, rank: 3, device };
  const signature = sign(cited, keys('trust1').secretKey);
  const ids = new Uint8Array(32);
  const assignment = encodeAssignment({ header, signature, attempt: 0, rank: 3, device, ids });
  const message = { kind: 'assign', slot, key, assignment } as const;
  node.step({ kind: 'peer', from: trustPeer(1), message }, 0, []);
  expect(say(answer(3))).toEqual([1, 1]);
  expect(say(answer(4))).toEqual([1, 1]);
});
