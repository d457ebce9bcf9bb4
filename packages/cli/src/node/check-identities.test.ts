import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import type { Ledger } from '@iotw/ledger/ledger';
import { describe, expect, it } from 'vitest';
import { awaitsAdmission, checkKeys } from './check-identities.js';

const seed = (n: number): Uint8Array => fromHex(n.toString(16).padStart(2, '0').repeat(32), 32)!;
const server = (index: number, key = index) => ({
  index,
  keys: keyPairFromSeed(seed(key)),
  vrfKeys: vrfKeyPairFromSeed(seed(100 + index)),
});
/** A ledger that lists so many ledger servers, by their numbers' keys. */
const listing = (rows: number): Pick<Ledger, 'trustNodes' | 'ledgerServers'> =>
  ({
    trustNodes: { rows: 0, read: () => undefined },
    ledgerServers: {
      rows,
      read: (index: number) =>
        index < rows
          ? { key: server(index).keys.publicKey, vrfKey: server(index).vrfKeys.publicKey }
          : undefined,
    },
  }) as unknown as Pick<Ledger, 'trustNodes' | 'ledgerServers'>;

describe('a ledger server that its own ledger does not list', () => {
  it.each([
    ['may be admitted by a round that it still has to fetch from the others', 4, true, true],
    ['alone on its engine has nobody to fetch from', 4, false, false],
    ['has nobody to fetch from where the ledger lists one server', 1, true, false],
    ['is none of these once it is listed', 5, true, false],
  ])('%s', (_, rows, onCometBft, awaits) => {
    expect(awaitsAdmission(listing(rows), { ledger: server(4) }, onCometBft)).toBe(awaits);
  });

  it('passes only while it awaits; the ledger must list the keys that it holds from then on', () => {
    const held = { trust: [], ledger: server(4) };
    expect(checkKeys(listing(4), held, true)).toMatchObject({ ok: true });
    expect(checkKeys(listing(4), held)).toMatchObject({ ok: false, error: { code: 'node-key-wrong' } });
    expect(checkKeys(listing(5), held)).toMatchObject({ ok: true });
    const other = { trust: [], ledger: server(4, 9) };
    expect(toHex(other.ledger.keys.publicKey)).not.toBe(toHex(held.ledger.keys.publicKey));
    expect(checkKeys(listing(5), other)).toMatchObject({ ok: false, error: { code: 'node-key-wrong' } });
  });
});
