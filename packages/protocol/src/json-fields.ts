/**
 * Reading and writing the human JSON forms (spec: clause 13): one field codec per kind of value, strict
 * in both directions. A reading stops at the first fault and remembers where it was as a JSON pointer
 * (RFC 6901), so that a person can mend the one field.
 */
import { equalBytes, fromHex, fromUtf8, toHex, utf8 } from '@iotw/kernel/bytes';
import { type AddressPrefix, decodeAddress, encodeAddress } from './address.js';

/** The first thing that is wrong with a JSON value. */
export interface JsonFault {
  /** JSON pointer to the field; '' is the whole value. */
  readonly pointer: string;
  readonly message: string;
}

/** One pass over a JSON value. */
export class JsonReading {
  readonly prefix: AddressPrefix;
  #fault: JsonFault | undefined;

  constructor(prefix: AddressPrefix) {
    this.prefix = prefix;
  }

  get fault(): JsonFault | undefined {
    return this.#fault;
  }

  /** Records the fault unless one is known already. */
  refuse(pointer: string, message: string): undefined {
    this.#fault ??= { pointer, message };
    return undefined;
  }
}

/** How one kind of value looks in JSON. */
export interface JsonField<T> {
  /** `undefined` after a fault. */
  read(json: unknown, pointer: string, reading: JsonReading): T | undefined;
  write(value: T, prefix: AddressPrefix): unknown;
  /** Value of a field that was left out; without it the field is required. */
  readonly absent?: () => T;
  /** Bytes that are written as text under `name` where they are UTF-8, else as hex under `nameHex`. */
  readonly text?: JsonField<T>;
}

/** Longest part of a foreign field name or value that an error repeats. */
const SHOWN = 40;

function show(json: unknown): string {
  if (typeof json === 'string')
    return JSON.stringify(json.length > SHOWN ? `${json.slice(0, SHOWN)}...` : json);
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  if (json === null || json === undefined) return String(json);
  return Array.isArray(json) ? 'a list' : `a value of type ${typeof json}`;
}

