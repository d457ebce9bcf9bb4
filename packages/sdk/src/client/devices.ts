import { toHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { type AccountName, accountText } from './accounts.js';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { getPage, type Page, type PageOptions } from './pages.js';
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
  /** The head that the ledger held at the last epoch's edge, hex. */
  readonly anchoredHead: string;
  /** First epoch whose pool may hold it. */
  readonly activeFrom: number;
  /** First epoch whose pool may hold it again; 0: not blacklisted; 2^32 - 1: until a vote. */
  readonly blacklistedUntil: number;
  /** `none`, `lie`, `equivocation`, `unproven`, `disagreement`. */
  readonly blacklistReason: string;
  /** Digest of the attestation it is blacklisted for, hex. */
  readonly blacklistCase: string | null;
  /** Counts of the running epoch. */
  readonly epoch: {
    readonly mined: number;
    readonly witnessed: number;
    readonly unpaid: number;
    readonly missed: number;
  };
  /** At the last epoch's edge: the share of answers to expect of it, ppm, and what it stands on. */
  readonly reputation: { readonly ppm: number; readonly answered: number; readonly missed: number };
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

const DEVICE = {
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
  reputation: 'object',
  activeFrom: 'number',
  blacklistedUntil: 'number',
  blacklistReason: 'string',
  blacklistCase: 'any',
  anchoredHead: 'string',
  epoch: 'object',
} as const;

/** GET /v1/devices/:id. Codes: those of a call, `device-unknown`. */
export async function getDevice(connection: Connection, device: DeviceName): Promise<Result<DeviceInfo>> {
  const answer = await callJson(connection, { path: path`/v1/devices/${deviceText(device)}` });
  return readResult<DeviceInfo>(answer, DEVICE);
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

/** What a list of devices is narrowed by. */
export interface DeviceFilter {
  readonly maker?: number;
  readonly host?: number;
  readonly owner?: AccountName;
  readonly status?: DeviceInfo['status'];
  /** Up to 100 keys in hex: those of them that are on the ledger, in one page. */
  readonly keys?: readonly string[];
}

/** GET /v1/devices: one page of devices by number. Codes: those of a call, `cursor-invalid`, those of the owner's account. */
export function getDevicePage(
  connection: Connection,
  { maker, host, owner, status, keys }: DeviceFilter,
  options: PageOptions = {},
): Promise<Result<Page<DeviceInfo>>> {
  const filter = {
    maker,
    host,
    owner: owner === undefined ? undefined : accountText(owner),
    status,
    keys: keys?.join(','),
  };
  return getPage(connection, '/v1/devices', { ...options, filter }, (json) =>
    readAnswer<DeviceInfo>(json, DEVICE),
  );
}

/** A block that holds something a device signed. */
export interface DeviceBlock {
  readonly round: number;
  readonly lane: number;
  readonly height: number;
}

/** GET /v1/devices/:id/blocks: one page of its answers, newest first. Codes: those of a call, `device-unknown`. */
export function getDeviceBlockPage(
  connection: Connection,
  device: DeviceName,
  options: PageOptions = {},
): Promise<Result<Page<DeviceBlock>>> {
  return getPage(connection, path`/v1/devices/${deviceText(device)}/blocks`, options, (json) =>
    readAnswer<DeviceBlock>(json, { round: 'number', lane: 'number', height: 'number' }),
  );
}

/** What an ended epoch paid a device. */
export interface Earning {
  readonly epoch: number;
  /** Agreed time at which the epoch began, ms; null: the server does not keep it. */
  readonly startMs: number | null;
  /** Address that was paid. */
  readonly account: string | null;
  /** Base units. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
}

/**
 * GET /v1/devices/:id/earnings: one page of what it was paid, newest first. Codes: those of a call, `device-unknown`,
 * `cursor-invalid`.
 */
export function getEarningPage(
  connection: Connection,
  device: DeviceName,
  options: PageOptions = {},
): Promise<Result<Page<Earning>>> {
  return getPage(connection, path`/v1/devices/${deviceText(device)}/earnings`, options, (json) =>
    readAnswer<Earning>(json, {
      epoch: 'number',
      startMs: 'any',
      account: 'any',
      minerAmount: 'number',
      witnessAmount: 'number',
    }),
  );
}

/** What a device earned on a day. */
export interface DayEarned {
  /** Its first ms, UTC; null: of epochs whose time the server does not keep. */
  readonly dayMs: number | null;
  /** Base units. */
  readonly minerAmount: number;
  readonly witnessAmount: number;
  /** Epochs that paid. */
  readonly epochs: number;
}

const DAY_MS = 86_400_000;

/** Earnings, newest first, by the day (UTC) on which their epochs began. */
export function earnedPerDay(earnings: readonly Earning[]): readonly DayEarned[] {
  const days = new Map<number | null, DayEarned>();
  for (const { startMs, minerAmount, witnessAmount } of earnings) {
    const dayMs = startMs === null ? null : startMs - (startMs % DAY_MS);
    const day = days.get(dayMs) ?? { dayMs, minerAmount: 0, witnessAmount: 0, epochs: 0 };
    days.set(dayMs, {
      dayMs,
      minerAmount: day.minerAmount + minerAmount,
      witnessAmount: day.witnessAmount + witnessAmount,
      epochs: day.epochs + 1,
    });
  }
  return [...days.values()];
}
