import { readU16, readU64 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { type BlockBody, readBody } from '@iotw/protocol/body';
import { CertifiedBlockType, HeaderType } from '@iotw/protocol/certificate';
import type { BlockHeader } from '@iotw/protocol/header';
import { RoundHeaderType, RoundInputType } from '@iotw/protocol/round';
import { storedBody } from '../body-record.js';
import { ROUND_TABLE, RoundRecordType, roundKey } from './round-record.js';

/** One applied transaction of a round, with the block that holds it. */
export interface RoundTransaction {
  readonly round: number;
  /** Agreed time of the round, ms. */
  readonly timeMs: number;
  /** In the applied order of the round. */
  readonly position: number;
  readonly header: BlockHeader;
  /** Place in its block. */
  readonly index: number;
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** Result code (protocol/result) and base units taken. */
  readonly code: number;
  readonly fee: number;
  readonly envelope: Uint8Array;
}

interface Place {
  readonly header: BlockHeader;
  readonly first: number;
  /** Where its ids begin among the round's, bytes. */
  readonly idsAt: number;
  body?: BlockBody | undefined;
}

const OFFSET_BYTES = 4;

/**
 * Transactions of a round on disk, one by one: of the record only the headers of its blocks are read, and bodies of those
 * blocks alone that are asked for. A page of a long history takes one from each of fifty rounds.
 */
export class RoundTransactions {
  readonly #store: Pick<Store, 'get'>;
  readonly #round: number;
  readonly #timeMs: number;
  /** Of the blocks applied, in that order. */
  readonly #places: readonly Place[];
  readonly #ids: Uint8Array;
  readonly #codes: Uint8Array;
  readonly #fees: Uint8Array;

  /** undefined: the round is not on this disk. */
  static stored(store: Pick<Store, 'get'>, number: number): RoundTransactions | undefined {
    const value = store.get(ROUND_TABLE, roundKey(number));
    return value && new RoundTransactions(store, value);
  }

  private constructor(store: Pick<Store, 'get'>, value: Uint8Array) {
    this.#store = store;
    const part = parts(RoundRecordType, value);
    const { number, timeMs } = RoundHeaderType.deserialize(part('header'));
    this.#round = number;
    this.#timeMs = timeMs;
    this.#ids = part('ids');
    this.#codes = part('codes');
    this.#fees = part('fees');
    const headers = elements(parts(RoundInputType, part('input'))('blocks')).map((block) =>
      HeaderType.deserialize(parts(CertifiedBlockType, block)('header')),
    );
    const idsAt: number[] = [];
    let ids = 0;
    for (const { count } of headers) {
      idsAt.push(ids);
      ids += 32 * count;
    }
    const places: Place[] = [];
    const order = part('order');
    for (let at = 0, first = 0; at < order.length; at += 2) {
      const place = readU16(order, at);
      const header = headers[place]!;
      places.push({ header, first, idsAt: idsAt[place]! });
      first += header.count;
    }
    this.#places = places;
  }

  /** undefined: there is no such position, or its body is gone. */
  at(position: number): RoundTransaction | undefined {
    const place = this.#places.findLast(({ first }) => first <= position);
    if (place === undefined) return undefined;
    const { header, first, idsAt } = place;
    const index = position - first;
    if (index < 0 || index >= header.count) return undefined;
    place.body ??= this.#body(header);
    const { body } = place;
    if (body === undefined) return undefined;
    return {
      ...{ round: this.#round, timeMs: this.#timeMs, position, header, index },
      id: this.#ids.slice(idsAt + 32 * index, idsAt + 32 * (index + 1)),
      code: readU16(this.#codes, 2 * position),
      fee: readU64(this.#fees, 8 * position),
      envelope: body.bytes.subarray(body.offsets[index]!, body.offsets[index + 1]!),
    };
  }

  #body(header: BlockHeader): BlockBody | undefined {
    const bytes = storedBody(this.#store, header);
    const body = bytes && readBody(bytes);
    return body?.ok ? body.value : undefined;
  }
}

/** The bytes of a container's field by its name: views into `bytes`, which our own disk gave and nobody checks again. */
function parts<N extends string>(
  type: {
    readonly fields: Readonly<Record<N, unknown>>;
    getFieldRanges(data: DataView, start: number, end: number): { start: number; end: number }[];
  },
  bytes: Uint8Array,
): (name: N) => Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges = type.getFieldRanges(view, 0, bytes.length);
  const names = Object.keys(type.fields);
  return (name) => {
    const { start, end } = ranges[names.indexOf(name)]!;
    return bytes.subarray(start, end);
  };
}

/** Elements of a list whose elements have no fixed size. */
function elements(list: Uint8Array): Uint8Array[] {
  if (list.length === 0) return [];
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const count = view.getUint32(0, true) / OFFSET_BYTES;
  const startOf = (n: number) => (n === count ? list.length : view.getUint32(OFFSET_BYTES * n, true));
  return Array.from({ length: count }, (_, n) => list.subarray(startOf(n), startOf(n + 1)));
}
