/** A node for tests: the real ledger, rounds on a real store, and every signature checked; only blocks come at once. */
import { openMemoryStore } from '@iotw/adapters/store/memory-store';
import { verify } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock, RoundOutcome } from '@iotw/ledger/round-outcome';
import { signAs, TestNetwork, type TestOptions } from '@iotw/ledger/test-network';
import { LOCAL_CODES } from '@iotw/nodes/intake/local-codes';
import { UNDECIDED } from '@iotw/nodes/intake/submission';
import { edgeWrites, poolWrite } from '@iotw/nodes/ledger-server/epoch-records';
import { recordOf } from '@iotw/nodes/ledger-server/record-of';
import { ROUND_TABLE, type RoundRecord, roundKey, roundWrites } from '@iotw/nodes/ledger-server/round-record';
import { StoredHistory } from '@iotw/nodes/ledger-server/stored-history';
import type { Genesis } from '@iotw/protocol/genesis';
import type { RoundInput } from '@iotw/protocol/round';
import {
  checkEnvelopeFrame,
  ENVELOPE,
  type SignedTransaction,
  transactionId,
} from '@iotw/protocol/transaction';
import type { Backend, CommitSource, NodeStatus, SubmitOutcome, WaitFor } from './backend.js';

export class TestNode implements Backend {
  readonly t: TestNetwork;
  readonly store: Store = openMemoryStore();
  readonly history = new StoredHistory(this.store);
  readonly #listeners = new Set<(record: RoundRecord) => void>();
  readonly #seen = new Set<string>();
  #lane = 0;
  ready = true;
  kept: Backend['kept'] = { first: 1, left: 0 };
  engineCommits: CommitSource | undefined;
  full = false;
  /** Submissions stay undecided until `release`. */
  held: (() => void)[] | undefined;

  constructor(options: TestOptions = {}) {
    this.t = new TestNetwork(options);
    const first = this.ledger.snapshotOf(0);
    if (first !== undefined) void this.store.commit([poolWrite(first)]);
  }

  get network(): Uint8Array {
    return this.t.network;
  }
  get genesis(): Genesis {
    return this.t.genesis;
  }
  get ledger(): Ledger {
    return this.t.ledger;
  }

  /** Applies a round of these blocks, stores it, tells everyone. */
  apply(blocks: readonly PreparedBlock[], options: Partial<RoundInput> = {}): RoundRecord {
    const input = this.t.input({ ...options, blocks: blocks.map((b) => b.block) });
    const outcome = this.t.round(blocks, input);
    return this.#keep(input, blocks, outcome);
  }

  /** A round with these transactions in one block of `lane`. */
  send(lane: number, ...transactions: readonly SignedTransaction[]): RoundRecord {
    return this.apply([this.t.block(lane, transactions)]);
  }

  endEpoch(blocks: readonly PreparedBlock[] = []): RoundRecord {
    const timeMs = this.ledger.epochs.startMs + this.ledger.parameters.epochMs;
    return this.apply(blocks, { timeMs, seedProof: this.t.seedProof() });
  }

  #keep(input: RoundInput, blocks: readonly PreparedBlock[], outcome: RoundOutcome): RoundRecord {
    const made = recordOf(input, blocks, outcome, [
      { server: 0, signature: signAs('ledger0', outcome.hash) },
    ]);
    const writes = roundWrites(made);
    const { edge } = outcome;
    if (edge !== undefined) {
      writes.push(...edgeWrites(edge));
    }
    void this.store.commit(writes);
    // What listeners get went through the disk's form.
    const record = this.history.round(made.header.number)!;
    for (const listener of this.#listeners) listener(record);
    return record;
  }

  async submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    if (this.full) return fail('intake-full', 'The node is full: try again later.');
    const count = run.offsets.length - 1;
    const ids = new Uint8Array(32 * count);
    const codes = new Uint16Array(count).fill(UNDECIDED);
    const good: SignedTransaction[] = [];
    const places: number[] = [];
    for (let i = 0; i < count; i++) {
      const envelope = run.bytes.slice(run.offsets[i]!, run.offsets[i + 1]!);
      const code = this.#check(envelope, ids, i);
      if (code !== undefined) codes[i] = code;
      else {
        good.push({ id: ids.slice(32 * i, 32 * i + 32), envelope });
        places.push(i);
      }
    }
    const decide = () => {
      if (good.length === 0) return;
      const record = this.send(this.#lane++ % 3, ...good);
      const view = new DataView(record.codes.buffer, record.codes.byteOffset);
      places.forEach((place, k) => {
        codes[place] = view.getUint16(2 * k, true);
      });
    };
    if (this.held !== undefined) {
      const held = this.held;
      if (waitFor === 'accepted') held.push(decide);
      else {
        await new Promise<void>((resolve) => {
          held.push(() => {
            decide();
            resolve();
          });
        });
      }
    } else if (waitFor === 'accepted') setImmediate(decide);
    else decide();
    return ok({ count, ids, codes: codes.slice() });
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const decide of held) decide();
  }

  #check(envelope: Uint8Array, ids: Uint8Array, i: number): number | undefined {
    if (!checkEnvelopeFrame(envelope).ok) return LOCAL_CODES['transaction-malformed'];
    const id = transactionId(this.network, envelope.subarray(ENVELOPE.transaction));
    ids.set(id, 32 * i);
    const signature = envelope.subarray(ENVELOPE.signature, ENVELOPE.transaction);
    const sender = envelope.subarray(ENVELOPE.sender, ENVELOPE.sender + 32);
    if (!verify(signature, id, sender)) return LOCAL_CODES['signature-invalid'];
    const name = Buffer.from(id).toString('hex');
    if (this.#seen.has(name)) return LOCAL_CODES['transaction-duplicate'];
    this.#seen.add(name);
    return undefined;
  }

  pruneBelow(round: number): void {
    for (let n = this.kept.first; n < round; n++) {
      void this.store.commit([{ table: ROUND_TABLE, key: roundKey(n), value: undefined }]);
    }
    this.kept = { first: round, left: 0 };
  }

  onRound(listener: (record: RoundRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): NodeStatus {
    return {
      roles: ['ledger', 'trust'],
      ready: this.ready,
      trustNodes: [
        { index: 0, devicesConnected: 4, blocksInFlight: 0, pending: 2, relayed: 0, answered: 9, missed: 1 },
      ],
      verifying: 3,
      peers: [
        { peer: 'trust:1', up: true },
        { peer: 'ledger:1', up: false },
      ],
      commits: { commits: 5, waitedMs: 20 },
    };
  }
}
