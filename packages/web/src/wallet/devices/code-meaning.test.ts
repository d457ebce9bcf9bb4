import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import type { DeviceCode } from '@iotw/protocol/device-code';
import type { DeviceInfo } from '@iotw/sdk/client/devices';
import { acceptHandover, deviceClaim } from '@iotw/sdk/transaction/device-operations';
import { describe, expect, it } from 'vitest';
import { meaningOf } from './code-meaning.ts';

const NETWORK = new Uint8Array(32).fill(7);
const key = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(n));
const [ME, SECOND, OTHER, DEVICE] = [key(1), key(2), key(3), key(4)];
const ACCOUNTS = [ME, SECOND].map(({ publicKey }, account) => ({
  name: `a${account}`,
  account,
  key: publicKey,
}));

type Keys = ReturnType<typeof key>;

function device(owner: Keys | undefined, changes: number, status = 'active'): DeviceInfo {
  const address = owner === undefined ? null : encodeAddress('tiotw', 0, owner.publicKey);
  return { device: 17, owner: address, ownershipChanges: changes, status } as DeviceInfo;
}

const label: DeviceCode = { kind: 'device', device: DEVICE.publicKey };

function claim(owner: Keys, changes = 0, by = DEVICE): DeviceCode {
  const { deviceSignature: signature } = deviceClaim(NETWORK, owner.publicKey, changes, by);
  return { kind: 'claim', device: DEVICE.publicKey, owner: owner.publicKey, changes, signature };
}

function accept(to: Keys, from: Keys, changes = 1): DeviceCode {
  const signature = acceptHandover(NETWORK, DEVICE.publicKey, from.publicKey, changes, to);
  return { kind: 'accept', device: DEVICE.publicKey, owner: to.publicKey, changes, signature };
}

const mean = (code: DeviceCode, info: DeviceInfo) =>
  meaningOf(NETWORK, { addressPrefix: 'tiotw' }, code, info, ACCOUNTS);

describe('a code beside its device', () => {
  it.each([
    ['a label of nobody’s device', label, device(undefined, 0), { kind: 'free' }],
    ['a label of one’s own', label, device(SECOND, 1), { kind: 'own', account: ACCOUNTS[1] }],
    ['a label of somebody’s', label, device(OTHER, 1), { kind: 'owned', from: OTHER.publicKey }],
    [
      'a claim for the second account',
      claim(SECOND),
      device(undefined, 0),
      { kind: 'claim', account: ACCOUNTS[1] },
    ],
    ['a claim after a release', claim(ME, 2), device(undefined, 2), { kind: 'claim', account: ACCOUNTS[0] }],
    [
      'an acceptance of one’s device',
      accept(OTHER, ME),
      device(ME, 1),
      { kind: 'handover', account: ACCOUNTS[0] },
    ],
    [
      'one between own accounts',
      accept(SECOND, ME),
      device(ME, 1),
      { kind: 'handover', account: ACCOUNTS[0] },
    ],
  ])('%s', (_, code, info, value) => {
    expect(mean(code, info)).toMatchObject({ ok: true, value });
  });

  it.each([
    ['a revoked device', label, device(undefined, 0, 'revoked'), 'device-revoked'],
    ['a claim for somebody else', claim(OTHER), device(undefined, 0), 'claim-other-account'],
    ['a claim of what somebody owns', claim(ME), device(OTHER, 1), 'claim-owned'],
    ['a claim of what is one’s own', claim(ME), device(ME, 1), 'claim-yours'],
    ['a claim that was used', claim(ME), device(undefined, 2), 'code-used'],
    ['a claim that another key signed', claim(ME, 0, OTHER), device(undefined, 0), 'code-signature'],
    ['an acceptance that one made', accept(ME, OTHER), device(OTHER, 1), 'accept-own'],
    ['one for another owner', accept(OTHER, key(9)), device(key(9), 1), 'accept-not-owner'],
    ['one of a device of nobody', accept(OTHER, ME), device(undefined, 2), 'accept-not-owner'],
    ['one that was used', accept(OTHER, ME, 0), device(ME, 2), 'code-used'],
    ['one made for another owner before', accept(OTHER, SECOND), device(ME, 1), 'code-signature'],
    ['one’s own to oneself', accept(ME, ME), device(ME, 1), 'claim-yours'],
  ])('%s is refused', (_, code, info, refused) => {
    expect(mean(code, info)).toMatchObject({ ok: false, error: { code: refused } });
  });
});
