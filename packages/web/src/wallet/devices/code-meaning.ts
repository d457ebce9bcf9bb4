import { equalBytes, fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeAddress, encodeAddress } from '@iotw/protocol/address';
import { type DeviceCode, decodeDeviceCode } from '@iotw/protocol/device-code';
import type { Operation } from '@iotw/protocol/operations';
import type { Connection } from '@iotw/sdk/client/connection';
import { type DeviceInfo, getDevice } from '@iotw/sdk/client/devices';
import type { NetworkInfo } from '@iotw/sdk/client/network';
import { isCodeSigned } from '@iotw/sdk/transaction/device-codes';
import type { SignerAccount } from '../../signer/messages.ts';
import { readRequest } from '../request-link.ts';

type Network = Pick<NetworkInfo, 'network' | 'addressPrefix' | 'timeMs'>;

/** What the wallet can do with a code that was read. */
export type CodeMeaning =
  /** Nobody owns the device; it must agree first. */
  | { readonly kind: 'free'; readonly device: DeviceInfo }
  /** It is this account's already. */
  | { readonly kind: 'own'; readonly device: DeviceInfo; readonly account: SignerAccount }
  /** Somebody owns it, who could hand it over. `from`: his key. */
  | { readonly kind: 'owned'; readonly device: DeviceInfo; readonly from: Uint8Array }
  /** The device agreed to this account; `operation` claims it. */
  | {
      readonly kind: 'claim';
      readonly device: DeviceInfo;
      readonly account: SignerAccount;
      readonly operation: Operation;
    }
  /** Somebody accepted this account's device; `operation` hands it to `to` (an address). */
  | {
      readonly kind: 'handover';
      readonly device: DeviceInfo;
      readonly account: SignerAccount;
      readonly to: string;
      readonly operation: Operation;
    };

/**
 * What a text or QR means to the owner of `accounts`. Codes: those of `decodeDeviceCode`, `device-code-payment` (it asks for money), of the call,
 * and those of `meaningOf`.
 */
export async function readCode(
  connection: Connection,
  network: Network,
  accounts: readonly SignerAccount[],
  text: string,
): Promise<Result<CodeMeaning>> {
  const id = fromHex(network.network, 32);
  if (id === undefined) return fail('client-answer', 'The server names no network id.');
  const code = decodeDeviceCode(id, text);
  if (!code.ok) {
    const asks = code.error.code === 'device-code-other' && readRequest(text, network.addressPrefix, 0).ok;
    return asks
      ? fail('device-code-payment', 'This is an address or asks for a payment: open it at “Send”.')
      : code;
  }
  const device = await getDevice(connection, code.value.device);
  return device.ok ? meaningOf(id, network, code.value, device.value, accounts) : device;
}

/**
 * A code beside what the ledger says of its device, before anybody signs. Codes: `device-revoked`, `claim-other-account`, `claim-owned`,
 * `claim-yours`, `code-used` (the device changed hands since), `code-signature`, `accept-own` (it is for the present owner), `accept-not-owner`.
 */
export function meaningOf(
  id: Uint8Array,
  { addressPrefix: prefix }: Pick<Network, 'addressPrefix'>,
  code: DeviceCode,
  device: DeviceInfo,
  accounts: readonly SignerAccount[],
): Result<CodeMeaning> {
  const owner = device.owner === null ? undefined : keyOf(device.owner, prefix);
  const mine = (key: Uint8Array | undefined) =>
    key === undefined ? undefined : accounts.find((account) => equalBytes(account.key, key));
  if (device.status === 'revoked')
    return fail('device-revoked', 'The maker has revoked this device: it earns nothing any more.');
  if (code.kind === 'device') {
    const account = mine(owner);
    if (owner === undefined) return ok({ kind: 'free', device });
    return ok(
      account === undefined ? { kind: 'owned', device, from: owner } : { kind: 'own', device, account },
    );
  }
  const account = mine(code.owner);
  const used = () =>
    fail('code-used', 'The device changed hands after this code was made: have it made anew.');
  if (code.kind === 'claim') {
    if (account !== undefined && mine(owner) === account)
      return fail('claim-yours', 'The device is yours already.');
    if (owner !== undefined)
      return fail('claim-owned', 'Somebody owns this device: who must release it, or hand it over to you.');
    if (account === undefined) {
      const made = encodeAddress(prefix, 0, code.owner);
      return fail(
        'claim-other-account',
        `The code was made for ${made}, which is no account of this wallet.`,
      );
    }
    if (code.changes !== device.ownershipChanges) return used();
    if (!isCodeSigned(id, code)) return notSigned();
    const operation = { type: 'deviceClaim', device: code.device, deviceSignature: code.signature } as const;
    return ok({ kind: 'claim', device, account, operation });
  }
  const from = mine(owner);
  if (from === undefined) {
    return account === undefined
      ? fail('accept-not-owner', 'The code hands over a device that no account of this wallet owns.')
      : fail('accept-own', 'You made this code: give it to the present owner, who hands the device to you.');
  }
  if (account !== undefined && account === from) return fail('claim-yours', 'The device is yours already.');
  if (code.changes !== device.ownershipChanges) return used();
  if (!isCodeSigned(id, code, from.key)) return notSigned();
  const { device: key, owner: to, signature: acceptance } = code;
  return ok({
    kind: 'handover',
    device,
    account: from,
    to: encodeAddress(prefix, 0, to),
    operation: { type: 'deviceHandover', device: key, to, acceptance },
  });
}

function keyOf(address: string, prefix: Network['addressPrefix']): Uint8Array | undefined {
  const decoded = decodeAddress(address, prefix);
  return decoded.ok ? decoded.value.payload : undefined;
}

function notSigned(): Result<never> {
  return fail('code-signature', 'The signature in the code is not right: have it made anew.');
}
