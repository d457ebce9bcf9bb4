import { concatBytes, readU16, readU32, writeU16, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ATTESTATION_BYTES, type Attestation, decodeAttestation, encodeAttestation } from './attestation.js';
import type { Presence, Ticket } from './operations.js';

/** Why a device did not attest; one byte on the wire. */
export const REFUSAL = {
  malformed: 1,
  'lane-unknown': 2,
  'header-signature': 3,
  'root-mismatch': 4,
  'counter-exhausted': 5,
  'assigner-unknown': 6,
  'assigner-signature': 7,
} as const;
export type Refusal = keyof typeof REFUSAL;

/** What a device publishes on its `result` topic: 0x00 and an attestation, or 0x01 and a refusal code. */
export type DeviceResult =
  | { readonly kind: 'attestation'; readonly attestation: Attestation }
  | { readonly kind: 'refusal'; readonly code: number };

export function encodeDeviceResult(result: DeviceResult): Uint8Array {
  return result.kind === 'attestation'
    ? concatBytes(Uint8Array.of(0), encodeAttestation(result.attestation))
    : Uint8Array.of(1, result.code);
}

/** Errors: `malformed`. */
export function decodeDeviceResult(b: Uint8Array): Result<DeviceResult> {
  if (b[0] === 0 && b.length === 1 + ATTESTATION_BYTES) {
    const attestation = decodeAttestation(b.subarray(1));
    return attestation.ok ? ok({ kind: 'attestation', attestation: attestation.value }) : attestation;
  }
  if (b[0] === 1 && b.length === 2) return ok({ kind: 'refusal', code: b[1]! });
  return fail(
    'malformed',
    'A device result is 0x00 and an attestation of 189 bytes, or 0x01 and one code byte.',
  );
}

/** What a device publishes on its `status` topic: 0x00 offline (its will), 0x01 and a presence ticket, 0x02 and an election ticket. */
export type DeviceStatus =
  | { readonly kind: 'offline' }
  | { readonly kind: 'presence'; readonly ticket: Presence }
  | { readonly kind: 'ticket'; readonly ticket: Ticket };

/** device u32, epoch u32, host u16, signature 64. */
const TICKET_BYTES = 74;
/** device u32, epoch u32, proof 80. */
const ELECTION_TICKET_BYTES = 88;

export function encodeDeviceStatus(status: DeviceStatus): Uint8Array {
  if (status.kind === 'offline') return Uint8Array.of(0);
  if (status.kind === 'ticket') {
    const { device, epoch, proof } = status.ticket;
    const b = new Uint8Array(1 + ELECTION_TICKET_BYTES);
    b[0] = 2;
    writeU32(b, 1, device);
    writeU32(b, 5, epoch);
    b.set(proof, 9);
    return b;
  }
  const b = new Uint8Array(1 + TICKET_BYTES);
  b[0] = 1;
  writeU32(b, 1, status.ticket.device);
  writeU32(b, 5, status.ticket.epoch);
  writeU16(b, 9, status.ticket.host);
  b.set(status.ticket.signature, 11);
  return b;
}

/** Errors: `malformed`. */
export function decodeDeviceStatus(b: Uint8Array): Result<DeviceStatus> {
  if (b.length === 1 && b[0] === 0) return ok({ kind: 'offline' });
  if (b.length === 1 + ELECTION_TICKET_BYTES && b[0] === 2) {
    return ok({
      kind: 'ticket',
      ticket: { device: readU32(b, 1), epoch: readU32(b, 5), proof: b.slice(9) },
    });
  }
  if (b.length !== 1 + TICKET_BYTES || b[0] !== 1) {
    return fail(
      'malformed',
      'A device status is 0x00, 0x01 and a presence ticket of 74 bytes, or 0x02 and an election ticket of 88.',
    );
  }
  return ok({
    kind: 'presence',
    ticket: { device: readU32(b, 1), epoch: readU32(b, 5), host: readU16(b, 9), signature: b.slice(11) },
  });
}

/** trust node u16, epoch u32, signature 64: what a device sends as its MQTT password (raw bytes or base64url). */
/** What a trust node publishes on a device's `number` topic: its number on the ledger, u32. */
export function encodeDeviceNumber(device: number): Uint8Array {
  const b = new Uint8Array(4);
  writeU32(b, 0, device);
  return b;
}

/** undefined: these bytes are no number. */
export function decodeDeviceNumber(b: Uint8Array): number | undefined {
  return b.length === 4 ? readU32(b, 0) : undefined;
}

export const LOGIN_TOKEN_BYTES = 70;

export function encodeLoginToken(trustNode: number, epoch: number, signature: Uint8Array): Uint8Array {
  const b = new Uint8Array(LOGIN_TOKEN_BYTES);
  writeU16(b, 0, trustNode);
  writeU32(b, 2, epoch);
  b.set(signature, 6);
  return b;
}
