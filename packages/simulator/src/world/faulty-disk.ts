import { compareBytes, concatBytes, fromHex, readU32, toHex, utf8, writeU32 } from '@iotw/kernel/bytes';
import type { Range, Write } from '@iotw/kernel/ports/store';
import type { Prng } from '@iotw/kernel/prng';
import { sha256 } from '@iotw/kernel/sha256';

const CHECKSUM = 8;

/**
 * A disk that keeps what it said is durable and nothing else: commits that were not synced yet are lost at a
 * crash, from some point on; the one at that point may be torn, and its checksum tells.
 */
export class FaultyDisk {
  readonly #tables = new Map<string, Map<string, Uint8Array>>();
  #unsynced: (readonly Write[])[] = [];
  /** Commits lost, and of them torn, since the start. */
  readonly stats = { lost: 0, torn: 0, survived: 0 };

  /** Written, not durable: `sync` makes the oldest of these so. */
  write(writes: readonly Write[]): void {
    this.#unsynced.push(writes);
  }

  /** The oldest commit is durable now. */
  sync(): void {
    const writes = this.#unsynced.shift();
    if (writes !== undefined) this.#apply(writes);
  }

  #apply(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      let rows = this.#tables.get(table);
      if (rows === undefined) {
        rows = new Map();
        this.#tables.set(table, rows);
      }
      if (value === undefined) rows.delete(toHex(key));
      else rows.set(toHex(key), value.slice());
    }
  }

  /** Power is gone: of the unsynced commits a prefix made it to the platter, the next one perhaps in part. */
  crash(prng: Prng): void {
    const frames = this.#unsynced.map(frameOf);
    this.#unsynced = [];
    const whole = prng.below(frames.length + 1);
    let platter = concatBytes(...frames.slice(0, whole));
    const next = frames[whole];
    if (next !== undefined && prng.chance(1, 2)) {
      const part = next.slice(0, prng.below(next.length));
      if (part.length > 4 && prng.chance(1, 2)) part[4 + prng.below(part.length - 4)]! ^= 0x55;
      platter = concatBytes(platter, part);
      this.stats.torn += 1;
    }
    const recovered = recover(platter);
    for (const writes of recovered) this.#apply(writes);
    this.stats.survived += recovered.length;
    this.stats.lost += frames.length - recovered.length;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    return this.#tables.get(table)?.get(toHex(key));
  }

  /** Durable entries in the order of their keys, as the store port's `range`. */
  range(table: string, range: Range): [Uint8Array, Uint8Array][] {
    const { from, to } = range;
    return [...(this.#tables.get(table) ?? [])]
      .map(([key, value]): [Uint8Array, Uint8Array] => [fromHex(key)!, value])
      .filter(
        ([key]) =>
          (from === undefined || compareBytes(key, from) >= 0) &&
          (to === undefined || compareBytes(key, to) < 0),
      )
      .sort(([a], [b]) => compareBytes(a, b));
  }
}

/** length u32, checksum 8, then the writes: lengths u16, u8, u32 (all ones: erased) and their bytes. */
function frameOf(writes: readonly Write[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { table, key, value } of writes) {
    const head = new Uint8Array(9);
    const name = utf8(table);
    head[0] = name.length;
    writeU32(head, 1, key.length);
    writeU32(head, 5, value === undefined ? 0xffff_ffff : value.length);
    parts.push(head, name, key);
    if (value !== undefined) parts.push(value);
  }
  const content = concatBytes(...parts);
  const length = new Uint8Array(4);
  writeU32(length, 0, content.length);
  return concatBytes(length, sha256(content).subarray(0, CHECKSUM), content);
}

/** Whole frames from the front; what does not fit its checksum ends the log. */
function recover(platter: Uint8Array): Write[][] {
  const commits: Write[][] = [];
  for (let at = 0; at + 4 + CHECKSUM <= platter.length; ) {
    const from = at + 4 + CHECKSUM;
    const end = from + readU32(platter, at);
    if (end > platter.length) break;
    const content = platter.subarray(from, end);
    const checksum = sha256(content).subarray(0, CHECKSUM);
    if (compareBytes(checksum, platter.subarray(at + 4, from)) !== 0) break;
    commits.push(writesOf(content));
    at = end;
  }
  return commits;
}

function writesOf(content: Uint8Array): Write[] {
  const writes: Write[] = [];
  for (let at = 0; at < content.length; ) {
    const name = content[at]!;
    const key = readU32(content, at + 1);
    const value = readU32(content, at + 5);
    at += 9;
    const table = new TextDecoder().decode(content.subarray(at, at + name));
    at += name;
    const keyBytes = content.slice(at, at + key);
    at += key;
    if (value === 0xffff_ffff) writes.push({ table, key: keyBytes, value: undefined });
    else {
      writes.push({ table, key: keyBytes, value: content.slice(at, at + value) });
      at += value;
    }
  }
  return writes;
}
