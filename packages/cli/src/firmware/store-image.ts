/**
 * The durable memory that a device is made with, byte by byte as firmware/core/store.h has it: an area with its
 * identity and two for its boot counter.
 */
import { createHash } from 'node:crypto';
import { utf8, writeU16, writeU32 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';

const AREA_BYTES = 4096;
const IDENTITY_BYTES = 512;
const HASHED_BYTES = 480;
const FLAG = { number: 1, telemetry: 2, pin: 4 } as const;
/** What erased flash holds. */
const ERASED = 0xff;

export const STORE_BYTES = 3 * AREA_BYTES;
export const MAX_HOST_BYTES = 64;

export interface StoreContent {
  readonly network: Uint8Array;
  /** The device's seed, 32 bytes, and its public key. */
  readonly seed: Uint8Array;
  readonly keys: KeyPair;
  /** On the ledger. */
  readonly number: number;
  /** The owner consents to telemetry. */
  readonly telemetry: boolean;
  readonly maker: number;
  readonly batch: number;
  readonly region: number;
  readonly deviceClass: number;
  /** Of the batch over the registration, 64 bytes. */
  readonly batchSignature: Uint8Array;
  readonly broker: Broker;
}

/** Where a device logs in. */
export interface Broker {
  /** 1 to 64 bytes of ASCII. */
  readonly host: string;
  readonly port: number;
  readonly trustNode: number;
  /** SHA-256 of the broker's SubjectPublicKeyInfo; undefined: no TLS. */
  readonly pin: Uint8Array | undefined;
}

/** The store of a new device, 12,288 bytes, with the boot counter 0. */
export function storeImage(content: StoreContent): Uint8Array {
  const store = new Uint8Array(STORE_BYTES).fill(ERASED);
  const identity = store.subarray(0, IDENTITY_BYTES).fill(0);
  const { broker } = content;
  identity.set(utf8('IOTW'), 0);
  identity[4] = 1;
  identity[5] = FLAG.number | (content.telemetry ? FLAG.telemetry : 0) | (broker.pin ? FLAG.pin : 0);
  identity.set(content.network, 8);
  identity.set(content.seed, 40);
  writeU32(identity, 72, content.number);
  writeU16(identity, 76, content.maker);
  writeU32(identity, 78, content.batch);
  identity[82] = content.region;
  identity[83] = content.deviceClass;
  identity.set(content.batchSignature, 84);
  if (broker.pin !== undefined) identity.set(broker.pin, 148);
  writeU16(identity, 180, broker.port);
  const host = utf8(broker.host);
  identity[182] = host.length;
  identity.set(host, 183);
  writeU16(identity, 247, broker.trustNode);
  identity.set(sha256(identity.subarray(0, HASHED_BYTES)), HASHED_BYTES);
  const boot = store.subarray(AREA_BYTES);
  boot.set(utf8('BOOT'), 0);
  writeU32(boot, 4, 0);
  boot.set(sha256(boot.subarray(0, 8), content.keys.publicKey).subarray(0, 8), 8);
  return store;
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
