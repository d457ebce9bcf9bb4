import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { originWrite } from '@iotw/adapters/cometbft/position';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { assert } from '@iotw/kernel/assert';
import { equalBytes } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { TransactionVerifier } from '@iotw/kernel/ports/verifier';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { Ledger } from '@iotw/ledger/ledger';
import { StateShape } from '@iotw/ledger/state-shape';
import { originOf } from '@iotw/nodes/engine/origin';
import { edgeWrites, poolWrite } from '@iotw/nodes/ledger-server/epoch-records';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import { pageReader, snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import { roundWrites } from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { claimStore } from '@iotw/runtime/restore-ledger';
import {
  type AuditOptions,
  type AuditProgress,
  type AuditReport,
  auditLedger,
} from '../node/audit-ledger.js';
import { type LedgerFile, openLedgerFile } from './read-ledger-file.js';
import { growingIn } from './unfinished.js';
import { syncDirectory } from './write-ledger-file.js';

export interface ImportPlan {
  readonly path: string;
  /** The node's data directory: not there yet, or empty. */
  readonly data: string;
  readonly genesis: Genesis;
  readonly verifier: TransactionVerifier;
  readonly onProgress: (progress: AuditProgress) => void;
  readonly stopped: () => boolean;
  /** Of the file of a pruned ledger: hash of its last round, from somebody who knows it. */
  readonly believe?: Uint8Array | undefined;
}

export interface Imported {
  readonly head: LedgerFileHead;
  readonly report: AuditReport;
}

/** Bytes that one commit gathers, at least. */
const COMMIT_BYTES = 8_388_608;

/**
 * Makes a node's ledger from a file, believing nothing in it: every signature, certificate and outcome is verified from
 * the genesis on, as an audit does, and what is stored is what came of it here. The ledger appears under its name when it
 * is whole and durable; a run that was broken off is begun again by the next one.
 * The file of a pruned ledger is believed as far as its last round is (`believe`). Errors: `import-believe`, `import-not-empty`, `import-mismatch` (the rounds lead elsewhere than the file says), those of openLedgerFile,
 * of auditLedger and of the store.
 */
export async function importLedger(plan: ImportPlan): Promise<Result<Imported>> {
  const { path, data, genesis } = plan;
  const file = await openLedgerFile(path, networkId(genesis));
  if (!file.ok) return file;
  const fresh = await freshStore(data);
  if (!fresh.ok) return fresh;
  const store = fresh.value;
  let filled: Result<AuditReport>;
  try {
    filled = await fill(store, file.value, plan);
  } finally {
    await store.close();
  }
  if (!filled.ok) {
    await rm(growingIn(data), { recursive: true });
    return filled;
  }
  await rename(growingIn(data), join(data, 'ledger'));
  await syncDirectory(data);
  return ok({ head: file.value.head, report: filled.value });
}

/** An empty store to grow in. A live import's store is not touched: it is owned. */
async function freshStore(data: string): Promise<Result<Store>> {
  const path = growingIn(data);
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    if ((await readdir(data)).some((name) => join(data, name) !== path)) {
      return fail(
        'import-not-empty',
        `${data} holds something already: choose a new directory. Nothing was changed.`,
        { path: data },
      );
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('file-unwritable', `${data} can't be written (${code}): check path and rights.`, {
      path: data,
    });
  }
  if (existsSync(path)) {
    const before = await openLmdbStore({ path });
    if (!before.ok && before.error.code === 'store-locked') return before;
    if (before.ok) await before.value.close();
    await rm(path, { recursive: true });
  }
  return openLmdbStore({ path });
}

async function fill(store: Store, file: LedgerFile, plan: ImportPlan): Promise<Result<AuditReport>> {
  const { genesis, verifier, onProgress, stopped } = plan;
  const growing = new Growing(store);
  const start = await startIn(store, file, plan);
  if (!start.ok) return start;
  const report = await auditLedger(file.rounds(), genesis, verifier, onProgress, {
    ...growing.audit,
    start: start.value,
    stopped,
  });
  if (file.fault !== undefined) return { ok: false, error: file.fault };
  if (!report.ok) {
    if (report.error.code !== 'audit-stopped') return report;
    return fail('import-stopped', 'Stopped: nothing was imported.');
  }
  const ledger = growing.ledger;
  const { head } = file;
  const same =
    ledger.round === head.round &&
    equalBytes(ledger.roundHash, head.roundHash) &&
    equalBytes(ledger.stateHash, head.stateHash) &&
    equalBytes(ledger.stateRoot(), head.stateRoot);
  if (!same) {
    return fail('import-mismatch', 'The rounds of the file lead to another state than it says: export anew.');
  }
  const origin = head.origin === 0 ? [] : [originWrite(originOf(ledger))];
  // The state is the last round's now, which need not have ended an epoch.
  const kept = await growing.end([...snapshotWrites(ledger), ...origin]);
  if (!kept.ok) return kept;
  const claimed = await claimStore(store, networkId(genesis));
  return claimed.ok ? report : claimed;
}

/** The state that the rounds of a pruned ledger lead on from: taken into the store; undefined of any other. */
async function startIn(
  store: Store,
  file: LedgerFile,
  { genesis, believe }: ImportPlan,
): Promise<Result<Ledger | undefined>> {
  const { first, round, roundHash } = file.head;
  if (first <= 1) return ok(undefined);
  if (believe === undefined || !equalBytes(believe, roundHash)) {
    return fail(
      'import-believe',
      `The file begins with a state and round ${first}, not with the genesis: give --believe with the hash of round ${round}, from the backup's own words or from a server that you trust.`,
      { first, round },
    );
  }
  const state = await file.state(new StateShape(genesis));
  if (!state.ok) return state;
  const stored = await store.commit(state.value.writes);
  return stored.ok ? Ledger.load(pageReader(store), genesis) : stored;
}

/** Gathers what a ledger server would have stored of each round. */
class Growing {
  readonly #store: Store;
  #ledger: Ledger | undefined;
  #writes: Write[] = [];
  #bytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  get ledger(): Ledger {
    assert(this.#ledger !== undefined, 'the ledger has not begun');
    return this.#ledger;
  }

  readonly audit: Pick<AuditOptions, 'onLedger' | 'onKept' | 'onRound'> = {
    onLedger: (ledger) => {
      this.#ledger = ledger;
      const first = ledger.snapshotOf(0);
      if (first !== undefined) this.#add([poolWrite(first)]);
    },
    onKept: async (record) => {
      this.#add(roundWrites(record));
      return this.#bytes >= COMMIT_BYTES ? this.end([]) : ok(undefined);
    },
    onRound: async (record, { edge }) => {
      this.#add(roundWrites(record));
      if (edge !== undefined) this.#add(edgeWrites(edge));
      return this.#bytes >= COMMIT_BYTES ? this.end([]) : ok(undefined);
    },
  };

  #add(writes: readonly Write[]): void {
    this.#writes.push(...writes);
    for (const { value } of writes) this.#bytes += value?.length ?? 0;
  }

  end(last: readonly Write[]): Promise<Result<void>> {
    const writes = [...this.#writes, ...last];
    this.#writes = [];
    this.#bytes = 0;
    return this.#store.commit(writes);
  }
}
