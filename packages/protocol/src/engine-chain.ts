/** What CometBFT's chain and validators are called, and for how long who holds their keys can be trusted (spec: clauses 9.13, 9.15). */
import { concatBytes, toHex, writeU64 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { MISBEHAVIOUR_HOURS } from './limits.js';

/** Bytes of SHA-256 that an address of CometBFT has. */
const ADDRESS_BYTES = 20;
const HOUR_MS = 3_600_000;

/**
 * Every validator's power. CometBFT takes a validator with at least a third of all power, rounded down, for one without
 * whom nothing is decided, and lets it vote before it has fetched the blocks that it missed. With a power of 3 that is
 * so in a network of up to three servers alone; with 1 it would be so with five.
 */
export const VALIDATOR_POWER = 3;

/** For how long evidence of a double signature is taken, ms: no trust may outlast it. */
export const EVIDENCE_MS = MISBEHAVIOUR_HOURS * HOUR_MS;
/** For how long a block that somebody trusts may be trusted, unless they say less, ms. */
export const TRUSTING_PERIOD_MS = 24 * HOUR_MS;

/**
 * The chain's name: 45 characters of the 50 that CometBFT allows. Of a network that CometBFT has ordered from its genesis on
 * 160 bits of its id; of a ledger that was carried over later 160 bits of SHA-256(network || u64 round || round hash), so that
 * servers that carried over different rounds never meet and no vote of one chain is one of the other.
 */
export function engineChainId(network: Uint8Array, round: number, hash: Uint8Array): string {
  const number = new Uint8Array(8);
  writeU64(number, 0, round);
  const name = round === 0 ? network : sha256(concatBytes(network, number, hash));
  return `iotw-${toHex(name.subarray(0, 20))}`;
}

/** The 20 bytes that stand for a key in CometBFT's messages. */
export function validatorAddress(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).subarray(0, ADDRESS_BYTES);
}
