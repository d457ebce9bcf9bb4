import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCall } from './messages.ts';

const KEY = new Uint8Array(32).fill(3);
const call = (request: unknown, id: unknown = 1) => ({ iotwSigner: 1, id, request });

describe('a call to the signer', () => {
  it.each([
    [{ type: 'state' }],
    [{ type: 'unlock' }],
    [{ type: 'look', language: 'zh-Hant', theme: 'dark' }],
    [{ type: 'add-account', name: 'Savings' }],
    [{ type: 'sign', account: 0, transaction: new Uint8Array(200) }],
    [{ type: 'consent', account: 0, device: KEY, changes: 1, share: false, timeMs: 5 }],
    [{ type: 'accept-handover', account: 2, device: KEY, from: KEY, changes: 4 }],
  ])('of a kind it knows is read: %o', (request) => {
    expect(readCall(call(request))).toEqual({ id: 1, request: { ok: true, value: request } });
  });

  it.each<[string, unknown]>([
    ['no type', {}],
    ['an unknown type', { type: 'export-keys' }],
    ['a member too many', { type: 'state', also: 1 }],
    ['a language it has not', { type: 'look', language: 'de', theme: 'dark' }],
    ['an empty name', { type: 'add-account', name: '' }],
    ['a long name', { type: 'add-account', name: 'x'.repeat(65) }],
    ['a transaction that is text', { type: 'sign', account: 0, transaction: 'ff' }],
    ['a transaction too large', { type: 'sign', account: 0, transaction: new Uint8Array(5_000_000) }],
    ['a half account', { type: 'sign', account: 0.5, transaction: KEY }],
    ['a short key', { type: 'accept-handover', account: 0, device: KEY.slice(1), from: KEY, changes: 0 }],
    [
      'a consent of no time',
      { type: 'consent', account: 0, device: KEY, changes: 1, share: true, timeMs: -1 },
    ],
    [
      'a consent that is no word',
      { type: 'consent', account: 0, device: KEY, changes: 1, share: 1, timeMs: 5 },
    ],
    ['no count', { type: 'accept-handover', account: 0, device: KEY, from: KEY, changes: -1 }],
  ])('with %s is refused', (_what, request) => {
    expect(readCall(call(request))).toMatchObject({
      request: { ok: false, error: { code: 'signer-request' } },
    });
  });

  it.each([[undefined], ['sign'], [{ id: 1, request: { type: 'state' } }], [call({ type: 'state' }, 'one')]])(
    'that is none is not answered: %o',
    (data) => {
      expect(readCall(data)).toBeUndefined();
    },
  );

  it('is never read as more than its type says, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (request) => {
        const read = readCall(call(request));
        expect(read?.request.ok === true ? typeof read.request.value.type : 'refused').toMatch(
          /string|refused/,
        );
      }),
    );
  });

  it('holds its own copy of the bytes, which the page can not change any more', () => {
    const transaction = new Uint8Array(100);
    const read = readCall(call({ type: 'sign', account: 0, transaction }));
    transaction.fill(9);
    expect(read).toMatchObject({ request: { value: { transaction: new Uint8Array(100) } } });
  });
});
