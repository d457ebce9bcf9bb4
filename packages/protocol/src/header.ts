import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import { MAX_BLOCK_TRANSACTIONS } from './limits.js';

/** Header of one transaction block (spec: clause 5). Its content never changes between attempts. */
export interface BlockHeader {
  /** The trust node whose chain this is. */
  readonly lane: number;
  /** Raised by every lane reset. */
  readonly incarnation: number;
  /** From 1, contiguous in a lane across incarnations. */
  readonly height: number;
  /** Block hash of the height below (zeros at height 1). */
  readonly previous: Uint8Array;
  /** Merkle root of the transaction ids. */
  readonly root: Uint8Array;
  readonly count: number;
  /** The lane's clock, ms; carried for people, no rule reads it. */
  readonly timeMs: number;
  /** The epoch whose pool and seed elect the committee. */
  readonly epoch: number;
  /** The round whose state (removed devices) the draw was filtered by. */
  readonly refRound: number;
}

/** lane 2, incarnation 4, height 8, previous 32, root 32, count 2, timeMs 8, epoch 4, refRound 8. */
export const HEADER_BYTES = 100;

export function encodeHeader(h: BlockHeader): Uint8Array {
  const b = new Uint8Array(HEADER_BYTES);
  writeHeader(b, h);
  return b;
}

function writeHeader(b: Uint8Array, h: BlockHeader): void {
  writeU16(b, 0, h.lane);
  writeU32(b, 2, h.incarnation);
  writeU64(b, 6, h.height);
  b.set(h.previous, 14);
  b.set(h.root, 46);
  writeU16(b, 78, h.count);
  writeU64(b, 80, h.timeMs);
  writeU32(b, 88, h.epoch);
  writeU64(b, 92, h.refRound);
}

/** Errors: `malformed` (length, an integer above 2^53-1, a count outside 1..1024). */
export function decodeHeader(b: Uint8Array): Result<BlockHeader> {
  if (b.length !== HEADER_BYTES)
    return fail('malformed', `A block header has ${HEADER_BYTES} bytes, this has ${b.length}.`);
  const header: BlockHeader = {
    lane: readU16(b, 0),
    incarnation: readU32(b, 2),
    height: readU64(b, 6),
    previous: b.slice(14, 46),
    root: b.slice(46, 78),
    count: readU16(b, 78),
    timeMs: readU64(b, 80),
    epoch: readU32(b, 88),
    refRound: readU64(b, 92),
  };
  if (
    !Number.isSafeInteger(header.height) ||
    !Number.isSafeInteger(header.timeMs) ||
    !Number.isSafeInteger(header.refRound)
  ) {
    return fail('malformed', 'A block header holds an integer above 2^53-1.');
  }
  if (header.count < 1 || header.count > MAX_BLOCK_TRANSACTIONS) {
    return fail(
      'malformed',
      `A block holds 1..${MAX_BLOCK_TRANSACTIONS} transactions, this header says ${header.count}.`,
    );
  }
  return ok(header);
}

const content = new Uint8Array(HEADER_BYTES);

/** The hash that the miner computes, the witnesses attest and the trust nodes vote for; 32 bytes. */
export function blockHash(network: Uint8Array, header: BlockHeader): Uint8Array {
  writeHeader(content, header);
  return signingDigest(DOMAIN.block, network, content);
}
