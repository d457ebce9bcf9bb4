import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type MeshCode, type PeerIdentity, peerId, ROLES } from './types.js';

/** Protocol version of the mesh; the ALPN name changes with incompatible framing, this with meaning. */
export const MESH_VERSION = 1;

/** ALPN protocol id (RFC 7301). */
export const MESH_ALPN = 'iotw/1';

/** version u16, network 32, role u8, index u32, instance 16, dial u32, maxFrameBytes u32; little endian. */
export const HELLO_BYTES = 63;

/** First frame of each side, inside TLS: binds the link to network, role, index and version. */
export interface Hello {
  readonly network: Uint8Array;
  readonly identity: PeerIdentity;
  /** 16 random bytes chosen when the process started: tells a restarted peer from a second dial. */
  readonly instance: Uint8Array;
  /** Number of this dial at the dialling side; the accepting side answers with the same number. */
  readonly dial: number;
  /** Largest data payload the sender takes. */
  readonly maxFrameBytes: number;
}

/** Encodes a hello frame's payload. */
export function encodeHello(hello: Hello): Buffer {
  const out = Buffer.alloc(HELLO_BYTES);
  out.writeUInt16LE(MESH_VERSION, 0);
  out.set(hello.network, 2);
  out[34] = ROLES.indexOf(hello.identity.role);
  out.writeUInt32LE(hello.identity.index, 35);
  out.set(hello.instance, 39);
  out.writeUInt32LE(hello.dial, 55);
  out.writeUInt32LE(hello.maxFrameBytes, 59);
  return out;
}

/**
 * Decodes and checks a peer's hello against our network and the identity its key has on the ledger.
 * Errors: `mesh-version`, `mesh-bad-frame`, `mesh-wrong-network`, `mesh-wrong-peer`.
 */
export function checkHello(
  payload: Buffer,
  network: Uint8Array,
  expected: PeerIdentity,
): Result<Hello, HelloFailure> {
  // The version is read first and alone, so that a peer of another version is named as that.
  if (payload.length < 2) return fail('mesh-bad-frame', 'The hello frame is too short.');
  const version = payload.readUInt16LE(0);
  if (version !== MESH_VERSION) {
    return fail('mesh-version', `The peer speaks mesh version ${version}, this node ${MESH_VERSION}.`);
  }
  if (payload.length !== HELLO_BYTES)
    return fail('mesh-bad-frame', `A hello frame has ${HELLO_BYTES} bytes.`);
  if (!equalBytes(payload.subarray(2, 34), network)) {
    return fail('mesh-wrong-network', 'The peer belongs to another network (its genesis hash differs).');
  }
  const role = ROLES[payload[34]!];
  const index = payload.readUInt32LE(35);
  if (role !== expected.role || index !== expected.index) {
    return fail(
      'mesh-wrong-peer',
      `The peer's key belongs to ${peerId(expected)}, but it claims another name.`,
    );
  }
  return ok({
    network,
    identity: expected,
    instance: Uint8Array.from(payload.subarray(39, 55)),
    dial: payload.readUInt32LE(55),
    maxFrameBytes: payload.readUInt32LE(59),
  });
}

type HelloFailure = { readonly code: MeshCode; readonly message: string };
