import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type Operation, REVOKE_KIND } from '@iotw/protocol/operations';
import type { DeviceInfo } from '@iotw/sdk/client/devices';
import type { MakerInfo } from '@iotw/sdk/client/makers';

/** What a maker's root takes out. */
export type Revocation =
  | { readonly kind: 'device'; readonly device: DeviceInfo }
  /** `used`: devices registered under the batch. */
  | { readonly kind: 'batch'; readonly batch: number; readonly used: number };

/**
 * What would be revoked, held against the ledger before anybody signs. Codes: `revoke-nothing` (nothing is chosen yet), `revoke-maker` (another
 * maker's device), `revoke-done` (it is revoked already).
 */
export function revocationOf(
  kind: Revocation['kind'],
  maker: Pick<MakerInfo, 'maker' | 'batches'>,
  device: DeviceInfo | undefined,
  batch: number | undefined,
): Result<Revocation> {
  if (kind === 'device') {
    if (device === undefined) return fail('revoke-nothing', 'Name a device.');
    if (device.maker !== maker.maker)
      return fail('revoke-maker', 'The device is another maker’s, whose root alone revokes it.');
    if (device.status === 'revoked') return fail('revoke-done', 'It is revoked already.');
    return ok({ kind, device });
  }
  const found = maker.batches.find((one) => one.batch === batch);
  if (found === undefined) return fail('revoke-nothing', 'Choose a batch.');
  if (found.revokedFrom !== 0) return fail('revoke-done', 'It is revoked already.');
  return ok({ kind, batch: found.batch, used: found.used });
}

/** The operation; the root's signature is the signer's to make. */
export function revocationOperation(maker: number, what: Revocation): Operation {
  const signature = new Uint8Array(64);
  return what.kind === 'device'
    ? {
        type: 'deviceRevoke',
        ...{ maker, kind: REVOKE_KIND.device, batch: 0, signature },
        device: fromHex(what.device.key, 32)!,
      }
    : {
        type: 'deviceRevoke',
        ...{ maker, kind: REVOKE_KIND.batch, batch: what.batch, signature },
        device: new Uint8Array(32),
      };
}
