import { randomBytes } from 'node:crypto';
import { EmbeddedEngine } from '@iotw/adapters/engine/embedded-engine';
import { readU64 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { sequenceCode } from '@iotw/ledger/tables/sequences';
import type { BeaconStored } from '@iotw/nodes/ledger-server/beacon-member';
import {
  LedgerServer,
  type LedgerServerEffect,
  type LedgerServerEvent,
} from '@iotw/nodes/ledger-server/ledger-server';
import { snapshotWrites } from '@iotw/nodes/ledger-server/restore';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { ledgerPeer, type PeerId } from '@iotw/nodes/messages';
import { RESULT_CODES } from '@iotw/protocol/result';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { verifierFailed } from './local-entrance.js';
import type { Shell } from './shell.js';

export interface LedgerIdentity {
  readonly index: number;
  readonly keys: KeyPair;
  readonly vrfKeys: KeyPair;
}

export interface LedgerRoleOptions {
  readonly identity: LedgerIdentity;
  readonly serverCount: number;
  readonly ledger: Ledger;
  readonly checker: SignatureChecker;
  /** Verifies the transactions of a block that another process certified. */
  readonly verify: (run: VerifyRun) => Promise<VerifiedRun>;
  /** A round is applied and durable. */
  readonly applied: (record: RoundRecord, outcome: RoundOutcome) => void;
  /** Its part in the ledger servers' shared key, as the store has it. */
  readonly beacon: BeaconStored;
}

/** How often the machine looks for stalled lanes and a proof that is due, ms. */
const DUTY_MS = 1_000;

/** The ledger server of this process: its machine and its engine. */
export class LedgerRole {
  readonly peer: PeerId;
  readonly ledger: Ledger;
  readonly #shell: Shell;
  readonly #options: LedgerRoleOptions;
  readonly #server: LedgerServer;
  readonly #engine: EmbeddedEngine;
  #dutyAtMs = Number.NEGATIVE_INFINITY;

  constructor(shell: Shell, options: LedgerRoleOptions) {
    const { identity, serverCount, ledger, checker, beacon } = options;
    this.#shell = shell;
    this.#options = options;
    this.ledger = ledger;
    this.peer = ledgerPeer(identity.index);
    this.#server = new LedgerServer({
      ...identity,
      serverCount,
      ledger,
      checker,
      beacon: { entropy: () => new Uint8Array(randomBytes(32)), stored: beacon },
    });
    this.#engine = new EmbeddedEngine({
      propose: () => this.#server.buildRound(shell.nowMs()),
      decide: (input) => this.#step({ kind: 'decided', input }),
      ...(shell.failpoints === undefined ? {} : { failpoints: shell.failpoints }),
    });
    shell.router.add(this.peer, (from, message) => this.#step({ kind: 'peer', from, message }));
  }

  /** No round is under way. */
  get idle(): boolean {
    return this.#engine.idle;
  }

  /** Whether the sender's sequence is used by what is durable; false while a round is under way. */
  spent(envelope: Uint8Array): boolean {
    const { accounts } = this.ledger;
    const account = accounts.find(envelope.subarray(ENVELOPE.sender, ENVELOPE.sequence));
    if (account === -1 || !this.#engine.idle) return false;
    const code = sequenceCode(accounts, account, readU64(envelope, ENVELOPE.sequence));
    return code === RESULT_CODES['sequence-used'];
  }

  /** Certified blocks refused since the start. */
  get refused(): number {
    return this.#server.refused;
  }

  /** Something may be there to decide. */
  decide(): void {
    this.#engine.poke();
  }

  /** The duties that no message asks for. */
  tick(nowMs: number): void {
    if (nowMs - this.#dutyAtMs < DUTY_MS) return;
    this.#dutyAtMs = nowMs;
    this.#step({ kind: 'tick' });
  }

  stop(): void {
    this.#engine.stop();
  }

  #step(event: LedgerServerEvent): void {
    const shell = this.#shell;
    if (shell.halted) return;
    const effects: LedgerServerEffect[] = [];
    this.#server.step(event, shell.nowMs(), effects);
    for (const effect of effects) this.#perform(effect);
  }

  #enter(event: LedgerServerEvent): void {
    this.#step(event);
    this.#shell.settle();
  }

  #perform(effect: LedgerServerEffect): void {
    const { router, commits, failpoints } = this.#shell;
    switch (effect.kind) {
      case 'send':
        router.send(this.peer, effect.to, effect.message);
        break;
      case 'persist':
        failpoints?.hit('runtime-round-persist');
        commits.add(effect.writes, () => {
          failpoints?.hit('runtime-round-persisted');
          this.#enter({ kind: 'persisted', token: effect.token });
        });
        break;
      case 'edge':
        failpoints?.hit('runtime-snapshot-write');
        // Same commit as the round itself: a snapshot never stands without its round.
        commits.add(snapshotWrites(this.ledger), () => failpoints?.hit('runtime-snapshot-written'));
        break;
      case 'applied':
        failpoints?.hit('runtime-round-announce');
        this.#options.applied(effect.record, effect.outcome);
        this.#engine.applied();
        break;
      case 'verify':
        this.#options.verify(effect.run).then(
          ({ ids, valid }) => this.#enter({ kind: 'verified', token: effect.token, ids, valid }),
          (error: unknown) => verifierFailed(this.#shell, error),
        );
        break;
      case 'halted':
        this.#shell.halt({ code: 'ledger-halted', message: effect.reason });
        break;
      case 'verdict':
        break;
    }
  }
}
