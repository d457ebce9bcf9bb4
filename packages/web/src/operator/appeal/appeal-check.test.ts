import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { encodeSignedHeader } from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import { describe, expect, it } from 'vitest';
import { judgeAppeal, readAppeal } from './appeal-check.ts';

const NETWORK = new Uint8Array(32).fill(7);
const LANE = keyPairFromSeed(new Uint8Array(32).fill(1));
const HEADER = {
  ...{ lane: 2, incarnation: 0, height: 12, previous: new Uint8Array(32).fill(4) },
  ...{ root: new Uint8Array(32).fill(5), count: 1, timeMs: 1_000, epoch: 3, refRound: 9 },
};
const HASH = blockHash(NETWORK, HEADER);
const ANSWER = {
  ...{ lane: 2, incarnation: 0, height: 12, attempt: 0, rank: 3, cited: HASH, hash: HASH, device: 41 },
  ...{ boot: 1, counter: 9, head: new Uint8Array(32), signature: new Uint8Array(64).fill(2) },
};
const DEVICE = {
  status: 'blacklisted',
  blacklistReason: 'disagreement',
  blacklistCase: toHex(attestationDigest(NETWORK, ANSWER)),
} as const;
const KEYS = [toHex(LANE.publicKey)];
const HEX = {
  attestation: toHex(encodeAttestation(ANSWER)),
  header: toHex(encodeSignedHeader({ header: HEADER, signature: sign(HASH, LANE.secretKey) })),
};

function proof(answer = ANSWER, header = HEX.header) {
  const read = readAppeal(toHex(encodeAttestation(answer)), header);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

describe('an appeal', () => {
  it('is read from hex as people paste it, and is good where it clears the device', () => {
    const read = readAppeal(
      ` ${HEX.attestation.slice(0, 60)}\n${HEX.attestation.slice(60).toUpperCase()}`,
      HEX.header,
    );
    expect(read).toMatchObject({ ok: true, value: { attestation: { device: 41 } } });
    expect(judgeAppeal(NETWORK, proof(), DEVICE, KEYS).ok).toBe(true);
  });

  it.each([
    ['', HEX.header, 'appeal-attestation'],
    [HEX.attestation.slice(2), HEX.header, 'appeal-attestation'],
    [`zz${HEX.attestation.slice(2)}`, HEX.header, 'appeal-attestation'],
    [HEX.attestation, '', 'appeal-header'],
    [HEX.attestation, HEX.attestation, 'appeal-header'],
  ])('is none: %#', (attestation, header, code) => {
    expect(readAppeal(attestation, header)).toMatchObject({ ok: false, error: { code } });
  });

  const wrong = { ...ANSWER, hash: new Uint8Array(32).fill(9) };
  const caseOf = (answer: typeof ANSWER) => toHex(attestationDigest(NETWORK, answer));
  it.each([
    ['appeal-not-blacklisted', proof(), { ...DEVICE, blacklistReason: 'none', blacklistCase: null }, KEYS],
    ['appeal-refused', proof(), { ...DEVICE, blacklistReason: 'lie' }, KEYS],
    ['appeal-other-case', proof({ ...ANSWER, counter: 8 }), DEVICE, KEYS],
    ['appeal-not-proof', proof(wrong), { ...DEVICE, blacklistCase: caseOf(wrong) }, KEYS],
    ['appeal-signature', proof(), DEVICE, [toHex(keyPairFromSeed(new Uint8Array(32).fill(3)).publicKey)]],
  ])('is refused before anybody signs: %s', (code, given, device, keys) => {
    expect(judgeAppeal(NETWORK, given, device, keys)).toMatchObject({ ok: false, error: { code } });
  });
});
