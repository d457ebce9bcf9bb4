import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes, readU16, readU32, writeU32 } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
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
