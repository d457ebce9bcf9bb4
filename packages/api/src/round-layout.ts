import { readU16, readU64 } from '@iotw/kernel/bytes';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import type { RoundTransaction } from '@iotw/nodes/ledger-server/round-transactions';
import { type BlockBody, readBody } from '@iotw/protocol/body';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { FIRST_SENDER_CODE } from '@iotw/protocol/result';

/** One applied block of a round, and where its transactions stand. */
export interface AppliedBlock {
  readonly block: CertifiedBlock;
  /** Position of its first transaction in the applied order of the round. */
  readonly first: number;
  readonly count: number;
  /** Where its ids begin in `record.ids`, bytes. */
  readonly idsAt: number;
}

/** A round record with its blocks in the order applied; every position of the API counts in it. */
export class RoundLayout {
  readonly record: RoundRecord;
  readonly blocks: readonly AppliedBlock[];
  /** Transactions applied. */
  readonly count: number;
  readonly #bodies: (BlockBody | undefined)[] = [];
  readonly #hashes: (Uint8Array | undefined)[] = [];

  constructor(record: RoundRecord) {
    this.record = record;
    const idsAt: number[] = [];
    let ids = 0;
    for (const block of record.input.blocks) {
      idsAt.push(ids);
      ids += 32 * block.header.count;
    }
    const blocks: AppliedBlock[] = [];
    let first = 0;
    for (let at = 0; at < record.order.length; at += 2) {
      const place = readU16(record.order, at);
      const block = record.input.blocks[place]!;
      blocks.push({ block, first, count: block.header.count, idsAt: idsAt[place]! });
      first += block.header.count;
    }
    this.blocks = blocks;
    this.count = first;
  }

  get number(): number {
    return this.record.header.number;
  }

  /** The index among `blocks` of the block that holds `position`, by binary search; positions below `count` only. */
  blockAt(position: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.blocks[middle]!.first <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the id of `position` begins in `record.ids`. */
  idAt(position: number): number {
    const block = this.blocks[this.blockAt(position)]!;
    return block.idsAt + 32 * (position - block.first);
  }

  /** A copy of the 32-byte transaction id at `position`. */
  id(position: number): Uint8Array {
    const at = this.idAt(position);
    return this.record.ids.slice(at, at + 32);
  }

  /** Result code at `position` (protocol/result). */
  code(position: number): number {
    return readU16(this.record.codes, 2 * position);
  }

  /** Base units taken at `position`. */
  fee(position: number): number {
    return readU64(this.record.fees, 8 * position);
  }

  /** The body of applied block `index`; it was read before it was ordered, so it can be read again. */
  body(index: number): BlockBody {
    const known = this.#bodies[index];
    if (known !== undefined) return known;
    const body = readBody(this.blocks[index]!.block.body);
    if (!body.ok) throw new Error(`round ${this.number} holds a block body that can't be read`);
    this.#bodies[index] = body.value;
    return body.value;
  }

  /** The envelope at `position`; a view into the record. */
  envelope(position: number): Uint8Array {
    const index = this.blockAt(position);
    const { bytes, offsets } = this.body(index);
    const at = position - this.blocks[index]!.first;
    return bytes.subarray(offsets[at]!, offsets[at + 1]!);
  }

  /** All that there is of the transaction at `position`. */
  at(position: number): RoundTransaction {
    const { header } = this.record;
    const { block, first } = this.blocks[this.blockAt(position)]!;
    return {
      ...{ round: header.number, timeMs: header.timeMs, position, header: block.header },
      index: position - first,
      id: this.id(position),
      code: this.code(position),
      fee: this.fee(position),
      envelope: this.envelope(position),
    };
  }

  /** Block hash of applied block `index`. */
  hash(network: Uint8Array, index: number): Uint8Array {
    const known = this.#hashes[index];
    if (known !== undefined) return known;
    const hash = blockHash(network, this.blocks[index]!.block.header);
    this.#hashes[index] = hash;
    return hash;
  }

  /** Position of a transaction id, or -1; the one that used its sequence wins over copies that were refused. */
  find(id: Uint8Array): number {
    const { ids } = this.record;
    let found = -1;
    for (const { first, count, idsAt } of this.blocks) {
      for (let i = 0; i < count; i++) {
        if (!sameId(ids, idsAt + 32 * i, id)) continue;
        if (found === -1 || isDecisive(this.code(first + i))) found = first + i;
      }
    }
    return found;
  }
}

/** Whether the result consumed the sender's sequence: at most one result of a transaction is decisive. */
export function isDecisive(code: number): boolean {
  return code === 0 || code >= FIRST_SENDER_CODE;
}

function sameId(ids: Uint8Array, at: number, id: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) if (ids[at + i] !== id[i]) return false;
  return true;
}
