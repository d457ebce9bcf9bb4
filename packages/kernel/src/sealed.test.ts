import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { equalBytes, fromHex, utf8 } from './bytes.js';
import { native as browser } from './crypto/native.browser.js';
import { native as node } from './crypto/native.node.js';

interface X25519Vectors {
  testGroups: {
    tests: { tcId: number; public: string; private: string; shared: string; flags: string[] }[];
  }[];
}

const vectors = JSON.parse(
  readFileSync(
    new URL('../../../spec/vectors/external/wycheproof_x25519_test.json', import.meta.url),
    'utf8',
  ),
) as X25519Vectors;

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const out = bytes.slice();
  out[(bit >>> 3) % out.length]! ^= 1 << (bit & 7);
  return out;
};

describe.each([
  ['node', node],
  ['browser', browser],
] as const)('%s variant', (_name, native) => {
  let sealed: typeof import('./sealed.js');
  beforeAll(async () => {
    vi.resetModules();
    vi.doMock('#native', () => ({ native }));
    sealed = await import('./sealed.js');
  });
  afterAll(() => {
    vi.doUnmock('#native');
    vi.resetModules();
  });

  test('Wycheproof X25519; a shared secret of zeros is refused', () => {
    const wrong: number[] = [];
    for (const { tests } of vectors.testGroups) {
      for (const t of tests) {
        const out = new Uint8Array(32);
        const made = native.x25519(out, fromHex(t.private)!, fromHex(t.public)!);
        const good = t.flags.includes('ZeroSharedSecret')
          ? !made
          : made && equalBytes(out, fromHex(t.shared)!);
        if (!good) wrong.push(t.tcId);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('a box opens for its recipient, sender and place alone', () => {
    fc.assert(
      fc.property(key, key, fc.uint8Array({ maxLength: 60 }), fc.nat(10_000), (a, b, content, bit) => {
        fc.pre(!equalBytes(a, b));
        const [pa, pb] = [sealed.boxPublicKey(a), sealed.boxPublicKey(b)];
        const box = sealed.sealBox(a, pb, utf8('here'), content)!;
        expect(sealed.openBox(b, pa, utf8('here'), box)).toEqual(content);
        expect(sealed.openBox(b, pa, utf8('there'), box)).toBeUndefined();
        expect(sealed.openBox(b, pb, utf8('here'), box)).toBeUndefined();
        expect(sealed.openBox(b, pa, utf8('here'), flip(box, bit))).toBeUndefined();
        expect(sealed.openBox(b, pa, utf8('here'), box.subarray(0, 15))).toBeUndefined();
      }),
      { numRuns: 20 },
    );
    expect(
      sealed.sealBox(new Uint8Array(32).fill(7), new Uint8Array(32), utf8('x'), utf8('y')),
    ).toBeUndefined();
  });

  test('what is sealed at rest opens under its key and name alone', () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 60 }), fc.nat(10_000), (own, content, bit) => {
        const box = sealed.sealAtRest(own, utf8('share 1'), content);
        expect(sealed.openAtRest(own, utf8('share 1'), box)).toEqual(content);
        expect(sealed.openAtRest(own, utf8('share 2'), box)).toBeUndefined();
        expect(sealed.openAtRest(flip(own, bit), utf8('share 1'), box)).toBeUndefined();
        expect(sealed.openAtRest(own, utf8('share 1'), flip(box, bit))).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});
