import { toHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { readResult } from './answer.js';
import type { Connection } from './connection.js';
import { callJson, path } from './request.js';

export interface DeviceInfo {
  /** Number on the ledger. */
  readonly device: number;
  /** Hex. */
  readonly key: string;
  readonly maker: number;
  readonly batch: number;
  readonly region: string;
  readonly deviceClass: string;
  /** Address; null: unclaimed. */
  readonly owner: string | null;
  /** What a claim must sign, see `deviceClaim`. */
  readonly ownershipChanges: number;
  /** Trust node of its last presence. */
  readonly host: number | null;
  /** Trust node the policy gives it (spec: 14.8); null: it is not in the pool that was frozen last. */
  readonly recommendedHost: number | null;
  readonly status: 'active' | 'blacklisted' | 'revoked';
  readonly registeredEpoch: number;
  readonly presentEpoch: number | null;
  readonly uptimeEpochs: number;
  /** Number of the newest attestation that the ledger took, and the head of its own chain behind it (hex). */
  readonly boot: number;
  readonly counter: number;
  readonly head: string;
  /** Base units since it was registered. */
  readonly earned: number;
}

/** Why a device was paid in an ended epoch, or not. Counts are null where only the payment is still kept. */
export interface WhyPaid {
  readonly device: number;
  readonly epoch: number;
  readonly inPool: boolean;
  readonly present: boolean | null;
  readonly removed: boolean | null;
  readonly mined: number | null;
  readonly witnessed: number | null;
  readonly unpaid: number | null;
  readonly missed: number | null;
  /** Address that was paid. */
  readonly account: string | null;
  /** Base units. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
  readonly issued: number;
  readonly minerWork: number;
  readonly witnessWork: number;
  /** The same in sentences. */
  readonly reasons: readonly string[];
}

/** A device by number or 32-byte key (bytes or hex). */
export type DeviceName = number | string | Uint8Array;

function deviceText(device: DeviceName): string {
  return device instanceof Uint8Array ? toHex(device) : String(device);
}

/** GET /v1/devices/:id. Codes: those of a call, `device-unknown`. */
export async function getDevice(connection: Connection, device: DeviceName): Promise<Result<DeviceInfo>> {
  const answer = await callJson(connection, { path: path`/v1/devices/${deviceText(device)}` });
  return readResult<DeviceInfo>(answer, {
    device: 'number',
    key: 'string',
    maker: 'number',
    batch: 'number',
    region: 'string',
    deviceClass: 'string',
    owner: 'any',
    ownershipChanges: 'number',
    host: 'any',
    recommendedHost: 'any',
    status: 'string',
    registeredEpoch: 'number',
    presentEpoch: 'any',
    uptimeEpochs: 'number',
    boot: 'number',
    counter: 'number',
    head: 'string',
    earned: 'number',
  });
}

/** GET /v1/devices/:id/why?epoch=. Codes: those of a call, `device-unknown`, `epoch-not-ended`, `settlement-not-kept`. */
export async function whyPaid(
  connection: Connection,
  device: DeviceName,
  epoch: number,
): Promise<Result<WhyPaid>> {
  const answer = await callJson(connection, {
    path: path`/v1/devices/${deviceText(device)}/why`,
    query: { epoch },
  });
  return readResult<WhyPaid>(answer, {
    device: 'number',
    epoch: 'number',
    inPool: 'boolean',
    present: 'any',
    removed: 'any',
    mined: 'any',
    witnessed: 'any',
    unpaid: 'any',
    missed: 'any',
    account: 'any',
    minerAmount: 'number',
    witnessAmount: 'number',
    issued: 'number',
    minerWork: 'number',
    witnessWork: 'number',
    reasons: 'array',
  });
}
