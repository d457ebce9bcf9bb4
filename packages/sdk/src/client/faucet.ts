import { ok, type Result } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import type { Connection } from './connection.js';
import { getNetwork, networkOf } from './network.js';
import { callJson } from './request.js';
import { readSubmitted, type Submitted } from './submit.js';

/** The faucet answers when its transaction is final, after 30 s at most. */
const FAUCET_TIMEOUT_MS = 40_000;

/**
 * POST /v1/faucet: test money for an address (or 32-byte key), on networks that give it away. It answers
 * when the transfer is final; not repeated by itself. Codes: those of a call and of addresses,
 * `faucet-off`, `faucet-limit`, `faucet-busy`, `faucet-empty`.
 */
export async function faucet(
  connection: Connection,
  account: string | Uint8Array,
  signal?: AbortSignal,
): Promise<Result<Submitted>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const to = await addressText(connection, account);
  if (!to.ok) return to;
  const answer = await callJson(connection, {
    method: 'POST',
    path: '/v1/faucet',
    body: { to: to.value },
    timeoutMs: FAUCET_TIMEOUT_MS,
    signal,
  });
  return readSubmitted(answer, network.value, undefined);
}

async function addressText(connection: Connection, account: string | Uint8Array): Promise<Result<string>> {
  if (typeof account === 'string') return ok(account);
  const info = await getNetwork(connection);
  return info.ok ? ok(encodeAddress(info.value.addressPrefix, 0, account)) : info;
}
