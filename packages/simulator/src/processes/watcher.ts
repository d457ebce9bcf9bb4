import { toHex } from '@iotw/kernel/bytes';
import type { Prng } from '@iotw/kernel/prng';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { type Attestation, encodeAttestation } from '@iotw/protocol/attestation';
import { encodeHeader } from '@iotw/protocol/header';
import type { LeftOutAnswer, Operation } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';
import type { Observer, World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import type { Client } from './client.js';

const LIFETIME_MS = 600_000;
/** Answers and cases that are kept, the newest. */
const KEPT = 4_096;
/** So many sequences it may be ahead of its oldest open transaction: the window of 64 moves on with the newest. */
const MOST_AHEAD = 48;

/** Keeps what devices said and shows the ledger the answers that a certificate passed over (clause 8.12). */
export class Watcher implements Observer {
  readonly #world: World;
  readonly #client: Client;
  readonly #prng: Prng;
  readonly #said = new Map<string, Attestation>();
  #sequence = 0;
  /** Sequence up to which everything is settled, and transactions that are about to be sent. */
  #settled = 0;
  #pending = 0;
  #over = false;
  /** What it has shown, for those who would be paid again. */
  readonly shown: LeftOutAnswer[] = [];
  /** Answers that stand in a certificate, with its header. */
  readonly heard: LeftOutAnswer[] = [];

  constructor(world: World, client: Client) {
    this.#world = world;
    this.#client = client;
    this.#prng = world.prng.fork('watcher');
  }

  /** A device said this. */
  answered(answer: Attestation): void {
    const key = `${toHex(answer.cited)}/${answer.rank}`;
    this.#said.set(key, answer);
    if (this.#said.size > KEPT) this.#said.delete(this.#said.keys().next().value!);
  }

  /** It shows nothing more: what it has sent must become final. */
  stop(): void {
    this.#over = true;
  }

  /** Whether one more transaction could push an open one out of its account's window. */
  get #busy(): boolean {
    if (this.#pending === 0 && this.#client.openAt(0) === 0) this.#settled = this.#sequence;
    return this.#sequence + this.#pending - this.#settled >= MOST_AHEAD;
  }

  /** A round was applied for the first time. */
  applied({ applied }: RoundOutcome): void {
    for (const { block, hash } of applied) {
      const { certificate, header } = block;
      const [first] = certificate.attestations;
      if (first !== undefined) keep(this.heard, caseOf(header, first));
      for (const { misses, thresholdMisses } of [...certificate.incoherent, certificate])
        for (const { rank } of [...misses, ...thresholdMisses]) {
          const answer = this.#said.get(`${toHex(hash)}/${rank}`);
          if (answer === undefined || this.#over || this.#busy) continue;
          const shown = caseOf(header, answer);
          keep(this.shown, shown);
          this.#world.coverage.add('answersShown');
          this.#pending += 1;
          this.#world.events.after(1 + this.#prng.below(400), () => {
            this.#pending -= 1;
            this.#submit({ type: 'leftOutAnswer', ...shown });
          });
        }
    }
  }

  #submit(operation: Operation): void {
    const { id, keys, nowMs } = this.#world;
    const sender = keys.watcher;
    const expiryMs = START_MS + nowMs + LIFETIME_MS;
    const sequence = ++this.#sequence;
    const memo = new Uint8Array(0);
    const content = { sender: sender.publicKey, sequence, expiryMs, operations: [operation], memo };
    this.#client.submit([{ transaction: signTransaction(id, content, sender), expiryMs }]);
  }
}

function caseOf(header: Parameters<typeof encodeHeader>[0], answer: Attestation): LeftOutAnswer {
  return { header: encodeHeader(header), attestation: encodeAttestation(answer) };
}

function keep(cases: LeftOutAnswer[], one: LeftOutAnswer): void {
  cases.push(one);
  if (cases.length > KEPT) cases.shift();
}
