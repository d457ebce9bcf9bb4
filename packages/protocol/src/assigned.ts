/** What an assigner signs (spec: clause 7.9): that an attempt's ranks of a block are to be asked. */
import { ContainerType, type ValueOf } from '@chainsafe/ssz';
import { concatBytes, readU16, writeU16 } from '@iotw/kernel/bytes';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import type { BlockHeader } from './header.js';
import { ASSIGNER } from './parameters.js';
import type { EpochAssigner } from './pool.js';
import { Bytes32, Bytes64, U8, U16, U32, U64 } from './ssz.js';

/** The statement as certificates carry it. */
export const AssignedType = new ContainerType(
  {
    attempt: U8,
    /** ASSIGNER; never `trust-node`: a lane's trust node says it by its signature of the header. */
    role: U8,
    index: U16,
    signature: Bytes64,
  },
  { typeName: 'Assigned' },
);
export type Assigned = ValueOf<typeof AssignedType>;

const ContentType = new ContainerType(
  {
    role: U8,
    index: U16,
    key: Bytes32,
    lane: U16,
    incarnation: U32,
    height: U64,
    attempt: U8,
    hash: Bytes32,
  },
  { typeName: 'AssignedContent' },
);

/** @public Everything the signature covers. */
export type AssignedContent = ValueOf<typeof ContentType>;

/** What the assigner `role`, `index` under `key` signs for one attempt of the block `hash`; 32 bytes. */
export function assignedDigest(network: Uint8Array, content: AssignedContent): Uint8Array {
  return signingDigest(DOMAIN.assigned, network, ContentType.serialize(content));
}

/** The digest of a statement about an attempt of the block `hash`, by an assigner of its header's epoch. */
export function assignedDigestOf(
  network: Uint8Array,
  header: BlockHeader,
  hash: Uint8Array,
  { role, attempt }: Pick<Assigned, 'role' | 'attempt'>,
  { index, key }: Pick<EpochAssigner, 'index' | 'key'>,
): Uint8Array {
  const { lane, incarnation, height } = header;
  return assignedDigest(network, { role, index, key, lane, incarnation, height, attempt, hash });
}

/** role u8, index u16, signature 64: as an assignment carries it to the device. */
export const ASSIGNED_BYTES = 67;

export function encodeAssigned({ role, index, signature }: Omit<Assigned, 'attempt'>): Uint8Array {
  const head = new Uint8Array(3);
  head[0] = role;
  writeU16(head, 1, index);
  return concatBytes(head, signature);
}

/** Reads 67 bytes. */
export function decodeAssigned(b: Uint8Array): Omit<Assigned, 'attempt'> {
  return { role: b[0]!, index: readU16(b, 1), signature: b.slice(3) };
}

/** Whether a role's number names an assigner other than the lane's trust node. */
export function signsAssignments(role: number): boolean {
  return role === ASSIGNER['ledger-server'] || role === ASSIGNER['api-server'];
}
