// Vectors of clause 11.6: the codes of devices that labels, messages and QR codes hold.
import { sign } from '@iotw/kernel/ed25519';
import { decodeDeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { claimDigest, handoverDigest } from '@iotw/protocol/digests';
import { codeOf, keyOf, NETWORK, OTHER_NETWORK } from './kit.mjs';

export function deviceCodes() {
  const device = keyOf('device');
  const owner = keyOf('owner');
  const receiver = keyOf('receiver');
  const claim = {
    kind: 'claim',
    device: device.publicKey,
    owner: owner.publicKey,
    changes: 0,
    signature: sign(claimDigest(NETWORK, device.publicKey, owner.publicKey, 0), device.secretKey),
  };
  const acceptance = handoverDigest(NETWORK, device.publicKey, owner.publicKey, receiver.publicKey, 1);
  const accept = {
    kind: 'accept',
    device: device.publicKey,
    owner: receiver.publicKey,
    changes: 1,
    signature: sign(acceptance, receiver.secretKey),
  };
  const codes = [{ kind: 'device', device: device.publicKey }, claim, accept];
  const text = encodeDeviceCode(NETWORK, claim);
  const invalid = [
    ['empty', ''],
    ['an address', 'tiotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7'],
    ['one letter changed', text.replace(/.$/, (c) => (c === 'a' ? 'i' : 'a'))],
    ['one letter missing', text.slice(0, -1)],
    ['another kind', text.replace('claim', 'accept')],
    ['another network', encodeDeviceCode(OTHER_NETWORK, claim)],
  ].map(([name, wrong]) => ({ name, text: wrong, code: codeOf(decodeDeviceCode(NETWORK, wrong)) }));
  return {
    clause: '11.6',
    network: NETWORK,
    valid: codes.map((code) => ({ code, text: encodeDeviceCode(NETWORK, code) })),
    invalid,
  };
}
