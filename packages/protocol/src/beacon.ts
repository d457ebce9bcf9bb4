import { ContainerType, type ValueOf } from '@chainsafe/ssz';
import { concatBytes, readU16, writeU16 } from '@iotw/kernel/bytes';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import { MAX_LEDGER_SERVERS } from './limits.js';
import { Bytes64, bytesUpTo, U8, U16, U32 } from './ssz.js';

/**
 * What ledger servers say in a key ceremony (spec: 6.7); every word of it goes onto the ledger. One message of
 * each kind counts per server and ceremony.
 */
export const BEACON_KIND = {
  /** X25519 key 32, for this ceremony alone: shares are sealed for it. */
  join: 0,
  /** Commitments (t x 48), then a sealed share (48) for each member, by server number. */
  deal: 1,
  /** Servers whose deal did not hold what it should, u16 each, ascending; none: all is well. */
  check: 2,
  /** For each server that accuses the sender, ascending: server u16, its share 32 in the open. */
  justify: 3,
} as const;

/** A commitment is a point of 48 bytes; a sealed share 32 bytes and its tag. */
export const SEALED_SHARE_BYTES = 48;
const MAX_BODY_BYTES = 2 * 48 * MAX_LEDGER_SERVERS;

const BeaconContentType = new ContainerType(
  { ceremony: U32, server: U16, kind: U8, body: bytesUpTo(MAX_BODY_BYTES) },
  { typeName: 'BeaconContent' },
);
export const BeaconMessageType = new ContainerType(
  { ...BeaconContentType.fields, signature: Bytes64 },
  { typeName: 'BeaconMessage' },
);
/** `ceremony` counts the network's ceremonies from 1; signed with the ledger server's signing key. */
export type BeaconMessage = ValueOf<typeof BeaconMessageType>;

export function beaconDigest(network: Uint8Array, message: Omit<BeaconMessage, 'signature'>): Uint8Array {
  return signingDigest(DOMAIN.beacon, network, BeaconContentType.serialize(message));
}

/** Names the box that holds `dealer`'s share for `member` in a ceremony: no other opens with it. */
export function sealedShareContext(
  network: Uint8Array,
  ceremony: number,
  dealer: number,
  member: number,
): Uint8Array {
  const place = new Uint8Array(8);
  new DataView(place.buffer).setUint32(0, ceremony, true);
  writeU16(place, 4, dealer);
  writeU16(place, 6, member);
  return signingDigest(DOMAIN.beacon, network, place);
}

/** The body of a check. */
export function encodeAccused(servers: readonly number[]): Uint8Array {
  const body = new Uint8Array(2 * servers.length);
  for (const [i, server] of servers.entries()) writeU16(body, 2 * i, server);
  return body;
}

/** The servers a check accuses; `undefined` where they do not ascend or the length is odd. */
export function readAccused(body: Uint8Array): number[] | undefined {
  if (body.length % 2 !== 0) return undefined;
  return ascending(Array.from({ length: body.length / 2 }, (_, i) => readU16(body, 2 * i)));
}

export interface OpenShare {
  readonly server: number;
  /** 32 bytes. */
  readonly share: Uint8Array;
}

/** The body of a justification. */
export function encodeOpenShares(shares: readonly OpenShare[]): Uint8Array {
  return concatBytes(...shares.map(({ server, share }) => concatBytes(encodeAccused([server]), share)));
}

/** The shares a justification opens; `undefined` where servers do not ascend or the length is another. */
export function readOpenShares(body: Uint8Array): OpenShare[] | undefined {
  if (body.length % 34 !== 0) return undefined;
  const shares = Array.from({ length: body.length / 34 }, (_, i) => ({
    server: readU16(body, 34 * i),
    share: body.slice(34 * i + 2, 34 * i + 34),
  }));
  return ascending(shares.map(({ server }) => server)) === undefined ? undefined : shares;
}

function ascending(numbers: number[]): number[] | undefined {
  return numbers.every((n, i) => i === 0 || n > numbers[i - 1]!) ? numbers : undefined;
}
