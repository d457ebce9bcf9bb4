import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from '@iotw/protocol/address';
import { readResult } from './answer.js';
import { type Connection, expectedNetwork } from './connection.js';
import { callJson } from './request.js';

/** What the server says of its network. */
export interface NetworkInfo {
  readonly name: string;
  /** Network id in hex. */
  readonly network: string;
  readonly testnet: boolean;
  readonly addressPrefix: AddressPrefix;
  /** Last round, its agreed time (ms), the running epoch. */
  readonly round: number;
  readonly timeMs: number;
  readonly epoch: number;
  /** Keys in hex by number, after rotations. */
  readonly laneKeys: readonly string[];
  readonly ledgerServerKeys: readonly string[];
  readonly committeeSize: number;
  readonly trustThreshold: number;
  readonly regions: readonly string[];
  readonly clouds: readonly string[];
  /** The form of the genesis file. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * GET /v1/network. Codes: those of a call, `client-network-mismatch` (the server serves another network
 * than the options name).
 */
export async function getNetwork(connection: Connection): Promise<Result<NetworkInfo>> {
  const expected = expectedNetwork(connection);
  if (!expected.ok) return expected;
  const info = readResult<NetworkInfo>(await callJson(connection, { path: '/v1/network' }), {
    name: 'string',
    network: 'string',
    testnet: 'boolean',
    addressPrefix: 'string',
    round: 'number',
    timeMs: 'number',
    epoch: 'number',
    laneKeys: 'array',
    ledgerServerKeys: 'array',
    committeeSize: 'number',
    trustThreshold: 'number',
    regions: 'array',
    clouds: 'array',
    parameters: 'object',
  });
  if (!info.ok) return info;
  const id = fromHex(info.value.network, 32);
  if (id === undefined) return fail('client-answer', "The server's network id is not 32 bytes of hex.");
  if (expected.value !== undefined && !equalBytes(id, expected.value))
    return otherNetwork(expected.value, id);
  connection.serverNetwork = id;
  return info;
}

/**
 * The network's id, 32 bytes: asked for once per connection and compared with the options.
 * Codes: those of `getNetwork`.
 */
export async function networkOf(connection: Connection): Promise<Result<Uint8Array>> {
  if (connection.serverNetwork === undefined) {
    const info = await getNetwork(connection);
    if (!info.ok) return info;
  }
  return ok(connection.serverNetwork!);
}

/** The failure of a server that serves another network than was meant. */
export function otherNetwork(expected: Uint8Array, found: Uint8Array): Result<never> {
  const data = { expected: toHex(expected), found: toHex(found) };
  return fail(
    'client-network-mismatch',
    `Expected network ${data.expected.slice(0, 16)}, met ${data.found.slice(0, 16)}: connect to the right server, or build for this network.`,
    data,
  );
}
