import { concatBytes, equalBytes, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import {
  decodeSegment,
  encodeSegment,
  PAGE_TABLE,
  SEGMENT_TABLE,
  type Segment,
  segmentKey,
} from './segment.js';

const MANIFEST_TABLE = 'index-manifest';
const MANIFEST_KEY = utf8('manifest');
/** Raised when the layout of pages or keys changes: an older index is then built anew. */
const VERSION = 2;
const HEAD = 40;

/** Which segments make up the index, oldest first, without gaps between them. */
export interface Manifest {
  readonly nextSegment: number;
  readonly segments: readonly Segment[];
}

/** version u32, next segment u32, network 32, then a u32 for each segment. */
export function manifestWrite(network: Uint8Array, manifest: Manifest): Write {
  const head = new Uint8Array(HEAD);
  const view = new DataView(head.buffer);
  view.setUint32(0, VERSION);
  view.setUint32(4, manifest.nextSegment);
  head.set(network, 8);
  return {
    table: MANIFEST_TABLE,
    key: MANIFEST_KEY,
    value: concatBytes(head, ...manifest.segments.map((segment) => segmentKey(segment.id))),
  };
}

export function segmentWrite(segment: Segment): Write {
  return { table: SEGMENT_TABLE, key: segmentKey(segment.id), value: encodeSegment(segment) };
}

export function segmentDelete(segment: Segment): Write {
  return { table: SEGMENT_TABLE, key: segmentKey(segment.id), value: undefined };
}

/** The manifest on disk; `undefined` where there is none of this version, network and shape. */
export function readManifest(store: Store, network: Uint8Array): Manifest | undefined {
  const bytes = store.get(MANIFEST_TABLE, MANIFEST_KEY);
  if (bytes === undefined || bytes.length < HEAD || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== VERSION || !equalBytes(bytes.subarray(8, HEAD), network)) return undefined;
  const segments: Segment[] = [];
  for (let at = HEAD; at < bytes.length; at += 4) {
    const id = view.getUint32(at);
    const value = store.get(SEGMENT_TABLE, segmentKey(id));
    const segment = value === undefined ? undefined : decodeSegment(id, value);
    if (segment === undefined || (segments.at(-1)?.to ?? segment.from) !== segment.from) return undefined;
    segments.push(segment);
  }
  return { nextSegment: view.getUint32(4), segments };
}

/** Deletes of every key of the index that `kept` does not need: what an interrupted write or an old version left. */
export function strayDeletes(store: Store, kept: Manifest, limit: number): Write[] {
  const ids = new Set(kept.segments.map((segment) => segment.id));
  const writes: Write[] = [];
  for (const table of [PAGE_TABLE, SEGMENT_TABLE]) {
    for (const key of strayKeys(store, table, ids, limit - writes.length)) {
      writes.push({ table, key, value: undefined });
    }
  }
  return writes;
}

/** Jumps from segment to segment instead of reading every page of those that are kept. */
function* strayKeys(
  store: Store,
  table: string,
  kept: ReadonlySet<number>,
  limit: number,
): Generator<Uint8Array> {
  let from = segmentKey(0);
  for (let left = limit; left > 0; ) {
    const first = [...store.range(table, { from, limit: 1 })][0]?.[0];
    if (first === undefined) return;
    const id = new DataView(first.buffer, first.byteOffset, first.length).getUint32(0);
    const to = id === 0xffff_ffff ? undefined : segmentKey(id + 1);
    if (!kept.has(id)) {
      for (const [key] of store.range(table, { from: first, ...(to && { to }), limit: left })) {
        yield key;
        left--;
      }
    }
    if (to === undefined) return;
    from = to;
  }
}
