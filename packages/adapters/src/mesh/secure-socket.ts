import { constants } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { assert } from '@iotw/kernel/assert';
import { utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeFrame, FRAME_KIND } from './frame-reader.js';
import { MESH_ALPN } from './hello.js';
import { type LinkCredentials, rawLinkKey } from './link-certificate.js';
import type { MeshCode, PeerIdentity } from './types.js';

/** How long a refused socket may take to read the refusal before it is destroyed. */
const LINGER_MS = 300;

/**
 * TLS settings of both sides: 1.3 only, X25519, Ed25519 signatures, no session tickets, certificates asked
 * of both. `rejectUnauthorized` is off because no authority vouches for a link key: `pinPeer` decides, on a
 * key whose possession the handshake has proved (RFC 8446 4.4.3).
 */
export function tlsSettings(credentials: LinkCredentials) {
  return {
    key: credentials.keyPem,
    cert: credentials.certificatePem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384',
    ecdhCurve: 'X25519',
    sigalgs: 'ed25519',
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: [MESH_ALPN],
  } as const;
}

/** A peer whose key the ledger lists. */
export interface PinnedPeer {
  readonly peer: PeerIdentity;
  readonly peerKey: Uint8Array;
  /** Our own link key that this handshake used. */
  readonly ownKey: Uint8Array;
}

/**
 * Decides whether the other end of a finished handshake is a peer.
 * Errors: `mesh-version` (no common ALPN), `mesh-session-reused`, `mesh-no-certificate`, `mesh-peer-unknown`.
 */
export function pinPeer(
  socket: TLSSocket,
  allowed: (peerKey: Uint8Array) => PeerIdentity | undefined,
): Result<PinnedPeer, { readonly code: MeshCode; readonly message: string }> {
  if (socket.alpnProtocol !== MESH_ALPN) return fail('mesh-version', `The peer does not speak ${MESH_ALPN}.`);
  // A resumed session proves an old handshake, perhaps under a key that was retired since.
  if (socket.isSessionReused()) return fail('mesh-session-reused', 'The peer resumed an old TLS session.');
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return fail('mesh-no-certificate', 'The peer showed no certificate.');
  const peerKey = rawLinkKey(certificate);
  const peer = peerKey === undefined ? undefined : allowed(peerKey);
  if (peerKey === undefined || peer === undefined) {
    return fail('mesh-peer-unknown', "The peer's link key is not on the ledger; register it or rotate back.");
  }
  const own = socket.getX509Certificate();
  const ownKey = own === undefined ? undefined : rawLinkKey(own);
  assert(ownKey !== undefined, 'every handshake of ours shows an Ed25519 certificate');
  return ok({ peer, peerKey, ownKey });
}

/** Ends a socket with an optional last frame and destroys it if the other side does not follow. */
export function endSocket(socket: TLSSocket, refusal?: MeshCode): void {
  if (socket.destroyed) return;
  // Bytes that come meanwhile are dropped; destroying at once would reset and lose the refusal.
  if (refusal === undefined) socket.end();
  else socket.end(encodeFrame(FRAME_KIND.refuse, utf8(refusal)));
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
  socket.resume();
}
