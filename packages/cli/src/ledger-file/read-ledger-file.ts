import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { type Failure, fail, ok, type Result } from '@iotw/kernel/result';
import type { StateShape } from '@iotw/ledger/state-shape';
import {
  HASH_BYTES,
  LENGTH_BYTES,
  type LedgerFileHead,
  LedgerFileHeadType,
  MAGIC,
  MAX_RECORD_BYTES,
  VERSION,
} from '@iotw/nodes/ledger-server/ledger-file';
import { decodeRound, type RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { type ReceivedState, SnapshotReceiver } from '@iotw/nodes/state-sync/snapshot-receiver';
import { roundHash } from '@iotw/protocol/round';
import { decodeSsz } from '@iotw/protocol/ssz';
import { offerIn } from './file-state.js';

/** Bytes asked of the disk at once. */
const CHUNK_BYTES = 1_048_576;

/** A ledger's file whose form and hash are good; what its rounds say is for their reader to prove. */
export class LedgerFile {
  /** Why `rounds` ended early: a record that is no round, or a disk that failed. */
  fault: Failure | undefined;

  constructor(
    private readonly path: string,
    readonly head: LedgerFileHead,
  ) {}

  /**
   * The state before the rounds of a pruned ledger. It is what its own round's hash says; whether that round was decided is for
   * the caller to know. Errors: `state-sync-*`, `ledger-file-damaged`.
   */
  async state(shape: StateShape): Promise<Result<ReceivedState>> {
    const source = await Source.open(this.path);
    try {
      const metadata = await this.#begin(source);
      if (!metadata.ok) return metadata;
      const offered = offerIn(metadata.value);
      if (!offered.ok) return offered;
      const { offer, header } = offered.value;
      const receiver = new SnapshotReceiver(shape);
      const taken = receiver.offer(offer, roundHash(shape.network, header));
      if (!taken.ok) return taken;
      for (let index = 0; index < offer.chunks; index++) {
        const bytes = await source.record();
        if (!bytes.ok) return bytes;
        const whole = receiver.chunk(index, bytes.value ?? new Uint8Array(0));
        if (!whole.ok) return whole;
        if (whole.value !== undefined) return ok(whole.value);
      }
      return damaged('its state has no end');
    } finally {
      await source.close();
    }
  }

  /** Behind the head; the record that follows. */
  async #begin(source: Source): Promise<Result<Buffer>> {
    await source.take(MAGIC.length + LENGTH_BYTES);
    await source.record();
    const record = await source.record();
    if (!record.ok) return record;
    return record.value === undefined ? damaged('nothing follows its head') : ok(record.value);
  }

  /** The rounds in the order of the file, one in memory at a time. */
  async *rounds(): AsyncGenerator<RoundRecord> {
    let source: Source | undefined;
    try {
      source = await Source.open(this.path);
      await source.take(MAGIC.length + LENGTH_BYTES);
      await source.record();
      if (this.head.first > 1) await skipState(source);
      for (;;) {
        const bytes = await source.record();
        if (!bytes.ok) this.fault = bytes.error;
        if (!bytes.ok || bytes.value === undefined) return;
        const round = decodeRound(bytes.value);
        if (!round.ok) this.fault = round.error;
        if (!round.ok) return;
        yield round.value;
      }
    } catch (error) {
      this.fault = unreadable(this.path, error).error;
    } finally {
      await source?.close();
    }
  }
}

/** Its metadata say how many chunks follow; `state` has verified them. */
async function skipState(source: Source): Promise<void> {
  const metadata = await source.record();
  const offered = metadata.ok && metadata.value !== undefined ? offerIn(metadata.value) : undefined;
  if (offered?.ok !== true) return;
  for (let left = offered.value.offer.chunks; left > 0; left--) await source.record();
}

/**
 * Reads the file once from end to end: its form, its hash and that it is of this network. Errors: `config-unreadable`,
 * `ledger-file-form` (something else), `ledger-file-version`, `ledger-file-network`, `ledger-file-truncated`,
 * `ledger-file-damaged`.
 */
