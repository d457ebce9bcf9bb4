import { assert } from '@iotw/kernel/assert';
import { concatBytes, equalBytes } from '@iotw/kernel/bytes';
import type { Write } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { edgeStateHash } from '@iotw/ledger/state-hash';
import { rootOfTables } from '@iotw/ledger/state-root';
import type { StateShape } from '@iotw/ledger/state-shape';
import { roundHash } from '@iotw/protocol/round';
import { sheetWrite } from '../ledger-server/restore.js';
import { type AcceptedOffer, checkOffer, type SnapshotOffer } from './snapshot.js';

/** A state whose root is that of the verified round. */
export interface ReceivedState {
  readonly round: number;
  /** The round's hash. */
  readonly hash: Uint8Array;
  /** The engine's height that holds the round. */
  readonly height: number;
  /** Make it the stored ledger: one commit, nothing of another state beside it. */
  readonly writes: readonly Write[];
}

interface Taken extends AcceptedOffer {
  readonly height: number;
}

/** Takes a snapshot chunk by chunk; holds one at a time. */
export class SnapshotReceiver {
  readonly #shape: StateShape;
  #offer: Taken | undefined;
  /** The rows of each page, by chunk. */
  #chunks: (readonly Uint8Array[] | undefined)[] = [];
  #missing = 0;

  constructor(shape: StateShape) {
    this.#shape = shape;
  }

  /** Begins anew with that snapshot. Errors: those of checkOffer. */
  offer(offer: SnapshotOffer, appHash: Uint8Array): Result<void> {
    this.#forget();
    const checked = checkOffer(this.#shape, offer, appHash);
    if (!checked.ok) return checked;
    this.#offer = { ...checked.value, height: offer.height };
    this.#missing = offer.chunks;
    return ok(undefined);
  }

  /**
   * One chunk; the state once it was the last that was missing. Errors: `state-sync-no-offer`, `state-sync-chunk` (not what
   * the metadata says: fetch it from another), `state-sync-root` (the whole is not the state of that round: it is dropped).
   */
  chunk(index: number, bytes: Uint8Array): Result<ReceivedState | undefined> {
    const offer = this.#offer;
    if (offer === undefined) return fail('state-sync-no-offer', 'A chunk came and no snapshot was accepted.');
    const places = offer.plan[index];
    const length = places?.reduce((sum, place) => sum + place.bytes, 0);
    const { chunks } = offer.metadata;
    if (length !== bytes.length || !equalBytes(sha256(bytes), chunks.subarray(32 * index, 32 * index + 32))) {
      return fail('state-sync-chunk', `Chunk ${index} is not the one that the snapshot's metadata names.`, {
        index,
      });
    }
    if (this.#chunks[index] === undefined) {
      let at = 0;
      this.#chunks[index] = places!.map((place) => {
        at += place.bytes;
        return bytes.slice(at - place.bytes, at);
      });
      this.#missing -= 1;
    }
    return this.#missing > 0 ? ok(undefined) : this.#whole(offer);
  }

  #whole({ metadata, height }: Taken): Result<ReceivedState> {
    const { header, rows, stateBefore } = metadata;
    const { network } = this.#shape;
    const pages = this.#chunks.flatMap((chunk) => {
      assert(chunk !== undefined, 'no chunk is missing');
      return chunk;
    });
    this.#forget();
    const root = rootOf(this.#shape, rows, pages);
    if (!equalBytes(edgeStateHash(network, stateBefore, root), header.stateHash)) {
      return fail('state-sync-root', `The snapshot is not the state that round ${header.number} left.`, {
        round: header.number,
      });
    }
    const hash = roundHash(network, header);
    const stand = { round: header.number, timeMs: header.timeMs, hash, stateHash: header.stateHash };
    const writes = Array.from(this.#shape.saved(stand, rows, pages), sheetWrite);
    return ok({ round: header.number, hash, height, writes });
  }

  #forget(): void {
    this.#offer = undefined;
    this.#chunks = [];
    this.#missing = 0;
  }
}

function rootOf(shape: StateShape, rows: readonly number[], pages: readonly Uint8Array[]): Uint8Array {
  const hashes = rows.map((): Uint8Array[] => []);
  let at = 0;
  for (const { table } of shape.pages(rows)) hashes[table]!.push(sha256(pages[at++]!));
  return rootOfTables(
    rows.map((count, i) => ({ rows: count, pages: hashes[i]!.length, hashes: concatBytes(...hashes[i]!) })),
  );
}
