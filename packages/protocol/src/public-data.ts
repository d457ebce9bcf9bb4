/**
 * Public data (spec: clause 9.11): what a ledger publishes of epochs, rounds and blocks so that anybody can
 * check them without it, as one JSON value. It proves nothing by itself: sdk/verify checks it.
 */

import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type CertifiedBlock, CertifiedBlockType } from './certificate.js';
import { parametersField } from './genesis-json.js';
import {
  bytes32,
  bytes64,
  hex,
  type JsonField,
  JsonReading,
  list,
  named,
  record,
  u16,
  u32,
  u64,
} from './json-fields.js';
import {
  MAX_ASSIGNERS,
  MAX_BLOCK_TRANSACTIONS,
  MAX_BODY_BYTES,
  MAX_LEDGER_SERVERS,
  MAX_POOL_DEVICES,
  MAX_SEED_PROOF_BYTES,
  MAX_TRUST_NODES,
} from './limits.js';
import { ELECTION_MODE, type Parameters } from './parameters.js';
import {
  decodePoolDevices,
  type EpochAssigner,
  type EpochTrustNode,
  encodePoolDevices,
  POOL_DEVICE_BYTES,
  type PoolDevice,
} from './pool.js';
import { type RoundHeader, RoundHeaderType, type RoundSignature, RoundSignatureType } from './round.js';

export interface PublicEpoch {
  readonly epoch: number;
  /** A number of ELECTION_MODE. */
  readonly mode: number;
  /** The round that opened it; 0 for epoch 0. */
  readonly opened: number;
  readonly seed: Uint8Array;
  /** The seed proof that opened it; empty for epoch 0. */
  readonly proof: Uint8Array;
  readonly poolRoot: Uint8Array;
  /** Ascending by number. */
  readonly pool: readonly PoolDevice[];
  readonly parameters: Parameters;
  readonly trustNodes: readonly EpochTrustNode[];
  readonly assigners: readonly EpochAssigner[];
  /** Trust nodes' signatures over pool root and seed (6.6). */
  readonly votes: readonly { readonly witness: number; readonly signature: Uint8Array }[];
}

export interface PublicRound {
  readonly header: RoundHeader;
  readonly signatures: readonly RoundSignature[];
}

/** A block as it was applied, and where it stands in its round. */
export interface PublicBlock {
  readonly block: CertifiedBlock;
  readonly round: number;
  /** Place among the round's blocks, and the path from the block hash to its blocks root. */
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** Place of its first transaction among the round's results. */
  readonly first: number;
  /** Result codes and fees of its transactions, in block order. */
  readonly codes: readonly number[];
  readonly fees: readonly number[];
  /** Nodes beside their leaves under the results root (kernel/merkle-range). */
  readonly results: readonly Uint8Array[];
}

/** The proof that opened an epoch which is not given whole: a link of the seed chain. */
export interface PublicSeed {
  readonly epoch: number;
  /** As in PublicEpoch: the header of that round names the key. */
  readonly opened: number;
  readonly proof: Uint8Array;
}

export interface PublicData {
  readonly network: Uint8Array;
  /** Ascending; links from the trusted seed to the epochs below. */
  readonly seeds: readonly PublicSeed[];
  /** Ascending. */
  readonly epochs: readonly PublicEpoch[];
  /** Ascending. */
  readonly rounds: readonly PublicRound[];
  /** In the order applied. */
  readonly blocks: readonly PublicBlock[];
}

const MAX_EPOCHS = 1 << 20;
const MAX_ROUNDS = 1 << 22;
const MAX_BLOCKS = 1 << 22;
const MAX_CERTIFIED_BYTES = MAX_BODY_BYTES + (1 << 18);

const path = list(bytes32, 64);

/** A field that is hex of a canonical SSZ value. */
function ssz<T>(
  type: { serialize(value: T): Uint8Array; deserialize(bytes: Uint8Array): T },
  max: number,
): JsonField<T> {
  const bytes = hex({ max });
  return {
    read: (json, pointer, reading) => {
      const read = bytes.read(json, pointer, reading);
      if (read === undefined) return undefined;
      try {
        return type.deserialize(read);
      } catch {
        return reading.refuse(pointer, 'is no SSZ of this form');
      }
    },
    write: (value, prefix) => bytes.write(type.serialize(value), prefix),
  };
}

const poolField: JsonField<readonly PoolDevice[]> = {
  read: (json, pointer, reading) => {
    const bytes = hex({ max: POOL_DEVICE_BYTES * MAX_POOL_DEVICES }).read(json, pointer, reading);
    if (bytes === undefined) return undefined;
    return (
      decodePoolDevices(bytes) ??
      reading.refuse(pointer, `must have ${POOL_DEVICE_BYTES} bytes for each device`)
    );
  },
  write: (devices, prefix) => hex({ max: 0 }).write(encodePoolDevices(devices), prefix),
};

