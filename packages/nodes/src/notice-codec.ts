import { ContainerType, ListBasicType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { readU16, utf8, writeU16 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';
import {
  MAX_ADDRESS_BYTES,
  MAX_ASSIGNERS,
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
  decodePoolDevice,
  type EpochSnapshot,
  encodePoolDevice,
  POOL_DEVICE_BYTES,
  type PoolDevice,
} from '@iotw/protocol/pool';
import { RoundHeaderType, RoundSignatureType } from '@iotw/protocol/round';
import { Bytes32, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from '@iotw/protocol/ssz';
import {
  type ChainViewState,
  HOST_MOVE_BYTES,
  type LaneCursor,
  type NodeEntry,
  type NodeSet,
  PACKED_DEVICE_BYTES,
  type RoundNotice,
} from './messages.js';

/** Snapshots in one view: the running epoch and those before it that blocks may still name. */
const MAX_SNAPSHOTS = 4;

const SoftDebts = new ListBasicType(U32, MAX_TRUST_NODES);
const LaneCursorType = new ContainerType(
  { lane: U16, incarnation: U32, height: U64, hash: Bytes32, suspended: U8, softDebts: SoftDebts },
  { typeName: 'LaneCursor' },
);
const Lanes = new ListCompositeType(LaneCursorType, MAX_TRUST_NODES);
const NodeType = new ContainerType(
  { key: Bytes32, linkKey: Bytes32, region: U8, standing: U8, address: bytesUpTo(MAX_ADDRESS_BYTES) },
  { typeName: 'Node' },
);
const TrustNodes = new ListCompositeType(NodeType, MAX_TRUST_NODES);
const LedgerServers = new ListCompositeType(NodeType, MAX_LEDGER_SERVERS);
const PackedDevices = bytesUpTo(PACKED_DEVICE_BYTES * MAX_POOL_DEVICES);
const Moves = bytesUpTo(HOST_MOVE_BYTES * MAX_POOL_DEVICES);
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
    assigners: new ListCompositeType(
      new ContainerType({ index: U16, server: U16, key: Bytes32 }, { typeName: 'EpochAssigner' }),
      MAX_ASSIGNERS,
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
    trustNodes: TrustNodes,
    ledgerServers: LedgerServers,
    moves: Moves,
    registered: PackedDevices,
    revoked: Devices,
  },
  { typeName: 'RoundNotice' },
);

const RemovalType = new ContainerType({ device: U32, from: U64, until: U64 }, { typeName: 'Removal' });

const ViewType = new ContainerType(
  {
    version: U16,
    round: U64,
    timeMs: U64,
    epoch: U32,
    lanes: Lanes,
    removed: new ListCompositeType(RemovalType, MAX_POOL_DEVICES),
    snapshots: new ListCompositeType(SnapshotType, MAX_SNAPSHOTS),
    trustNodes: TrustNodes,
    ledgerServers: LedgerServers,
    trustSequences: new ListBasicType(U64, MAX_TRUST_NODES),
    moves: Moves,
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
    ...packNodes(notice.nodes),
    moves: notice.moves ?? NONE,
    registered: notice.registered ?? NONE,
    revoked: [...(notice.revoked ?? [])],
  });
}

/** Errors: `malformed`. */
export function decodeNotice(bytes: Uint8Array): Result<RoundNotice> {
  const decoded = decodeSsz(NoticeType, bytes, 'round notice');
  if (!decoded.ok) return decoded;
  const { header, signatures, blocks, lanes, removed, reinstated, snapshot } = decoded.value;
  if (blocks.some(({ codes }) => codes.length % 2 !== 0)) return malformed('a result code is cut short');
  if (blocks.some(({ answers }) => answers.length % ATTESTATION_BYTES !== 0))
    return malformed('an answer is cut short');
  const cursors = readLanes(lanes);
  if (!cursors.ok) return cursors;
  const snapshots = readSnapshots(snapshot);
  if (!snapshots.ok) return snapshots;
  const opened = snapshots.value[0];
  const nodes = readNodes(decoded.value);
  if (!nodes.ok) return nodes;
  const { registered, revoked, moves } = decoded.value;
  if (moves.length % HOST_MOVE_BYTES !== 0) return malformed('a move is cut short');
  if (registered.length % PACKED_DEVICE_BYTES !== 0) return malformed('a device is cut short');
  return ok({
    header,
    signatures,
    blocks: blocks.map(({ codes, ...place }) => ({ ...place, codes: readCodes(codes) })),
    lanes: cursors.value,
    removed,
    reinstated,
    ...(opened === undefined ? {} : { snapshot: opened }),
    ...(nodes.value === undefined ? {} : { nodes: nodes.value }),
    ...(moves.length === 0 ? {} : { moves }),
    ...(registered.length === 0 ? {} : { registered }),
    ...(revoked.length === 0 ? {} : { revoked }),
  });
}

export function encodeView(view: ChainViewState): Uint8Array {
  return ViewType.serialize({
    version: view.version,
    round: view.round,
    timeMs: view.timeMs,
    epoch: view.epoch,
    lanes: view.lanes.map(packLane),
    removed: view.removed.map(([device, from, until]) => ({ device, from, until })),
    snapshots: view.snapshots.map(packSnapshot),
    ...packNodes(view.nodes),
    trustSequences: [...view.trustSequences],
    moves: view.moves ?? NONE,
    devices: view.devices ?? NONE,
  });
}

/** Errors: `malformed`. */
export function decodeView(bytes: Uint8Array): Result<ChainViewState> {
  const decoded = decodeSsz(ViewType, bytes, 'chain view');
  if (!decoded.ok) return decoded;
  const { lanes, removed, snapshots, trustNodes, ledgerServers, devices, moves, ...rest } = decoded.value;
  if (moves.length % HOST_MOVE_BYTES !== 0) return malformed('a move is cut short');
  const nodes = readNodes({ trustNodes, ledgerServers });
  if (!nodes.ok) return nodes;
  if (nodes.value === undefined || nodes.value.trust.length !== lanes.length)
    return malformed('a view names all nodes, and a lane for each trust node');
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
    nodes: nodes.value,
    ...(moves.length === 0 ? {} : { moves }),
    ...(devices.length === 0 ? {} : { devices }),
  });
}