export async function openLedgerFile(path: string, network: Uint8Array): Promise<Result<LedgerFile>> {
  let source: Source | undefined;
  try {
    source = await Source.open(path);
    return await readWhole(source, path, network);
  } catch (error) {
    return unreadable(path, error);
  } finally {
    await source?.close();
  }
}

/** What the operating system says; anything else is a bug. */
function unreadable(path: string, error: unknown): { readonly ok: false; readonly error: Failure } {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return fail(
    'config-unreadable',
    `The ledger's file ${path} can't be read (${code}): check the path and its permissions.`,
    { path },
  );
}

async function readWhole(source: Source, path: string, network: Uint8Array): Promise<Result<LedgerFile>> {
  const head = await readHead(source, network);
  if (!head.ok) return head;
  for (;;) {
    const record = await source.record();
    if (!record.ok) return record;
    if (record.value === undefined) break;
  }
  const hash = source.hash();
  const stored = await source.take(HASH_BYTES);
  if (stored === undefined) return truncated();
  if (!equalBytes(hash, stored)) return damaged('its hash is not that of its bytes');
  if ((await source.take(1)) !== undefined) return damaged('something follows its end');
  return ok(new LedgerFile(path, head.value));
}

async function readHead(source: Source, network: Uint8Array): Promise<Result<LedgerFileHead>> {
  const begin = await source.take(MAGIC.length + LENGTH_BYTES);
  if (begin === undefined || !equalBytes(begin.subarray(0, MAGIC.length), MAGIC)) {
    return fail('ledger-file-form', 'This is no file that iotw ledger export made.');
  }
  const version = begin.readUInt32LE(MAGIC.length);
  if (version !== VERSION) {
    return fail(
      'ledger-file-version',
      `The file is of version ${version}, this program reads ${VERSION}: take the iotw that made it.`,
      { version },
    );
  }
  const bytes = await source.record();
  if (!bytes.ok) return bytes;
  if (bytes.value === undefined) return damaged('it has no head');
  const head = decodeSsz(LedgerFileHeadType, bytes.value, 'The head');
  if (!head.ok) return damaged('its head has another form');
  if (equalBytes(head.value.network, network)) return head;
  return fail(
    'ledger-file-network',
    `The file holds the ledger of the network ${toHex(head.value.network)}: give the genesis of that one.`,
    { network: toHex(head.value.network) },
  );
}

function truncated(): Result<never> {
  return fail('ledger-file-truncated', 'The file ends too early: copy it again.');
}

function damaged(why: string): Result<never> {
  return fail('ledger-file-damaged', `The file is damaged, ${why}: copy it again.`);
}

/** A file read in order by pieces of any size, hashed on the way. */
class Source {
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #chunk: Buffer = Buffer.alloc(0);

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<Source> {
    return new Source(await open(path, 'r'));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Hash of everything taken so far. */
  hash(): Buffer {
    return this.#hash.copy().digest();
  }

  /** The next bytes; undefined where the file ends before them. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#chunk.length < length) {
      const more = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length - this.#chunk.length));
      const { bytesRead } = await this.#handle.read(more, 0, more.length);
      if (bytesRead === 0) return undefined;
      this.#chunk = Buffer.concat([this.#chunk, more.subarray(0, bytesRead)]);
    }
    const piece = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    this.#hash.update(piece);
    return piece;
  }

  /** The next record; undefined at the mark that ends them. Errors: `ledger-file-truncated`, `ledger-file-damaged`. */
  async record(): Promise<Result<Buffer | undefined>> {
    const length = (await this.take(LENGTH_BYTES))?.readUInt32LE();
    if (length === undefined) return truncated();
    if (length === 0) return ok(undefined);
    if (length > MAX_RECORD_BYTES) return damaged(`a record says that it has ${length} bytes`);
    const bytes = await this.take(length);
    return bytes === undefined ? truncated() : ok(bytes);
  }
}