const RoundType = new ContainerType({
  header: RoundHeaderType,
  signatures: new ListCompositeType(RoundSignatureType, MAX_LEDGER_SERVERS),
});

const epochField = record<PublicEpoch>({
  epoch: u32,
  mode: named(ELECTION_MODE, 0xff),
  opened: u64,
  seed: bytes32,
  proof: hex({ max: MAX_SEED_PROOF_BYTES }),
  poolRoot: bytes32,
  pool: poolField,
  parameters: parametersField,
  trustNodes: list(record<EpochTrustNode>({ index: u16, key: bytes32 }), MAX_TRUST_NODES),
  assigners: list(record<EpochAssigner>({ index: u16, server: u16, key: bytes32 }), MAX_ASSIGNERS),
  votes: list(record({ witness: u16, signature: bytes64 }), MAX_TRUST_NODES),
});

const roundField = ssz<PublicRound>(RoundType as never, 65_536);

const blockField = record<PublicBlock>({
  block: ssz(CertifiedBlockType, MAX_CERTIFIED_BYTES),
  round: u64,
  index: u16,
  path,
  first: u32,
  codes: list(u16, MAX_BLOCK_TRANSACTIONS),
  fees: list(u64, MAX_BLOCK_TRANSACTIONS),
  results: path,
});

const FORMAT = 'iotw-public-data/1';

const seedField = record<PublicSeed>({
  epoch: u32,
  opened: u64,
  proof: hex({ max: MAX_SEED_PROOF_BYTES }),
});

const dataField = record<PublicData & { readonly format: string }>({
  format: {
    read: (json, pointer, reading) =>
      json === FORMAT
        ? FORMAT
        : reading.refuse(pointer, `must be ${FORMAT}: export the data with this software`),
    write: (value) => value,
  },
  network: bytes32,
  seeds: list(seedField, MAX_EPOCHS),
  epochs: list(epochField, MAX_EPOCHS),
  rounds: list(roundField, MAX_ROUNDS),
  blocks: list(blockField, MAX_BLOCKS),
});

/** One epoch as plain JSON, as it stands in public data. */
export function publicEpochToJson(epoch: PublicEpoch): Record<string, unknown> {
  return epochField.write(epoch, 'iotw') as Record<string, unknown>;
}

/** One block as plain JSON, as it stands in public data. */
export function publicBlockToJson(block: PublicBlock): Record<string, unknown> {
  return blockField.write(block, 'iotw') as Record<string, unknown>;
}

/** One round as hex, as it stands in public data. */
export function publicRoundToJson(round: PublicRound): unknown {
  return roundField.write(round, 'iotw');
}

/** The whole as plain JSON. */
export function publicDataToJson(data: PublicData): Record<string, unknown> {
  return dataField.write({ format: FORMAT, ...data }, 'iotw') as Record<string, unknown>;
}

/**
 * Reads public data: its shape only. Errors: `public-data-json` (data.pointer: JSON pointer to the field
 * that is wrong). Never throws.
 */
export function publicDataFromJson(json: unknown): Result<PublicData> {
  const read = readWith(dataField, json);
  if (!read.ok) return read;
  const { network, seeds, epochs, rounds, blocks } = read.value;
  return ok({ network, seeds, epochs, rounds, blocks });
}

/** Links of the seed chain as plain JSON. */
export function publicSeedToJson(seed: PublicSeed): Record<string, unknown> {
  return seedField.write(seed, 'iotw') as Record<string, unknown>;
}

/** Links of the seed chain of a server's answer. Errors: `public-data-json`. */
export function publicSeedsFromJson(json: unknown): Result<PublicSeed[]> {
  return readWith(list(seedField, MAX_EPOCHS), json);
}

/** One epoch of a server's answer. Errors: `public-data-json`. */
export function publicEpochFromJson(json: unknown): Result<PublicEpoch> {
  return readWith(epochField, json);
}

/** One block of a server's answer. Errors: `public-data-json`. */
export function publicBlockFromJson(json: unknown): Result<PublicBlock> {
  return readWith(blockField, json);
}

/** One round of a server's answer. Errors: `public-data-json`. */
export function publicRoundFromJson(json: unknown): Result<PublicRound> {
  return readWith(roundField, json);
}

function readWith<T>(field: JsonField<T>, json: unknown): Result<T> {
  const reading = new JsonReading('iotw');
  const value = field.read(json, '', reading);
  if (value !== undefined && reading.fault === undefined) return ok(value);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('public-data-json', `The public data's field ${pointer || '(the whole)'} ${message}.`, {
    pointer,
  });
}
