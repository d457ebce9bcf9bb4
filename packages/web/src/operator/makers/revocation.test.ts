import type { DeviceInfo } from '@iotw/sdk/client/devices';
import { describe, expect, it } from 'vitest';
import { revocationOf, revocationOperation } from './revocation.ts';

const BATCH = { batch: 4, key: '', quota: 9, used: 3, people: false, activeFrom: 0, revokedFrom: 0 };
const MAKER = { maker: 1, batches: [BATCH, { ...BATCH, batch: 5, revokedFrom: 70 }] };
const DEVICE = { device: 41, key: 'ab'.repeat(32), maker: 1, status: 'active' } as DeviceInfo;

describe('a revocation', () => {
  it('is of one device or of a whole batch, and leaves the signature to the signer', () => {
    const device = revocationOf('device', MAKER, DEVICE, 4);
    expect(device.ok && revocationOperation(1, device.value)).toMatchObject({
      ...{ type: 'deviceRevoke', maker: 1, kind: 0, batch: 0 },
      device: new Uint8Array(32).fill(0xab),
      signature: new Uint8Array(64),
    });
    const batch = revocationOf('batch', MAKER, DEVICE, 4);
    expect(batch).toEqual({ ok: true, value: { kind: 'batch', batch: 4, used: 3 } });
    expect(batch.ok && revocationOperation(1, batch.value)).toMatchObject({
      ...{ kind: 1, batch: 4, device: new Uint8Array(32) },
    });
  });

  it.each([
    ['device', undefined, undefined, 'revoke-nothing'],
    ['device', { ...DEVICE, maker: 2 }, undefined, 'revoke-maker'],
    ['device', { ...DEVICE, status: 'revoked' }, undefined, 'revoke-done'],
    ['batch', undefined, undefined, 'revoke-nothing'],
    ['batch', undefined, 6, 'revoke-nothing'],
    ['batch', undefined, 5, 'revoke-done'],
  ] as const)('of %s is refused: %#', (kind, device, batch, code) => {
    expect(revocationOf(kind, MAKER, device, batch)).toMatchObject({ ok: false, error: { code } });
  });
});
