import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes, readU16, readU32, readU64, utf8, writeU32 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { EpochEdge, EpochSettlement } from '@iotw/ledger/round-outcome';
import { WITNESS_COUNTS, type WitnessCounts } from '@iotw/ledger/tables/witnessing';
import { MAX_POOL_DEVICES, MAX_TRUST_NODES } from '@iotw/protocol/limits';
import { ELECTION_MODE, type ElectionMode, ParametersType } from '@iotw/protocol/parameters';
import {
  decodeEpochAssigners,
  decodePoolDevice,
  EPOCH_ASSIGNER_BYTES,
  EPOCH_TRUST_NODE_BYTES,
  type EpochSnapshot,
  encodeEpochAssigner,
  encodeEpochTrustNode,
  encodePoolDevice,
  POOL_DEVICE_BYTES,
  type PoolDevice,
} from '@iotw/protocol/pool';
import { U16, U32, U64 } from '@iotw/protocol/ssz';

/** What a ledger server keeps of each epoch as long as receipts: the frozen pool with its seed, the settlement. */

export const POOL_TABLE = 'pools';
export const SETTLEMENT_TABLE = 'settlements';
export const STATE_ROOT_TABLE = 'state-roots';

/** Big-endian, so that the store's order is the epochs'. */
export function epochKey(epoch: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, epoch);
  return key;
}

const PARAMETERS_BYTES = ParametersType.fixedSize!;
/**
 * epoch u32, mode u8, devices u32, trust nodes u8, assigners u8, seed 32, root 32, parameters; then trust nodes, assigners and devices
 * as under the pool root.
 */
const POOL_HEAD_BYTES = 75 + PARAMETERS_BYTES;

export function encodePool(snapshot: EpochSnapshot): Uint8Array {
  const head = new Uint8Array(11);
  writeU32(head, 0, snapshot.epoch);
  head[4] = ELECTION_MODE[snapshot.mode];
  writeU32(head, 5, snapshot.devices.length);
  head[9] = snapshot.trustNodes.length;
  head[10] = snapshot.assigners.length;
  return concatBytes(
    head,
    snapshot.seed,
    snapshot.root,
    ParametersType.serialize(snapshot.parameters),
    ...snapshot.trustNodes.map(encodeEpochTrustNode),
    ...snapshot.assigners.map(encodeEpochAssigner),
    ...snapshot.devices.map(encodePoolDevice),
  );
}

/** The bytes are our own and carry the store's checksum. */
export function readPool(value: Uint8Array): EpochSnapshot {
  const mode = (Object.keys(ELECTION_MODE) as ElectionMode[]).find((m) => ELECTION_MODE[m] === value[4])!;
  const count = readU32(value, 5);
  const trustNodes = Array.from({ length: value[9]! }, (_, i) => {
    const at = POOL_HEAD_BYTES + EPOCH_TRUST_NODE_BYTES * i;
    return { index: readU16(value, at), key: value.slice(at + 2, at + EPOCH_TRUST_NODE_BYTES) };
  });
  const devices: PoolDevice[] = [];
  const assigned = POOL_HEAD_BYTES + EPOCH_TRUST_NODE_BYTES * trustNodes.length;
  const first = assigned + EPOCH_ASSIGNER_BYTES * value[10]!;
  for (let i = 0, at = first; i < count; i++, at += POOL_DEVICE_BYTES)
    devices.push(decodePoolDevice(value, at));
  return {
    epoch: readU32(value, 0),
    mode,
    seed: value.slice(11, 43),
    root: value.slice(43, 75),
    parameters: ParametersType.deserialize(value.slice(75, POOL_HEAD_BYTES)),
    trustNodes,
    assigners: decodeEpochAssigners(value.subarray(assigned, first)),
    devices,
  };
}

/** The frozen pool of an epoch on disk; undefined: it is not there. */
export function storedPool(store: Pick<Store, 'get'>, epoch: number): EpochSnapshot | undefined {
  const value = store.get(POOL_TABLE, epochKey(epoch));
  return value && readPool(value);
}