type PackedNode = ValueOf<typeof NodeType>;

interface PackedNodes {
  readonly trustNodes: PackedNode[];
  readonly ledgerServers: PackedNode[];
}

function packNodes(nodes: NodeSet | undefined): PackedNodes {
  const pack = (list: readonly NodeEntry[] = []): PackedNode[] =>
    list.map(({ standing, address, ...node }) => ({
      ...node,
      standing: standing ? 1 : 0,
      address: utf8(address),
    }));
  return { trustNodes: pack(nodes?.trust), ledgerServers: pack(nodes?.ledger) };
}

function readNodes({ trustNodes, ledgerServers }: PackedNodes): Result<NodeSet | undefined> {
  // A network has nodes of both roles.
  if ((trustNodes.length === 0) !== (ledgerServers.length === 0))
    return malformed('the nodes of one role are missing');
  if ([...trustNodes, ...ledgerServers].some(({ standing }) => standing > 1))
    return malformed('standing is 0 or 1');
  if (
    [...trustNodes, ...ledgerServers].some(({ address }) => address.some((byte) => byte < 33 || byte > 126))
  )
    return malformed('an address is ASCII');
  const read = (list: readonly PackedNode[]): NodeEntry[] =>
    list.map(({ standing, address, ...node }) => ({
      ...node,
      standing: standing === 1,
      address: String.fromCharCode(...address),
    }));
  return ok(trustNodes.length === 0 ? undefined : { trust: read(trustNodes), ledger: read(ledgerServers) });
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
  return { ...cursor, softDebts: [...cursor.softDebts], suspended: cursor.suspended ? 1 : 0 };
}

function readLanes(lanes: readonly ValueOf<typeof LaneCursorType>[]): Result<LaneCursor[]> {
  if (lanes.some(({ suspended }) => suspended > 1)) return malformed('suspended is 0 or 1');
  return ok(lanes.map((cursor) => ({ ...cursor, suspended: cursor.suspended === 1 })));
}

function packSnapshot({
  mode,
  devices,
  trustNodes,
  assigners,
  ticketBits = NO_TICKETS,
  ...rest
}: EpochSnapshot): ValueOf<typeof SnapshotType> {
  const packed = new Uint8Array(POOL_DEVICE_BYTES * devices.length);
  devices.forEach((device, i) => {
    packed.set(encodePoolDevice(device), POOL_DEVICE_BYTES * i);
  });
  return {
    ...rest,
    ticketBits,
    mode: ELECTION_MODE[mode],
    trustNodes: [...trustNodes],
    assigners: [...assigners],
    devices: packed,
  };
}

function readSnapshots(packed: readonly ValueOf<typeof SnapshotType>[]): Result<EpochSnapshot[]> {
  const snapshots: EpochSnapshot[] = [];
  for (const { mode: number, devices: b, ticketBits, ...rest } of packed) {
    const mode = MODE_NAMES.get(number);
    if (mode === undefined) return malformed('an election mode is unknown');
    if (b.length % POOL_DEVICE_BYTES !== 0) return malformed('a pool device is cut short');
    const devices: PoolDevice[] = [];
    for (let at = 0; at < b.length; at += POOL_DEVICE_BYTES) {
      const device = decodePoolDevice(b, at);
      const before = devices.at(-1);
      if (device.weight === 0 || (before !== undefined && before.device >= device.device))
        return malformed('pool devices have weights of at least 1 and ascend');
      devices.push(device);
    }
    snapshots.push({ ...rest, mode, devices, ...(ticketBits === NO_TICKETS ? {} : { ticketBits }) });
  }
  return ok(snapshots);
}
