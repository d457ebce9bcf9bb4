/** Digests of the statements that ride inside operations (spec: clause 4). Each returns 32 bytes to be signed. */
import { concatBytes, writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import {
  type DeviceRegister,
  type DeviceRevoke,
  type KeyRotate,
  type MakerBatch,
  type MakerHosts,
  Trade,
  type Trade as TradeOperation,
} from './operations.js';

function u(...parts: readonly (readonly [value: number, bytes: 1 | 2 | 4 | 8])[]): Uint8Array {
  const b = new Uint8Array(parts.reduce((n, [, size]) => n + size, 0));
  let at = 0;
  for (const [value, size] of parts) {
    if (size === 1) b[at] = value;
    else if (size === 2) writeU16(b, at, value);
    else if (size === 4) writeU32(b, at, value);
    else writeU64(b, at, value);
    at += size;
  }
  return b;
}

/** The device's ticket: network, device number, epoch, host. */
export function presenceDigest(network: Uint8Array, device: number, epoch: number, host: number): Uint8Array {
  return signingDigest(DOMAIN.presence, network, u([device, 4], [epoch, 4], [host, 2]));
}

/** What a device applies its VRF to for its ticket of an epoch: that epoch's seed, the epoch, its number. */
export function ticketAlpha(
  network: Uint8Array,
  seed: Uint8Array,
  epoch: number,
  device: number,
): Uint8Array {
  return signingDigest(DOMAIN.ticket, network, concatBytes(seed, u([epoch, 4], [device, 4])));
}

/** Login token content: device key, trust node, epoch. */
export function loginDigest(
  network: Uint8Array,
  deviceKey: Uint8Array,
  trustNode: number,
  epoch: number,
): Uint8Array {
  return signingDigest(DOMAIN.login, network, concatBytes(deviceKey, u([trustNode, 2], [epoch, 4])));
}

/** The device signs who becomes its owner; `changes` is the ledger's count of its ownership changes. */
export function claimDigest(
  network: Uint8Array,
  deviceKey: Uint8Array,
  owner: Uint8Array,
  changes: number,
): Uint8Array {
  return signingDigest(DOMAIN.claim, network, concatBytes(deviceKey, owner, u([changes, 4])));
}

/**
 * The new owner accepts a device from its present owner; `changes` is the ledger's count of its ownership
 * changes, so that an acceptance is good for one hand-over.
 */
export function handoverDigest(
  network: Uint8Array,
  deviceKey: Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
  changes: number,
): Uint8Array {
  return signingDigest(DOMAIN.handover, network, concatBytes(deviceKey, from, to, u([changes, 4])));
}

/**
 * A device's owner says at `timeMs` whether data of its use may be shared; `changes` is the ledger's count of its ownership changes, so that the word
 * ends with the ownership.
 */
export function consentDigest(
  network: Uint8Array,
  deviceKey: Uint8Array,
  owner: Uint8Array,
  changes: number,
  share: boolean,
  timeMs: number,
): Uint8Array {
  const said = u([changes, 4], [share ? 1 : 0, 1], [timeMs, 8]);
  return signingDigest(DOMAIN.consent, network, concatBytes(deviceKey, owner, said));
}

/** Signed by the batch key. */
export function registerDigest(
  network: Uint8Array,
  r: Pick<DeviceRegister, 'key' | 'maker' | 'batch' | 'region' | 'deviceClass'>,
): Uint8Array {
  return signingDigest(
    DOMAIN.register,
    network,
    concatBytes(r.key, u([r.maker, 2], [r.batch, 4], [r.region, 1], [r.deviceClass, 1])),
  );
}

/** Signed by the device: it holds the key that is registered. */
export function possessionDigest(
  network: Uint8Array,
  r: Pick<DeviceRegister, 'key' | 'maker' | 'batch' | 'region' | 'deviceClass'>,
): Uint8Array {
  return signingDigest(
    DOMAIN.possession,
    network,
    concatBytes(r.key, u([r.maker, 2], [r.batch, 4], [r.region, 1], [r.deviceClass, 1])),
  );
}

/** Signed by the maker's root key. */
export function batchDigest(network: Uint8Array, b: Omit<MakerBatch, 'signature'>): Uint8Array {
  return signingDigest(
    DOMAIN.batch,
    network,
    concatBytes(u([b.maker, 2], [b.batch, 4]), b.key, u([b.quota, 4], [b.activationEpochs, 2])),
  );
}

/** Signed by the maker's root key. */
export function makerHostsDigest(network: Uint8Array, m: Omit<MakerHosts, 'signature'>): Uint8Array {
  const hosts = m.hosts.map((host) => [host, 2] as const);
  return signingDigest(DOMAIN.makerHosts, network, u([m.maker, 2], [m.change, 4], ...hosts));
}

/** Signed by the maker's root key. */
export function revokeDigest(network: Uint8Array, r: Omit<DeviceRevoke, 'signature'>): Uint8Array {
  return signingDigest(
    DOMAIN.revoke,
    network,
    concatBytes(u([r.maker, 2], [r.kind, 1]), r.device, u([r.batch, 4])),
  );
}

/** Signed by the new signing key; `sender` and `sequence` are the transaction's, so it can't be replayed. */
export function rotateDigest(
  network: Uint8Array,
  r: Omit<KeyRotate, 'signature'>,
  sender: Uint8Array,
  sequence: number,
): Uint8Array {
  return signingDigest(
    DOMAIN.rotate,
    network,
    concatBytes(u([r.role, 1], [r.index, 2]), r.key, r.linkKey, sender, u([sequence, 8])),
  );
}

/** Signed by a trade's counterparty: the trade without countersignature, its sender, sequence and place. */
export function countersignDigest(
  network: Uint8Array,
  trade: TradeOperation,
  sender: Uint8Array,
  sequence: number,
  operation: number,
): Uint8Array {
  const content = Trade.serialize({ ...trade, countersignature: new Uint8Array(0) });
  return signingDigest(
    DOMAIN.countersign,
    network,
    concatBytes(sender, u([sequence, 8], [operation, 2]), content),
  );
}
