import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLmdbStore } from '@iotw/adapters/store/lmdb-store';
import { startWorkerPool } from '@iotw/adapters/verify/worker-pool';
import { auditLedger } from '@iotw/cli/node/audit-ledger';
import { equalBytes, readU16, toHex } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { Ledger } from '@iotw/ledger/ledger';
import { replayRound } from '@iotw/nodes/ledger-server/replay';
import { type RoundRecord, storedRound, storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { readBody } from '@iotw/protocol/body';
import { roundHash } from '@iotw/protocol/round';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { restoreLedger } from '@iotw/runtime/restore-ledger';
import type { DurableNetwork } from './durable-network.js';
import { type Acknowledged, codeName, isDecisive } from './paying-client.js';

/** Where a lane stands. */
export interface LaneProgress {
  readonly incarnation: number;
  readonly height: number;
}

export interface Progress {
  readonly round: number;
  readonly epoch: number;
  readonly lanes: readonly LaneProgress[];
}

interface Decision {
  readonly code: string;
  readonly round: number;
}

/** Violations told in full; of more only the number. */
const SHOWN = 5;

/**
 * Reads what a node that ended left on disk, and holds it against everything seen before. Works on a copy of the
 * data file, so that the node itself has to mend what it left.
 */
export class StoreCheck {
  /** Rounds from the genesis on, applied again one after the other. */
  readonly #twin: Ledger;
  readonly #network: DurableNetwork;
  readonly #decisions = new Map<string, Decision>();
  /** Sender and sequence of every transaction that used its sequence. */
  readonly #used = new Set<string>();
  #checked = 0;
  #lostFrom: number | undefined;
  /** Rounds above the snapshot at the last check: what a start has to apply. */
  replayed = 0;
  /** Acknowledged transactions that are not on the ledger and that no lying disk excuses. */
  lost = 0;
  /** Those that were acknowledged of a commit which a lying disk never made. */
  excused = 0;

  constructor(network: DurableNetwork) {
    this.#network = network;
    this.#twin = Ledger.genesis(network.genesis);
  }

  get progress(): Progress {
    const lanes = Array.from({ length: this.#twin.lanes.rows }, (_, lane) => this.#twin.lanes.read(lane)!);
    return {
      round: this.#twin.round,
      epoch: this.#twin.epoch,
      lanes: lanes.map(({ incarnation, height }) => ({ incarnation, height })),
    };
  }

  /**
   * Checks the store against what was acknowledged up to now. With `lying`, the disk lost the last commit it
   * confirmed: what was acknowledged of rounds after the last stored one is excused.
   * Returns what is wrong, in words.
   */
  async check(acknowledged: readonly Acknowledged[], lying = false): Promise<string[]> {
    const copy = join(this.#network.dir, 'checked');
    await copyStore(this.#network.ledgerDir, copy);
    const opened = await openLmdbStore({ path: copy });
    if (!opened.ok) return [`the store can't be opened: ${opened.error.code} ${opened.error.message}`];
    const store = opened.value;
    try {
      const wrong = [...(await this.#state(store)), ...this.#acknowledgements(acknowledged, lying)];
      return wrong.length <= SHOWN
        ? wrong
        : [...wrong.slice(0, SHOWN), `and ${wrong.length - SHOWN} things more`];
    } finally {
      await store.close();
      await rm(copy, { recursive: true, force: true });
    }
  }

  /** Every signature and outcome from the genesis on, as `iotw ledger audit` verifies them. */
  async audit(): Promise<string[]> {
    const copy = join(this.#network.dir, 'audited');
    await copyStore(this.#network.ledgerDir, copy);
    const opened = await openLmdbStore({ path: copy });
    if (!opened.ok) return [`the store can't be opened: ${opened.error.code} ${opened.error.message}`];
    const verifier = startWorkerPool({ network: this.#network.network, workers: 2 });
    try {
      const report = await auditLedger(storedRounds(opened.value), this.#network.genesis, verifier, () => {});
      if (!report.ok) return [`the audit fails: ${report.error.code} ${report.error.message}`];
      return equalBytes(report.value.stateHash, this.#twin.stateHash)
        ? []
        : ['the audit comes to another state hash than the node'];
    } finally {
      await verifier.close();
      await opened.value.close();
      await rm(copy, { recursive: true, force: true });
    }
  }

  /** What the node would restore is what the rounds from the genesis on give. */
  async #state(store: Store): Promise<string[]> {
    const wrong: string[] = [];
    for (const record of storedRounds(store, this.#twin.round + 1)) {
      if (record.header.number !== this.#twin.round + 1) {
        return [`round ${this.#twin.round + 1} is missing, round ${record.header.number} is there`];
      }
      const replayed = replayRound(this.#twin, record);
      if (!replayed.ok) return [`${replayed.error.code}: ${replayed.error.message}`];
      wrong.push(...this.#note(record));
    }
    if (!this.#endsAsBefore(store))
      wrong.push(`round ${this.#twin.round} of an earlier start is gone or changed`);
    const restored = await restoreLedger(store, this.#network.genesis, {});
    if (!restored.ok) return [...wrong, `restore: ${restored.error.code} ${restored.error.message}`];
    const { ledger, replayed } = restored.value;
    this.replayed = replayed;
    if (ledger.round !== this.#twin.round)
      wrong.push(`restored round ${ledger.round}, stored ${this.#twin.round}`);
    if (!equalBytes(ledger.stateHash, this.#twin.stateHash))
      wrong.push('the restored state hash is another one');
    if (!equalBytes(ledger.stateRoot(), this.#twin.stateRoot())) wrong.push('the restored state is torn');
    if (ledger.countSupply() !== Ledger.genesis(this.#network.genesis).chain.supply)
      wrong.push('supply changed');
    return wrong;
  }

  #endsAsBefore(store: Store): boolean {
    if (this.#twin.round === 0) return true;
    const record = storedRound(store, this.#twin.round);
    if (record === undefined) return false;
    return equalBytes(roundHash(this.#network.network, record.header), this.#twin.roundHash);
  }

  /** Takes a round's outcomes down; no sequence is used twice. */
  #note(record: RoundRecord): string[] {
    const wrong: string[] = [];
    const { number } = record.header;
    const idsAt: number[] = [];
    let ids = 0;
    for (const { header } of record.input.blocks) {
      idsAt.push(ids);
      ids += header.count;
    }
    let position = 0;
    for (let at = 0; at < record.order.length; at += 2) {
      const place = readU16(record.order, at);
      const block = record.input.blocks[place]!;
      const body = readBody(block.body);
      if (!body.ok) return [`round ${number}: ${body.error.message}`];
      for (let i = 0; i < block.header.count; i++, position++) {
        const code = readU16(record.codes, 2 * position);
        if (!isDecisive(code)) continue;
        const { bytes, offsets } = body.value;
        const envelope = decodeEnvelope(bytes.subarray(offsets[i]!, offsets[i + 1]!));
        if (!envelope.ok) return [`round ${number} applied what can't be read`];
        const { sender, sequence } = envelope.value.transaction;
        const use = `${toHex(sender)} ${sequence}`;
        if (this.#used.has(use)) wrong.push(`round ${number} applies sequence ${sequence} of a sender again`);
        this.#used.add(use);
        const first = 32 * (idsAt[place]! + i);
        const id = toHex(record.ids.subarray(first, first + 32));
        this.#decisions.set(id, { code: codeName(code), round: number });
      }
    }
    return wrong;
  }

  #acknowledgements(acknowledged: readonly Acknowledged[], lying: boolean): string[] {
    const wrong: string[] = [];
    if (lying) this.#lostFrom = this.#twin.round + 1;
    const life = acknowledged.at(-1)?.life;
    for (; this.#checked < acknowledged.length; this.#checked++) {
      const told = acknowledged[this.#checked]!;
      const stored = this.#decisions.get(told.id);
      if (stored !== undefined && stored.code === told.code && stored.round === told.round) continue;
      const excuse = lying && told.life === life && told.round >= this.#lostFrom!;
      if (excuse) {
        this.excused += 1;
        continue;
      }
      this.lost += 1;
      const found = stored === undefined ? 'nowhere' : `${stored.code} in round ${stored.round}`;
      wrong.push(`${told.id} was acknowledged ${told.code} in round ${told.round} and is ${found}`);
    }
    return wrong;
  }
}

/** The data files alone: no owner's socket, no lock of readers. A node that never came so far left none. */
async function copyStore(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  for (const part of ['.', 'rewritten']) {
    await mkdir(join(to, part), { recursive: true });
    const [file, copy] = [join(from, part, 'data.mdb'), join(to, part, 'data.mdb')];
    await copyFile(file, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