/** The settlement of an ended epoch as it was stored; see readSettlement. */
export function storedSettlement(store: Pick<Store, 'get'>, epoch: number): Uint8Array | undefined {
  return store.get(SETTLEMENT_TABLE, epochKey(epoch));
}

/** The root over the state that an epoch left. */
export function storedStateRoot(store: Pick<Store, 'get'>, epoch: number): Uint8Array | undefined {
  return store.get(STATE_ROOT_TABLE, epochKey(epoch));
}

export function poolWrite(snapshot: EpochSnapshot): Write {
  return { table: POOL_TABLE, key: epochKey(snapshot.epoch), value: encodePool(snapshot) };
}

const SettlementType = new ContainerType(
  {
    epoch: U32,
    pool: U32,
    present: U32,
    issued: U64,
    paid: U64,
    minerWork: U64,
    witnessWork: U64,
    trustNodeWork: U64,
    witnessing: new ContainerType(
      Object.fromEntries(WITNESS_COUNTS.map((name) => [name, U32])) as {
        [C in keyof WitnessCounts]: typeof U32;
      },
    ),
    devices: new ListCompositeType(
      new ContainerType({ device: U32, account: U32, minerAmount: U64, witnessAmount: U64 }),
      MAX_POOL_DEVICES,
    ),
    trustNodes: new ListCompositeType(
      new ContainerType({ trustNode: U16, account: U32, votes: U32, amount: U64 }),
      MAX_TRUST_NODES,
    ),
  },
  { typeName: 'EpochSettlement' },
);

function settlementWrite(settlement: EpochSettlement): Write {
  const value = SettlementType.serialize({
    ...settlement,
    devices: [...settlement.devices],
    trustNodes: [...settlement.trustNodes],
  });
  return { table: SETTLEMENT_TABLE, key: epochKey(settlement.epoch), value };
}

const STATE_BEFORE = { table: 'state-before', key: utf8('last') };

/**
 * What the state hash of the round whose state is on disk was made of beside the root (spec: 9.8): it shows that the state
 * is that round's. undefined: that round ended no epoch here.
 */
export function storedStateBefore(store: Pick<Store, 'get'>): Uint8Array | undefined {
  return store.get(STATE_BEFORE.table, STATE_BEFORE.key);
}

/** Goes into the commit that saves the state of that round. */
export function stateBeforeWrite(value: Uint8Array): Write {
  return { ...STATE_BEFORE, value };
}

/**
 * What the last round of an epoch leaves behind. `stateRoot`: the Merkle root over the whole state after it; 32 bytes,
 * equal on every ledger server.
 */
export function edgeWrites({ ended, snapshot, settlement, stateRoot }: EpochEdge): Write[] {
  const root = { table: STATE_ROOT_TABLE, key: epochKey(ended), value: stateRoot };
  return [poolWrite(snapshot), settlementWrite(settlement), root];
}

export function readSettlement(value: Uint8Array): EpochSettlement {
  return SettlementType.deserialize(value);
}

/** Where a stored settlement says where its payments to devices begin and end: behind its fixed fields. */
const PAYMENTS_AT = 52 + 4 * WITNESS_COUNTS.length;
/** device u32, account u32, miner's amount u64, witness's amount u64. */
const PAYMENT_BYTES = 24;

/** What a stored settlement paid one device, found without reading the others; undefined: nothing. */
export function readPayment(
  value: Uint8Array,
  device: number,
): EpochSettlement['devices'][number] | undefined {
  const end = readU32(value, PAYMENTS_AT + 4);
  for (let at = readU32(value, PAYMENTS_AT); at < end; at += PAYMENT_BYTES) {
    if (readU32(value, at) !== device) continue;
    const amounts = { minerAmount: readU64(value, at + 8), witnessAmount: readU64(value, at + 16) };
    return { device, account: readU32(value, at + 4), ...amounts };
  }
  return undefined;
}
