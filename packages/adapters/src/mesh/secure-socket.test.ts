import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { linkCredentials } from './link-certificate.js';
import { pinPeer } from './secure-socket.js';

const certificate = new X509Certificate(linkCredentials(new Uint8Array(32)).certificatePem);

/** What `pinPeer` asks of a socket after the handshake. */
const sound = {
  alpnProtocol: 'iotw/1' as string | false,
  isSessionReused: () => false,
  getPeerX509Certificate: () => certificate as X509Certificate | undefined,
  getX509Certificate: () => certificate,
};

it.each([
  ['a sound handshake', sound, undefined],
  ['no ALPN', { ...sound, alpnProtocol: false as const }, 'mesh-version'],
  ['a resumed session', { ...sound, isSessionReused: () => true }, 'mesh-session-reused'],
  ['no certificate', { ...sound, getPeerX509Certificate: () => undefined }, 'mesh-no-certificate'],
])('judges %s', (_, socket, code) => {
  const pinned = pinPeer(socket as unknown as TLSSocket, () => ({ role: 'trust', index: 1 }));
  expect(pinned.ok ? undefined : pinned.error.code).toBe(code);
});

it('judges a key the ledger does not list', () => {
  const pinned = pinPeer(sound as unknown as TLSSocket, () => undefined);
  expect(pinned).toMatchObject({ ok: false, error: { code: 'mesh-peer-unknown' } });
});