/** The pointer one level down. */
export function pointerTo(pointer: string, step: string | number): string {
  const name = typeof step === 'number' ? String(step) : step.slice(0, SHOWN);
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Reads an object as such; lists and null are none. */
export function readObject(
  json: unknown,
  pointer: string,
  reading: JsonReading,
): Record<string, unknown> | undefined {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  return reading.refuse(pointer, `must be an object in braces, not ${show(json)}`);
}

/** An unsigned integer of 0..max as a JSON number. */
function unsigned(max: number): JsonField<number> {
  return {
    read: (json, pointer, reading) =>
      typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= max
        ? json + 0
        : reading.refuse(pointer, `must be an integer of 0 to ${max}, not ${show(json)}`),
    write: (value) => value,
  };
}

export const u8 = unsigned(0xff);
export const u16 = unsigned(0xffff);
export const u32 = unsigned(0xffff_ffff);

/** 0..2^53-1 as a JSON number, or as a string of digits without leading zeros. */
export const u64: JsonField<number> = {
  read: (json, pointer, reading) => {
    const value = typeof json === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(json) ? Number(json) : json;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value + 0
      : reading.refuse(
          pointer,
          `must be an integer of 0 to 9007199254740991 (amounts count base units of 10^-6 IOTW), not ${show(json)}`,
        );
  },
  write: (value) => value,
};

/** 0 and 1 as false and true. */
export const flag: JsonField<number> = {
  read: (json, pointer, reading) =>
    typeof json === 'boolean'
      ? Number(json)
      : reading.refuse(pointer, `must be true or false, not ${show(json)}`),
  write: (value) => value !== 0,
};

/** A number of the wire by its name; numbers without a name are written and read as they are. */
export function named(names: Readonly<Record<string, number>>, max: number): JsonField<number> {
  const byNumber = new Map(Object.entries(names).map(([name, n]) => [n, name]));
  const number = unsigned(max);
  return {
    read: (json, pointer, reading) => {
      if (typeof json === 'number') return number.read(json, pointer, reading);
      if (typeof json === 'string' && Object.hasOwn(names, json)) return names[json];
      const list = Object.keys(names);
      const shown = list.length > 12 ? 'a name of the spec' : `one of ${list.join(', ')}`;
      return reading.refuse(pointer, `must be ${shown}, not ${show(json)}`);
    },
    write: (value) => byNumber.get(value) ?? value,
  };
}

/** Bytes as lower-case hex without prefix; upper case is read too. `length`: exactly, `max`: at most. */
export function hex(size: { readonly length: number } | { readonly max: number }): JsonField<Uint8Array> {
  const exact = 'length' in size ? size.length : undefined;
  const max = 'max' in size ? size.max : size.length;
  const wanted = exact === undefined ? `at most ${2 * max}` : `${2 * exact}`;
  return {
    read: (json, pointer, reading) => {
      const bytes = typeof json === 'string' && json.length <= 2 * max ? fromHex(json, exact) : undefined;
      return bytes ?? reading.refuse(pointer, `must be ${wanted} characters of hex, not ${show(json)}`);
    },
    write: toHex,
  };
}

export const bytes32 = hex({ length: 32 });
export const bytes48 = hex({ length: 48 });
export const bytes64 = hex({ length: 64 });

/** Text of at most `max` UTF-8 bytes; bytes that are no UTF-8 stand as hex under `<name>Hex`. */
export function text(max: number, absent?: () => Uint8Array): JsonField<Uint8Array> {
  const asText: JsonField<Uint8Array> = {
    read: (json, pointer, reading) => {
      if (typeof json !== 'string') return reading.refuse(pointer, `must be a text, not ${show(json)}`);
      if (json.length > max) return reading.refuse(pointer, `must have at most ${max} bytes: shorten it`);
      if (/\p{Surrogate}/u.test(json))
        return reading.refuse(pointer, 'holds half a surrogate pair: write whole characters');
      const bytes = utf8(json);
      return bytes.length <= max
        ? bytes
        : reading.refuse(
            pointer,
            `must have at most ${max} bytes in UTF-8, this has ${bytes.length}: shorten it`,
          );
    },
    write: (value) => {
      const shown = fromUtf8(value);
      return shown !== undefined && equalBytes(utf8(shown), value) ? shown : undefined;
    },
  };
  const field = { ...hex({ max }), text: asText };
  return absent === undefined ? field : { ...field, absent };
}

/** The Ed25519 key of an account: written as its address, read as address or 64 characters of hex. */
export const account: JsonField<Uint8Array> = {
  read: (json, pointer, reading) => {
    if (typeof json !== 'string') {
      return reading.refuse(pointer, `must be an address or 64 characters of hex, not ${show(json)}`);
    }
    const key = fromHex(json, 32);
    if (key !== undefined) return key;
    const address = decodeAddress(json, reading.prefix);
    if (!address.ok) return reading.refuse(pointer, `is no address: ${address.error.message}`);
    return address.value.version === 0
      ? address.value.payload
      : reading.refuse(
          pointer,
          'is the address of a multi-key policy, which this network does not serve yet: use an account with one key',
        );
  },
  write: (value, prefix) => encodeAddress(prefix, 0, value),
};

/** The same where 32 zero bytes stand for nobody; JSON null. */
export const accountOrNull: JsonField<Uint8Array> = {
  read: (json, pointer, reading) =>
    json === null ? new Uint8Array(32) : account.read(json, pointer, reading),
  write: (value, prefix) => (value.some((byte) => byte !== 0) ? account.write(value, prefix) : null),
  absent: () => new Uint8Array(32),
};

/** The same field, which may be left out. */
export function optional<T>(field: JsonField<T>, absent: () => T): JsonField<T> {
  return { ...field, absent };
}

/** A list of least..most elements; texts that are no UTF-8 stand as `{ "hex": ... }`. */
export function list<T>(element: JsonField<T>, most: number, least = 0): JsonField<T[]> {
  const field = element.text === undefined ? element : textInList(element, element.text);
  return {
    read: (json, pointer, reading) => {
      if (!Array.isArray(json))
        return reading.refuse(pointer, `must be a list in brackets, not ${show(json)}`);
      if (json.length < least || json.length > most) {
        return reading.refuse(pointer, `must have ${least} to ${most} elements, this has ${json.length}`);
      }
      const out: T[] = [];
      for (let i = 0; i < json.length && reading.fault === undefined; i++) {
        out.push(field.read(json[i], pointerTo(pointer, i), reading) as T);
      }
      return reading.fault === undefined ? out : undefined;
    },
    write: (value, prefix) => value.map((item) => field.write(item, prefix)),
  };
}

function textInList<T>(asHex: JsonField<T>, asText: JsonField<T>): JsonField<T> {
  const wrapped = record({ hex: { read: asHex.read, write: asHex.write } });
  return {
    read: (json, pointer, reading) =>
      typeof json === 'object'
        ? wrapped.read(json, pointer, reading)?.hex
        : asText.read(json, pointer, reading),
    write: (value, prefix) => asText.write(value, prefix) ?? wrapped.write({ hex: value }, prefix),
  };
}

/** Field codecs of a record, by name. */
export type JsonFields<T> = { readonly [K in keyof T]: JsonField<T[K]> };

/** An object with exactly these fields; `extra` names keys that the caller reads itself. */
export function record<T extends object>(fields: JsonFields<T>, extra: readonly string[] = []): JsonField<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const hexNames = new Set(
    names.filter((name) => fields[name].text !== undefined).map((name) => `${name}Hex`),
  );
  const known = new Set<string>([...names, ...hexNames, ...extra]);
  return {
    read: (json, pointer, reading) => {
      const object = readObject(json, pointer, reading);
      if (object === undefined) return undefined;
      for (const key of Object.keys(object)) {
        if (!known.has(key)) {
          return reading.refuse(
            pointerTo(pointer, key),
            `is unknown: the fields are ${[...known].join(', ')}`,
          );
        }
      }
      const out: Partial<T> = {};
      for (const name of names) {
        const value = readField(object, name, fields[name], pointer, reading);
        if (reading.fault !== undefined) return undefined;
        out[name] = value as T[typeof name];
      }
      return out as T;
    },
    write: (value, prefix) => {
      const out: Record<string, unknown> = {};
      for (const name of names) {
        const field = fields[name];
        const shown = field.text?.write(value[name], prefix);
        if (shown !== undefined) out[name] = shown;
        else out[field.text === undefined ? name : `${name}Hex`] = field.write(value[name], prefix);
      }
      return out;
    },
  };
}

function readField<T>(
  object: Record<string, unknown>,
  name: string,
  field: JsonField<T>,
  pointer: string,
  reading: JsonReading,
): T | undefined {
  const at = pointerTo(pointer, name);
  const given = Object.hasOwn(object, name);
  if (field.text !== undefined) {
    const twin = `${name}Hex`;
    if (Object.hasOwn(object, twin)) {
      const place = pointerTo(pointer, twin);
      if (given) return reading.refuse(place, `stands beside ${name}: give one of the two`);
      return field.read(object[twin], place, reading);
    }
    if (given) return field.text.read(object[name], at, reading);
  } else if (given) return field.read(object[name], at, reading);
  return field.absent?.() ?? reading.refuse(at, 'is missing');
}
