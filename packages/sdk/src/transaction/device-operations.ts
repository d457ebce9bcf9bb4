/**
 * Operations about devices and their makers. Their signatures are statements of their own (see
 * protocol/digests): whoever holds the key calls these, anybody may carry the result in a transaction.
 */

import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { vrfProve } from '@iotw/kernel/vrf';
import {
  batchDigest,
  claimDigest,
  handoverDigest,
  makerHostsDigest,
  possessionDigest,
  presenceDigest,
  registerDigest,
  revokeDigest,
  ticketAlpha,
} from '@iotw/protocol/digests';
import { DEVICE_CLASS, type Operation, REVOKE_KIND } from '@iotw/protocol/operations';

type Named<N extends Operation['type']> = Extract<Operation, { type: N }>;

export interface DeviceOrigin {
  readonly maker: number;
  readonly batch: number;
  /** Index into the genesis' regions. */
  readonly region: number;
  readonly deviceClass: keyof typeof DEVICE_CLASS;
}

/** Puts a device on the ledger: its batch vouches for it, and it shows that it holds its key. */
export function deviceRegister(
  network: Uint8Array,
  origin: DeviceOrigin,
  batchKeys: KeyPair,
  deviceKeys: KeyPair,
): Named<'deviceRegister'> {
  const { maker, batch, region } = origin;
  const content = {
    key: deviceKeys.publicKey,
    maker,
    batch,
    region,
    deviceClass: DEVICE_CLASS[origin.deviceClass],
  };
  return {
    type: 'deviceRegister',
    ...content,
    batchSignature: sign(registerDigest(network, content), batchKeys.secretKey),
    deviceSignature: sign(possessionDigest(network, content), deviceKeys.secretKey),
  };
}

/**
 * `owner` (32-byte key, the transaction's sender) takes an unclaimed device, which agrees by signing.
 * `changes` is the ledger's count of its ownership changes (`getDevice`): an old consent is void.
 */
export function deviceClaim(
  network: Uint8Array,
  owner: Uint8Array,
  changes: number,
  deviceKeys: KeyPair,
): Named<'deviceClaim'> {
  const device = deviceKeys.publicKey;
  const digest = claimDigest(network, device, owner, changes);
  return { type: 'deviceClaim', device, deviceSignature: sign(digest, deviceKeys.secretKey) };
}

/** The sender, its owner, lets the device (32-byte key) go. */
export function deviceRelease(device: Uint8Array): Named<'deviceRelease'> {
  return { type: 'deviceRelease', device };
}

/**
 * The new owner's acceptance (64 bytes) of a device (32-byte key) from its present owner (32-byte key).
 * `changes` is the ledger's count of its ownership changes (`getDevice`): it is good for one hand-over.
 */
export function acceptHandover(
  network: Uint8Array,
  device: Uint8Array,
  from: Uint8Array,
  changes: number,
  newOwner: KeyPair,
): Uint8Array {
  return sign(handoverDigest(network, device, from, newOwner.publicKey, changes), newOwner.secretKey);
}

/** The sender, its owner, hands the device to `to` (32-byte key), who accepted it (`acceptHandover`). */
export function deviceHandover(
  device: Uint8Array,
  to: Uint8Array,
  acceptance: Uint8Array,
): Named<'deviceHandover'> {
  return { type: 'deviceHandover', device, to, acceptance };
}

/** The maker's root revokes one device (32-byte key) or a whole batch (its number). */
export function deviceRevoke(
  network: Uint8Array,
  maker: number,
  what: Uint8Array | number,
  rootKeys: KeyPair,
): Named<'deviceRevoke'> {
  const content =
    typeof what === 'number'
      ? { maker, kind: REVOKE_KIND.batch, device: new Uint8Array(32), batch: what }
      : { maker, kind: REVOKE_KIND.device, device: what, batch: 0 };
  const signature = sign(revokeDigest(network, content), rootKeys.secretKey);
  return { type: 'deviceRevoke', ...content, signature };
}

/** A device's ticket: it is there in `epoch`, hosted by trust node `host`. One counts per epoch. */
export function presence(
  network: Uint8Array,
  device: number,
  epoch: number,
  host: number,
  deviceKeys: KeyPair,
): Named<'presence'> {
  const signature = sign(presenceDigest(network, device, epoch, host), deviceKeys.secretKey);
  return { type: 'presence', device, epoch, host, signature };
}

/**
 * A device's ticket over `seed`, that of the running `epoch`, for the next epoch's pool (election mode
 * vrf). Whether it has won the ledger says; one counts per epoch.
 */
export function ticket(
  network: Uint8Array,
  device: number,
  epoch: number,
  seed: Uint8Array,
  deviceKeys: KeyPair,
): Named<'ticket'> {
  const proof = vrfProve(deviceKeys.secretKey, ticketAlpha(network, seed, epoch, device));
  return { type: 'ticket', device, epoch, proof };
}

/**
 * The trust nodes that a maker wants for its devices, by the maker's root key; none: no wish. `change`: one more than the
 * ledger's count of the maker's changes.
 */
export function makerHosts(
  network: Uint8Array,
  wish: Omit<Named<'makerHosts'>, 'type' | 'signature'>,
  rootKeys: KeyPair,
): Named<'makerHosts'> {
  return {
    type: 'makerHosts',
    ...wish,
    signature: sign(makerHostsDigest(network, wish), rootKeys.secretKey),
  };
}

/** The maker's root opens a batch key for at most `quota` devices, active after `activationEpochs`. */
export function makerBatch(
  network: Uint8Array,
  batch: Omit<Named<'makerBatch'>, 'type' | 'signature'>,
  rootKeys: KeyPair,
): Named<'makerBatch'> {
  return {
    type: 'makerBatch',
    ...batch,
    signature: sign(batchDigest(network, batch), rootKeys.secretKey),
  };
}
