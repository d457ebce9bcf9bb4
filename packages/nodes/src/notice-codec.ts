import { ContainerType, ListBasicType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { readU16, readU32, writeU16 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';
import {
  MAX_ATTEMPT_ANSWERS,
  MAX_BLOCK_TRANSACTIONS,
  MAX_INCOHERENT_ATTEMPTS,
  MAX_LEDGER_SERVERS,
  MAX_POOL_DEVICES,
  MAX_ROUND_BLOCKS,
  MAX_TRUST_NODES,
} from '@iotw/protocol/limits';
import { ELECTION_MODE, type ElectionMode, ParametersType } from '@iotw/protocol/parameters';
import {
  type EpochSnapshot,
  encodePoolDevice,
  POOL_DEVICE_BYTES,
  type PoolDevice,
} from '@iotw/protocol/pool';
import { RoundHeaderType, RoundSignatureType } from '@iotw/protocol/round';
import { Bytes32, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from '@iotw/protocol/ssz';
import {
  type ChainViewState,
  type LaneCursor,
  type LinkKeys,
  PACKED_DEVICE_BYTES,
  type RoundNotice,
} from './messages.js';

/** Snapshots in one view: the running epoch and those before it that blocks may still name. */
const MAX_SNAPSHOTS = 4;

const LaneCursorType = new ContainerType(
  { lane: U16, incarnation: U32, height: U64, hash: Bytes32, suspended: U8 },
  { typeName: 'LaneCursor' },
);
const Lanes = new ListCompositeType(LaneCursorType, MAX_TRUST_NODES);
const Keys = new ListCompositeType(Bytes32, MAX_TRUST_NODES);
const ServerKeys = new ListCompositeType(Bytes32, MAX_LEDGER_SERVERS);
const PackedDevices = bytesUpTo(PACKED_DEVICE_BYTES * MAX_POOL_DEVICES);
const Devices = new ListBasicType(U32, MAX_POOL_DEVICES);

const SnapshotType = new ContainerType(
  {
    epoch: U32,
    mode: U8,
    seed: Bytes32,
    root: Bytes32,
    /** 255: the next epoch asks for no tickets. */
    ticketBits: U8,
    parameters: ParametersType,
    trustNodes: new ListCompositeType(
      new ContainerType({ index: U16, key: Bytes32 }, { typeName: 'EpochTrustNode' }),
      MAX_TRUST_NODES,
    ),
    /** Pool devices one after another, as they are hashed into the root. */
    devices: bytesUpTo(POOL_DEVICE_BYTES * MAX_POOL_DEVICES),
  },
  { typeName: 'EpochSnapshot' },
);

const NoticeBlockType = new ContainerType(
  {
    lane: U16,
    incarnation: U32,
    height: U64,
    codes: bytesUpTo(2 * MAX_BLOCK_TRANSACTIONS),
    answers: bytesUpTo(ATTESTATION_BYTES * MAX_ATTEMPT_ANSWERS * (1 + MAX_INCOHERENT_ATTEMPTS)),
  },
  { typeName: 'NoticeBlock' },
);

const NoticeType = new ContainerType(
  {
    header: RoundHeaderType,
    signatures: new ListCompositeType(RoundSignatureType, MAX_LEDGER_SERVERS),
    blocks: new ListCompositeType(NoticeBlockType, MAX_ROUND_BLOCKS),
    lanes: Lanes,
    removed: Devices,
    reinstated: Devices,
    /** One or none. */
    snapshot: new ListCompositeType(SnapshotType, 1),
    /** Empty where none changed. */
    trustKeys: Keys,
    trustLinkKeys: Keys,
    ledgerLinkKeys: ServerKeys,
    registered: PackedDevices,
    revoked: Devices,
  },
  { typeName: 'RoundNotice' },
);

const RemovalType = new ContainerType({ device: U32, from: U64, until: U64 }, { typeName: 'Removal' });

const ViewType = new ContainerType(
  {
    round: U64,
    timeMs: U64,
    epoch: U32,
    lanes: Lanes,
    removed: new ListCompositeType(RemovalType, MAX_POOL_DEVICES),
    snapshots: new ListCompositeType(SnapshotType, MAX_SNAPSHOTS),
    trustKeys: Keys,
    trustSequences: new ListBasicType(U64, MAX_TRUST_NODES),
    /** Empty where the view is for a process with a ledger of its own. */
    trustLinkKeys: Keys,
    ledgerLinkKeys: ServerKeys,
    devices: PackedDevices,
  },
  { typeName: 'ChainView' },
);

const MODE_NAMES = new Map<number, ElectionMode>(
  Object.entries(ELECTION_MODE).map(([name, mode]) => [mode, name as ElectionMode]),
);

const NONE = new Uint8Array(0);
const NO_TICKETS = 255;

function malformed(what: string): Result<never> {
  return fail('malformed', `The message can't be read: ${what}.`);
}

export function encodeNotice(notice: RoundNotice): Uint8Array {
  return NoticeType.serialize({
    header: notice.header,
    signatures: [...notice.signatures],
    blocks: notice.blocks.map(({ codes, ...place }) => ({ ...place, codes: packCodes(codes) })),
    lanes: notice.lanes.map(packLane),
    removed: [...notice.removed],
    reinstated: [...notice.reinstated],
    snapshot: notice.snapshot === undefined ? [] : [packSnapshot(notice.snapshot)],
    trustKeys: [...(notice.trustKeys ?? [])],
    ...packLinkKeys(notice.linkKeys),
    registered: notice.registered ?? NONE,
    revoked: [...(notice.revoked ?? [])],
  });
}

/** Errors: `malformed`. */
export function decodeNotice(bytes: Uint8Array): Result<RoundNotice> {
  const decoded = decodeSsz(NoticeType, bytes, 'round notice');
  if (!decoded.ok) return decoded;
  const { header, signatures, blocks, lanes, removed, reinstated, snapshot, trustKeys } = decoded.value;
  if (blocks.some(({ codes }) => codes.length % 2 !== 0)) return malformed('a result code is cut short');
  if (blocks.some(({ answers }) => answers.length % ATTESTATION_BYTES !== 0))
    return malformed('an answer is cut short');
  const cursors = readLanes(lanes);
  if (!cursors.ok) return cursors;
  const snapshots = readSnapshots(snapshot);
  if (!snapshots.ok) return snapshots;
  const opened = snapshots.value[0];
  const linkKeys = readLinkKeys(decoded.value);
  if (!linkKeys.ok) return linkKeys;
  const { registered, revoked } = decoded.value;
  if (registered.length % PACKED_DEVICE_BYTES !== 0) return malformed('a device is cut short');
  return ok({
    header,
    signatures,
    blocks: blocks.map(({ codes, ...place }) => ({ ...place, codes: readCodes(codes) })),
    lanes: cursors.value,
    removed,
    reinstated,
    ...(opened === undefined ? {} : { snapshot: opened }),
    ...(trustKeys.length === 0 ? {} : { trustKeys }),
    ...linkKeys.value,
    ...(registered.length === 0 ? {} : { registered }),
    ...(revoked.length === 0 ? {} : { revoked }),
  });
}

export function encodeView(view: ChainViewState): Uint8Array {
  return ViewType.serialize({
    round: view.round,
    timeMs: view.timeMs,
    epoch: view.epoch,
    lanes: view.lanes.map(packLane),
    removed: view.removed.map(([device, from, until]) => ({ device, from, until })),
    snapshots: view.snapshots.map(packSnapshot),
    trustKeys: [...view.trustKeys],
    trustSequences: [...view.trustSequences],
    ...packLinkKeys(view.linkKeys),
    devices: view.devices ?? NONE,
  });
}

/** Errors: `malformed`. */
export function decodeView(bytes: Uint8Array): Result<ChainViewState> {
  const decoded = decodeSsz(ViewType, bytes, 'chain view');
  if (!decoded.ok) return decoded;
  const { lanes, removed, snapshots, trustLinkKeys, ledgerLinkKeys, devices, ...rest } = decoded.value;
  const linkKeys = readLinkKeys({ trustLinkKeys, ledgerLinkKeys });
  if (!linkKeys.ok) return linkKeys;
  if (devices.length % PACKED_DEVICE_BYTES !== 0) return malformed('a device is cut short');
  const cursors = readLanes(lanes);
  if (!cursors.ok) return cursors;
  const read = readSnapshots(snapshots);
  if (!read.ok) return read;
  return ok({
    ...rest,
    lanes: cursors.value,
    removed: removed.map(({ device, from, until }) => [device, from, until] as const),
    snapshots: read.value,
    ...linkKeys.value,
    ...(devices.length === 0 ? {} : { devices }),
  });
}

interface PackedLinkKeys {
  readonly trustLinkKeys: Uint8Array[];
  readonly ledgerLinkKeys: Uint8Array[];
}

function packLinkKeys(keys: LinkKeys | undefined): PackedLinkKeys {
  return { trustLinkKeys: [...(keys?.trust ?? [])], ledgerLinkKeys: [...(keys?.ledger ?? [])] };
}

function readLinkKeys({
  trustLinkKeys: trust,
  ledgerLinkKeys: ledger,
}: PackedLinkKeys): Result<{ linkKeys?: LinkKeys }> {
  // A network has nodes of both roles.
  if ((trust.length === 0) !== (ledger.length === 0)) return malformed('link keys of one role are missing');
  return ok(trust.length === 0 ? {} : { linkKeys: { trust, ledger } });
}

function packCodes(codes: Uint16Array): Uint8Array {
  const b = new Uint8Array(2 * codes.length);
  for (let i = 0; i < codes.length; i++) writeU16(b, 2 * i, codes[i]!);
  return b;
}

function readCodes(b: Uint8Array): Uint16Array {
  const codes = new Uint16Array(b.length / 2);
  for (let i = 0; i < codes.length; i++) codes[i] = readU16(b, 2 * i);
  return codes;
}

function packLane(cursor: LaneCursor): ValueOf<typeof LaneCursorType> {
  return { ...cursor, suspended: cursor.suspended ? 1 : 0 };
}

function readLanes(lanes: readonly ValueOf<typeof LaneCursorType>[]): Result<LaneCursor[]> {
  if (lanes.some(({ suspended }) => suspended > 1)) return malformed('suspended is 0 or 1');
  return ok(lanes.map((cursor) => ({ ...cursor, suspended: cursor.suspended === 1 })));
}

function packSnapshot({
  mode,
  devices,
  trustNodes,
  ticketBits = NO_TICKETS,
  ...rest
}: EpochSnapshot): ValueOf<typeof SnapshotType> {
  const packed = new Uint8Array(POOL_DEVICE_BYTES * devices.length);
  devices.forEach((device, i) => {
    packed.set(encodePoolDevice(device), POOL_DEVICE_BYTES * i);
  });
  return { ...rest, ticketBits, mode: ELECTION_MODE[mode], trustNodes: [...trustNodes], devices: packed };
}

function readSnapshots(packed: readonly ValueOf<typeof SnapshotType>[]): Result<EpochSnapshot[]> {
  const snapshots: EpochSnapshot[] = [];
  for (const { mode: number, devices: b, ticketBits, ...rest } of packed) {
    const mode = MODE_NAMES.get(number);
    if (mode === undefined) return malformed('an election mode is unknown');
    if (b.length % POOL_DEVICE_BYTES !== 0) return malformed('a pool device is cut short');
    const devices: PoolDevice[] = [];
    for (let at = 0; at < b.length; at += POOL_DEVICE_BYTES) {
      const device = readDevice(b, at);
      const before = devices.at(-1);
      if (device.weight === 0 || (before !== undefined && before.device >= device.device))
        return malformed('pool devices have weights of at least 1 and ascend');
      devices.push(device);
    }
    snapshots.push({ ...rest, mode, devices, ...(ticketBits === NO_TICKETS ? {} : { ticketBits }) });
  }
  return ok(snapshots);
}

function readDevice(b: Uint8Array, at: number): PoolDevice {
  return {
    device: readU32(b, at),
    key: b.slice(at + 4, at + 36),
    host: readU16(b, at + 36),
    maker: readU16(b, at + 38),
    region: b[at + 40]!,
    owner: readU32(b, at + 41),
    weight: readU32(b, at + 45),
  };
}
