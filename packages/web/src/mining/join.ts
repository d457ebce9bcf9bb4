import { toHex } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { possessionDigest } from '@iotw/protocol/digests';
import { DEVICE_CLASS, type Operation } from '@iotw/protocol/operations';
import { getDevice } from '@iotw/sdk/client/devices';
import { networkOf } from '@iotw/sdk/client/network';
import { vouchForGuest } from '@iotw/sdk/client/wallet-services';
import { deviceClaim } from '@iotw/sdk/transaction/device-operations';
import type { SignerAccount } from '../signer/messages.ts';
import type { Payment, WalletPorts } from '../wallet/payment.ts';
import { transact } from '../wallet/transact.ts';

/**
 * Puts the tab's device on the ledger under the guest batch and makes the account its owner, both in one transaction. Joined already: nothing is
 * signed. Codes: those of `vouchForGuest`, of calls and of `transact`, `mining-join` (the ledger did not take it).
 */
export async function joinNetwork(
  ports: WalletPorts,
  account: SignerAccount,
  device: KeyPair,
  region: number,
  reference: string,
): Promise<Result<Payment | undefined>> {
  const { connection } = ports;
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const known = await getDevice(connection, device.publicKey);
  if (known.ok) return ok(undefined);
  if (known.error.code !== 'device-unknown') return known;
  const voucher = await vouchForGuest(connection, device.publicKey, region);
  if (!voucher.ok) return voucher;
  const { maker, batch, batchSignature } = voucher.value;
  const content = { key: device.publicKey, maker, batch, region, deviceClass: DEVICE_CLASS.user };
  const deviceSignature = sign(possessionDigest(network.value, content), device.secretKey);
  const operations: readonly Operation[] = [
    { type: 'deviceRegister', ...content, batchSignature, deviceSignature },
    // Nobody has owned it yet.
    deviceClaim(network.value, account.key, 0, device),
  ];
  const purpose = { kind: 'device', act: 'join', device: toHex(device.publicKey) } as const;
  const paid = await transact(ports, { reference, account, operations, purpose });
  if (!paid.ok) return paid;
  return paid.value.status === 'final'
    ? paid
    : fail(
        'mining-join',
        `The ledger did not take the device (${paid.value.code ?? paid.value.status}): try again.`,
      );
}
