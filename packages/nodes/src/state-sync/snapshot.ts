import { ContainerType, ListBasicType, type ValueOf } from '@chainsafe/ssz';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { MAX_TABLES } from '@iotw/ledger/state-root';
import type { PagePlace, StateShape } from '@iotw/ledger/state-shape';
import { RoundHeaderType, roundHash } from '@iotw/protocol/round';
import { Bytes32, bytesUpTo, decodeSsz, U32 } from '@iotw/protocol/ssz';

/** The form of chunks and metadata; another number is another form. */
export const SNAPSHOT_FORMAT = 1;
/** Most bytes of a chunk, and more than a page has; CometBFT carries up to 16 MB. */
export const CHUNK_BYTES = 4_194_304;
/** A state of more is not handed over: a server that joins holds it in memory. */
export const MAX_CHUNKS = 512;

/**
 * What stands beside the chunks of a state at an epoch's edge: the round that ended the epoch, what its state hash was made
 * of beside the state root (spec: 9.8), the rows of each table, and the SHA-256 of each chunk.
 */
const SnapshotMetadataType = new ContainerType(
  {
    network: Bytes32,
    header: RoundHeaderType,
    stateBefore: Bytes32,
    rows: new ListBasicType(U32, MAX_TABLES),
    chunks: bytesUpTo(32 * MAX_CHUNKS),
  },
  { typeName: 'SnapshotMetadata' },
);
export type SnapshotMetadata = ValueOf<typeof SnapshotMetadataType>;
/** The longest there is; computed, so that no field can be forgotten. */
export const MAX_METADATA_BYTES = SnapshotMetadataType.maxSize;

/** A snapshot as servers tell each other of it. */
export interface SnapshotOffer {
  /** The engine's height that holds the round. */
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  /** SHA-256 of the metadata. */
  readonly hash: Uint8Array;
  readonly metadata: Uint8Array;
}

export function offerOf(height: number, value: SnapshotMetadata): SnapshotOffer {
  const metadata = SnapshotMetadataType.serialize(value);
  const chunks = value.chunks.length / 32;
  return { height, format: SNAPSHOT_FORMAT, chunks, hash: sha256(metadata), metadata };
}

/**
 * The pages that each chunk holds: whole pages in their order, as many as fit. So the numbers of rows alone say how many
 * chunks there are and how long each is. Errors: `state-sync-size` (more than MAX_CHUNKS).
 */
export function chunkPlan(shape: StateShape, rows: readonly number[]): Result<readonly PagePlace[][]> {
  // A page may leave the rest of a chunk empty, so this is no more than a first look, before work is done.
  if (shape.bytes(rows) > MAX_CHUNKS * CHUNK_BYTES) return tooLarge();
  const plan: PagePlace[][] = [];
  let left = 0;
  for (const place of shape.pages(rows)) {
    if (place.bytes > left) {
      if (plan.length === MAX_CHUNKS) return tooLarge();
      plan.push([]);
      left = CHUNK_BYTES;
    }
    plan.at(-1)!.push(place);
    left -= place.bytes;
  }
  return ok(plan);
}

function tooLarge(): Result<never> {
  return fail(
    'state-sync-size',
    `The state has more than ${MAX_CHUNKS} chunks of ${CHUNK_BYTES} bytes: it can't be handed over, fetch the blocks.`,
  );
}

/** Errors: `state-sync-metadata` (too large, not what its hash says, not of that form). */
export function readMetadata(offer: Pick<SnapshotOffer, 'hash' | 'metadata'>): Result<SnapshotMetadata> {
  if (offer.metadata.length > MAX_METADATA_BYTES || !equalBytes(sha256(offer.metadata), offer.hash)) {
    return fail(
      'state-sync-metadata',
      'The metadata of the snapshot is too large, or not what its hash says.',
    );
  }
  const decoded = decodeSsz(SnapshotMetadataType, offer.metadata, 'The metadata of the snapshot');
  return decoded.ok ? decoded : fail('state-sync-metadata', decoded.error.message);
}

/** An offer that may be taken. */
export interface AcceptedOffer {
  readonly metadata: SnapshotMetadata;
  readonly plan: readonly PagePlace[][];
}

/**
 * Whether the chunks of an offer are worth fetching. `appHash`: hash of the last round at that height, which the engine has
 * verified. Errors: `state-sync-format`, `state-sync-metadata` (too large, not what its hash says, not of that form),
 * `state-sync-network`, `state-sync-round` (not the round at that height), `state-sync-size`, `state-sync-chunks` (their
 * number does not follow from the rows).
 */
export function checkOffer(
  shape: StateShape,
  offer: SnapshotOffer,
  appHash: Uint8Array,
): Result<AcceptedOffer> {
  if (offer.format !== SNAPSHOT_FORMAT) {
    return fail(
      'state-sync-format',
      `The snapshot has the form ${offer.format}, this version reads ${SNAPSHOT_FORMAT}.`,
      { format: offer.format },
    );
  }
  const decoded = readMetadata(offer);
  if (!decoded.ok) return decoded;
  const metadata = decoded.value;
  if (!equalBytes(metadata.network, shape.network)) {
    return fail('state-sync-network', 'The snapshot is of another network.');
  }
  if (!equalBytes(roundHash(shape.network, metadata.header), appHash)) {
    return fail(
      'state-sync-round',
      'The snapshot is not of the round that the network decided at its height.',
      {
        height: offer.height,
      },
    );
  }
  if (metadata.rows.length !== shape.tables.length) return wrongCount();
  const plan = chunkPlan(shape, metadata.rows);
  if (!plan.ok) return plan;
  if (plan.value.length !== offer.chunks || metadata.chunks.length !== 32 * offer.chunks) return wrongCount();
  return ok({ metadata, plan: plan.value });
}

function wrongCount(): Result<never> {
  return fail('state-sync-chunks', 'The snapshot has another number of tables or chunks than its rows need.');
}
