import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as bytes from './bytes.js';

const { concatBytes, equalBytes, compareBytes, toHex, fromHex, utf8, fromUtf8 } = bytes;
const b = (...values: number[]) => Uint8Array.of(...values);

test('concatBytes joins in order into a fresh array', () => {
  expect(concatBytes()).toEqual(b());
  expect(concatBytes(b(1, 2), b(), b(3))).toEqual(b(1, 2, 3));
  const only = b(1);
  expect(concatBytes(only)).not.toBe(only);
});

test.each([
  [b(), b(), 0],
  [b(1), b(1), 0],
  [b(1), b(2), -1],
  [b(0xff), b(0x7f), 1],
  [b(1), b(1, 0), -1],
  [b(), b(0), -1],
  [b(1, 9), b(2), -1],
])('compareBytes and equalBytes %#', (x, y, sign) => {
  expect(Math.sign(compareBytes(x, y))).toBe(sign);
  expect(Math.sign(compareBytes(y, x))).toBe(-sign + 0);
  expect(equalBytes(x, y)).toBe(sign === 0);
});

// Long arrays are compared natively in Node: every byte of the view counts, and none beside it.
test.each([255, 256, 257, 5_000])('equalBytes of %i bytes', (length) => {
  const whole = Uint8Array.from({ length: length + 20 }, (_, i) => i * 7);
  const view = whole.subarray(10, 10 + length);
  expect(equalBytes(view, view.slice())).toBe(true);
  for (const at of [0, 1, length >> 1, length - 1]) {
    const other = view.slice();
    other[at]! ^= 1;
    expect(equalBytes(view, other)).toBe(false);
  }
  expect(equalBytes(view, whole.subarray(10, 11 + length))).toBe(false);
  const shared = new Uint8Array(new SharedArrayBuffer(length));
  shared.set(view);
  expect(equalBytes(view, shared)).toBe(true);
});

test('hex both ways', () => {
  expect(toHex(b(0, 1, 0xab, 0xff))).toBe('0001abff');
  expect(fromHex('0001ABff')).toEqual(b(0, 1, 0xab, 0xff));
  fc.assert(fc.property(fc.uint8Array(), (x) => equalBytes(fromHex(toHex(x))!, x)));
});

test.each(['0', '0g', '0x00', ' 00', '00 ', '０0', '-1'])('not hex: %j', (text) => {
  expect(fromHex(text)).toBeUndefined();
});

test('fromHex holds a length', () => {
  expect(fromHex('0011', 2)).toEqual(b(0, 0x11));
  expect(fromHex('0011', 1)).toBeUndefined();
  expect(fromHex('', 1)).toBeUndefined();
});

test('utf8 both ways, malformed refused', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fromUtf8(utf8(text)) === text));
  for (const bad of [b(0xff), b(0xc0, 0x80), b(0xed, 0xa0, 0x80), b(0xe2, 0x82)]) {
    expect(fromUtf8(bad)).toBeUndefined();
  }
});

test('integers are little-endian and agree with DataView at every offset', () => {
  const property = fc.property(fc.nat(7), fc.maxSafeNat(), (at, value) => {
    const array = new Uint8Array(16).fill(0xee);
    const view = new DataView(array.buffer);
    bytes.writeU64(array, at, value);
    expect(view.getBigUint64(at, true)).toBe(BigInt(value));
    expect(bytes.readU64(array, at)).toBe(value);
    const word = value % 2 ** 32;
    bytes.writeU32(array, at, word);
    expect(view.getUint32(at, true)).toBe(word);
    expect(bytes.readU32(array, at)).toBe(word);
    const half = value % 2 ** 16;
    bytes.writeU16(array, at, half);
    expect(view.getUint16(at, true)).toBe(half);
    expect(bytes.readU16(array, at)).toBe(half);
  });
  fc.assert(property);
});

test('a u64 above 2^53-1 reads as an unsafe integer', () => {
  expect(Number.isSafeInteger(bytes.readU64(b(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0), 0))).toBe(true);
  expect(Number.isSafeInteger(bytes.readU64(b(0, 0, 0, 0, 0, 0, 0x20, 0), 0))).toBe(false);
  expect(Number.isSafeInteger(bytes.readU64(new Uint8Array(8).fill(0xff), 0))).toBe(false);
});
