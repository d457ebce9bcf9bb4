import { KeyIndex, tableSalt } from './key-index.js';
import { bytes, F64, Table, U8, U16, U32 } from './table.js';

/** No owner account, no host. */
export const NO_ACCOUNT = 0xffff_ffff;
export const NO_HOST = 0xffff;
/** The term of who is blacklisted until a vote. */
export const NO_TERM = 0xffff_ffff;

/** Why a device is on the blacklist. Its own signature convicts it of the first two; the others can be appealed. */
export const BLACKLIST_REASON = {
  none: 0,
  /** Its hash differs from the header it cites. */
  lie: 1,
  /** Two attestations under one number. */
  equivocation: 2,
  /** It cited another header than the block's, which nobody has shown. */
  unproven: 3,
  /** It sat in a committee that disagreed, by the literal rule. */
  disagreement: 4,
} as const;

const SCHEMA = {
  key: bytes(32),
  maker: U16,
  /** The maker's own number of the batch, and its row in Batches. */
  batch: U32,
  batchRow: U32,
  region: U8,
  deviceClass: U8,
  /** Account number, NO_ACCOUNT where unclaimed. */
  owner: U32,
  /** Claims and releases so far. */
  changes: U32,
  /** Trust node of its last presence, NO_HOST before. */
  host: U16,
  registeredEpoch: U32,
  /** First epoch whose pool may hold it: its registration's delay, and its batch's. */
  activeFrom: U32,
  /** 1: revoked by its maker, for ever. */
  revoked: U8,
  /** First epoch whose pool may hold it again; 0: not blacklisted; NO_TERM: until a vote. */
  blacklistedUntil: U32,
  /** BLACKLIST_REASON, and the digest of the attestation it is on the list for. */
  blacklistReason: U8,
  blacklistCase: bytes(32),
  /** Left out of draws for refRound in [removedFrom, removedUntil); 0: not removed, no end. */
  removedFrom: F64,
  removedUntil: F64,
  /** 1 + epoch in which it was last present (ticket or attestation), and by ticket; 0: never. */
  presentEpoch: U32,
  ticketEpoch: U32,
  uptimeEpochs: U32,
  /** 1 + epoch over whose seed its last winning ticket is, and how many that won; 0: never. */
  drawTicketEpoch: U32,
  drawTickets: U32,
  /** Evidence in the fixed point of assignment/reputation. */
  answeredEvidence: F64,
  missedEvidence: F64,
  /** Number (boot, counter) of the newest included attestation and the head behind it. */
  boot: U32,
  counter: U32,
  head: bytes(32),
  /** The head anchored at the last epoch edge. */
  anchoredHead: bytes(32),
  /** Counts of the running epoch. */
  mined: U32,
  witnessed: U32,
  /** Answers beyond the paid committee. */
  unpaid: U32,
  missed: U32,
  /** Base units since it was registered. */
  earned: F64,
};

const REASON_NAMES = Object.keys(BLACKLIST_REASON) as (keyof typeof BLACKLIST_REASON)[];

export type DeviceStatus = 'active' | 'blacklisted' | 'revoked';

export interface DeviceRecord {
  readonly device: number;
  readonly key: Uint8Array;
  readonly maker: number;
  readonly batch: number;
  readonly region: number;
  readonly deviceClass: number;
  readonly owner: number | undefined;
  readonly changes: number;
  readonly host: number | undefined;
  readonly registeredEpoch: number;
  readonly activeFrom: number;
  readonly status: DeviceStatus;
  readonly blacklistedUntil: number;
  readonly blacklistReason: keyof typeof BLACKLIST_REASON;
  readonly blacklistCase: Uint8Array;
  readonly presentEpoch: number | undefined;
  readonly uptimeEpochs: number;
  readonly answeredEvidence: number;
  readonly missedEvidence: number;
  readonly boot: number;
  readonly counter: number;
  readonly head: Uint8Array;
  readonly anchoredHead: Uint8Array;
  readonly mined: number;
  readonly witnessed: number;
  readonly unpaid: number;
  readonly missed: number;
  readonly earned: number;
}

/** Device nodes by number, in the order of registration. */
export class Devices extends Table<typeof SCHEMA> {
  readonly #index: KeyIndex;

  constructor(salt: Uint8Array) {
    super('devices', SCHEMA);
    this.#index = new KeyIndex(tableSalt(salt, 3));
  }

  /** The device number of a 32-byte key, or -1. */
  find(key: Uint8Array): number {
    return this.#index.find(this.col.key, key, 0);
  }

  /** Adds an unclaimed device without host; the key must be unknown. */
  register(key: Uint8Array): number {
    const device = this.append();
    this.col.key.set(key, 32 * device);
    this.col.owner[device] = NO_ACCOUNT;
    this.col.host[device] = NO_HOST;
    this.#index.add(this.col.key, device);
    return device;
  }

  /** A copy of the device's 32-byte key. */
  key(device: number): Uint8Array {
    return this.bytes('key', device);
  }

  /** The device as a plain object; the status is what the device's own row says (batches can be revoked too). */
  read(device: number): DeviceRecord | undefined {
    if (device < 0 || device >= this.rows) return undefined;
    const c = this.col;
    const owner = c.owner[device]!;
    const host = c.host[device]!;
    const present = c.presentEpoch[device]!;
    return {
      device,
      key: this.key(device),
      maker: c.maker[device]!,
      batch: c.batch[device]!,
      region: c.region[device]!,
      deviceClass: c.deviceClass[device]!,
      owner: owner === NO_ACCOUNT ? undefined : owner,
      changes: c.changes[device]!,
      host: host === NO_HOST ? undefined : host,
      registeredEpoch: c.registeredEpoch[device]!,
      activeFrom: c.activeFrom[device]!,
      status: c.revoked[device] ? 'revoked' : c.blacklistedUntil[device] ? 'blacklisted' : 'active',
      blacklistedUntil: c.blacklistedUntil[device]!,
      blacklistReason: REASON_NAMES[c.blacklistReason[device]!]!,
      blacklistCase: this.bytes('blacklistCase', device),
      presentEpoch: present === 0 ? undefined : present - 1,
      uptimeEpochs: c.uptimeEpochs[device]!,
      answeredEvidence: c.answeredEvidence[device]!,
      missedEvidence: c.missedEvidence[device]!,
      boot: c.boot[device]!,
      counter: c.counter[device]!,
      head: this.bytes('head', device),
      anchoredHead: this.bytes('anchoredHead', device),
      mined: c.mined[device]!,
      witnessed: c.witnessed[device]!,
      unpaid: c.unpaid[device]!,
      missed: c.missed[device]!,
      earned: c.earned[device]!,
    };
  }

  protected override dropped(row: number): void {
    this.#index.removeLast(this.col.key, row);
  }

  protected override loaded(): void {
    this.#index.rebuild(this.col.key, this.rows);
  }
}
