import { assert } from '@iotw/kernel/assert';
import type { Failpoints } from '../failpoints/failpoints.js';
import type { MeshLimits } from './limits.js';

/** Roles that hold a link key on the ledger. */
export type PeerRole = 'trust' | 'ledger' | 'api';

/** A peer as the ledger numbers it. Several link keys may map to one identity while a key is rotated. */
export interface PeerIdentity {
  readonly role: PeerRole;
  readonly index: number;
}

/** Textual name of a peer: `trust:3`, `ledger:0`, `api:0`. */
export type PeerId = `${PeerRole}:${number}`;

/** Roles by their number in the hello frame; the order also decides ties. */
export const ROLES: readonly PeerRole[] = ['ledger', 'trust', 'api'];

/** Name of an identity. */
export function peerId(identity: PeerIdentity): PeerId {
  return `${identity.role}:${identity.index}`;
}

/** The identity a name stands for; throws on a malformed name, which only configuration code can hand in. */
export function parsePeerId(id: PeerId): PeerIdentity {
  const [role, index] = id.split(':');
  const found = ROLES.find((name) => name === role);
  assert(
    found !== undefined && /^(0|[1-9]\d{0,9})$/.test(index ?? ''),
    `a peer is named role:index, not ${id}`,
  );
  return { role: found, index: Number(index) };
}

/** Total order of identities (role number, then index): negative if `a` comes first. */
export function comparePeers(a: PeerIdentity, b: PeerIdentity): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.index - b.index;
}

/** Every reason a link is refused or closed; stable, each a row of docs/errors.md. */
export const MESH_CODES = [
  'mesh-bad-frame',
  'mesh-connect-failed',
  'mesh-connection-lost',
  'mesh-drain-timeout',
  'mesh-duplicate-link',
  'mesh-endpoint-closed',
  'mesh-frame-timeout',
  'mesh-frame-too-large',
  'mesh-handshake-failed',
  'mesh-handshake-timeout',
  'mesh-handshakes-full',
  'mesh-idle-timeout',
  'mesh-key-retired',
  'mesh-links-full',
  'mesh-listen-failed',
  'mesh-no-certificate',
  'mesh-peer-closed',
  'mesh-peer-restarted',
  'mesh-peer-unknown',
  'mesh-port-denied',
  'mesh-port-taken',
  'mesh-replaced',
  'mesh-session-reused',
  'mesh-slow-peer',
  'mesh-version',
  'mesh-wrong-network',
  'mesh-wrong-peer',
] as const;

/** A stable code of the mesh. */
export type MeshCode = (typeof MESH_CODES)[number];

/** Reads a code a peer sent in a refusal; anything else is no code of ours. */
export function asMeshCode(text: string): MeshCode | undefined {
  return MESH_CODES.find((code) => code === text);
}

/** An Ed25519 link key: the seed signs handshakes, the public key is what the ledger lists. */
export interface LinkKeyPair {
  /** 32 bytes, RFC 8032 private key. */
  readonly seed: Uint8Array;
  /** 32 bytes, RFC 8032 public key. */
  readonly publicKey: Uint8Array;
}

/** What an endpoint is built from. */
export interface MeshOptions {
  /** Network id (genesis hash), 32 bytes. */
  readonly network: Uint8Array;
  readonly self: PeerIdentity;
  /** 32-byte Ed25519 seed whose public key the ledger lists for `self`. */
  readonly linkSeed: Uint8Array;
  /** Where to accept links; absent: dial only. Port 0 takes any free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly dial: readonly { readonly peer: PeerId; readonly host: string; readonly port: number }[];
  /** The ledger's view: which identity a raw Ed25519 link key belongs to now. Must not throw. */
  readonly allowed: (peerKey: Uint8Array) => PeerIdentity | undefined;
  readonly limits?: Partial<MeshLimits>;
  readonly failpoints?: Failpoints;
  /** One line per refusal, link up or link down. */
  readonly log?: (line: string, data: Readonly<Record<string, unknown>>) => void;
}

/** One known peer: every dial target and every peer that was ever up since start. */
export interface PeerStatus {
  readonly peer: PeerId;
  readonly state: 'up' | 'down';
  /** True if this endpoint dialled the live link. */
  readonly dialed: boolean;
  /** Bytes handed to `send` and not yet taken by the kernel. */
  readonly queuedBytes: number;
  /** Last heartbeat round trip; undefined before the first. */
  readonly rttMs: number | undefined;
  /** Why the last link or dial ended. */
  readonly lastReason: MeshCode | undefined;
  /** The code the peer gave when it refused or closed last. */
  readonly refusedWith: MeshCode | undefined;
}

/** Counters since the endpoint was built. */
export interface MeshStats {
  /** Peers that are up. */
  readonly links: number;
  /** Authenticated sockets, those still greeting or draining included. */
  readonly openSockets: number;
  /** Accepted sockets that are not greeted yet. */
  readonly handshakes: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** `send` calls that returned false: no link, queue full, frame above the limit. */
  readonly sendNoLink: number;
  readonly sendQueueFull: number;
  readonly sendTooLarge: number;
  /** Ended links and refused handshakes by code. */
  readonly ended: Readonly<Partial<Record<MeshCode, number>>>;
}
