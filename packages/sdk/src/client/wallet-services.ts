import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson } from './request.js';

/** What a server offers a wallet beside the ledger. */
export interface WalletServices {
  /** Port of the wallet's signer on the server's host; null: none. */
  readonly signerPort: number | null;
  /** Origin at which browsers find it instead, behind a proxy; null: at that port. */
  readonly signerOrigin: string | null;
  /** Base units that the faucet gives at once; null: none. */
  readonly faucetAmount: number | null;
  /** How many devices of people may still join here; null: none do. */
  readonly guests: { readonly left: number } | null;
  /** WebSocket ports on the server's host where devices log in. */
  readonly entrances: readonly { readonly trustNode: number; readonly port: number }[];
}

/** The guest batch's word for a person's device: what `deviceRegister` needs beside the device's own signature. */
export interface GuestVoucher {
  readonly maker: number;
  readonly batch: number;
  readonly region: number;
  /** 64 bytes. */
  readonly batchSignature: Uint8Array;
}

/** GET /v1/wallet-services. Codes: those of a call. */
export async function getWalletServices(connection: Connection): Promise<Result<WalletServices>> {
  return readResult<WalletServices>(await callJson(connection, { path: '/v1/wallet-services' }), {
    signerPort: 'any',
    signerOrigin: 'any',
    faucetAmount: 'any',
    guests: 'any',
    entrances: 'array',
  });
}

/**
 * POST /v1/guests: has the guest batch vouch for a person's device (32-byte key) in a region. Codes: those of a call, `guests-off`,
 * `guest-key`, `guest-quota`, `guest-limit`, `device-exists`, `device-region`.
 */
export async function vouchForGuest(
  connection: Connection,
  key: Uint8Array,
  region: number,
): Promise<Result<GuestVoucher>> {
  const answer = readResult<{ maker: number; batch: number; region: number; batchSignature: string }>(
    await callJson(connection, { method: 'POST', path: '/v1/guests', body: { key: toHex(key), region } }),
    { maker: 'number', batch: 'number', region: 'number', batchSignature: 'string' },
  );
  if (!answer.ok) return answer;
  const batchSignature = fromHex(answer.value.batchSignature, 64);
  return batchSignature === undefined
    ? fail('client-answer', "The server's voucher holds no signature: it is another version.")
    : ok({ ...answer.value, batchSignature });
}
