import { encodeAddress } from '@iotw/protocol/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest, requestLink } from './request-link.ts';

const TO = encodeAddress('tiotw', 0, new Uint8Array(32).fill(5));
const MAIN = encodeAddress('iotw', 0, new Uint8Array(32).fill(5));
const NOW = Date.UTC(2026, 0, 10);
const DAY = 86_400_000;

describe('a request link', () => {
  it('is read as it was written, whatever the memo', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 1, max: 9_000_000_000_000_000 }), { nil: undefined }),
        fc.string({ maxLength: 40 }),
        fc.option(fc.integer({ min: NOW, max: NOW + DAY }), { nil: undefined }),
        (amount, memo, untilMs) => {
          const request = { to: TO, amount, memo, untilMs };
          expect(readRequest(requestLink('https://a.example', request), 'tiotw', NOW)).toEqual({
            ok: true,
            value: request,
          });
        },
      ),
    );
  });

  it('may be a bare address', () => {
    expect(readRequest(` ${TO}\n`, 'tiotw', NOW)).toMatchObject({ ok: true, value: { to: TO, memo: '' } });
  });

  it.each<[string, string, string]>([
    ['of something else', 'https://example.org/menu', 'request-link'],
    ['of a wireless network', 'WIFI:S:home;T:WPA;P:secret;;', 'request-link'],
    ['without a receiver', 'https://a.example/pay?amount=1', 'request-link'],
    ['of the other network', MAIN, 'address-wrong-network'],
    ['with a wrong letter', `${TO.slice(0, -1)}${TO.endsWith('q') ? 'p' : 'q'}`, 'address-checksum'],
    ['with too many decimals', `https://a.example/pay?to=${TO}&amount=1.0000001`, 'amount-format'],
    ['with a negative amount', `https://a.example/pay?to=${TO}&amount=-5`, 'amount-format'],
    ['that has expired', `https://a.example/pay?to=${TO}&until=2026-01-09T00:00:00Z`, 'request-expired'],
    ['with a time that is none', `https://a.example/pay?to=${TO}&until=tomorrow`, 'request-link'],
    ['with a long memo', `https://a.example/pay?to=${TO}&memo=${'x'.repeat(257)}`, 'request-memo'],
    ['that is endless', `https://a.example/pay?to=${TO}&memo=${'x'.repeat(9_000)}`, 'request-link'],
    ['that is a script', 'javascript:alert(1)', 'request-link'],
  ])('%s is refused', (_what, text, code) => {
    expect(readRequest(text, 'tiotw', NOW)).toMatchObject({ ok: false, error: { code } });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void readRequest(text, 'tiotw', NOW)));
  });
});
