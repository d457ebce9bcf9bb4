/** The vector files of spec/vectors, as tests read them. */
import { readFileSync } from 'node:fs';
import { fromHex } from '@iotw/kernel/bytes';

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON, read field by field
export type Json = any;

const folder = new URL('../../spec/vectors/', import.meta.url);
export const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');
export const load = (name: string): Json => JSON.parse(textOf(name));
export const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error('not hex');
  return bytes;
};

/** Byte strings of a JSON value back from hex, where the text is hex of `lengths` bytes. */
export function revived(json: Json, lengths: readonly number[] = [32, 48, 64, 80]): Json {
  if (typeof json === 'string') {
    const bytes = fromHex(json);
    return bytes !== undefined && lengths.includes(bytes.length) ? bytes : json;
  }
  if (Array.isArray(json)) return json.map((item) => revived(item, lengths));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, revived(v, lengths)]));
}

export const refusedWith = (code: string) => ({ ok: false, error: { code } });
