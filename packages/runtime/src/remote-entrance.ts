import type { SubmitOutcome, WaitFor } from '@iotw/api/backend';
import { readU64 } from '@iotw/kernel/bytes';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import { fail, type Result } from '@iotw/kernel/result';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { DEFAULT_INTAKE_LIMITS } from '@iotw/nodes/intake/intake';
import { LOCAL_CODES } from '@iotw/nodes/intake/local-codes';
import type { Screen } from '@iotw/nodes/intake/screen';
import { decide, newSubmission, type Submission } from '@iotw/nodes/intake/submission';
import type { PeerId } from '@iotw/nodes/messages';
import { encodeBody } from '@iotw/protocol/body';
import { MAX_BODY_BYTES } from '@iotw/protocol/limits';
import { RESULT_CODES } from '@iotw/protocol/result';
import { checkEnvelopeFrame, ENVELOPE } from '@iotw/protocol/transaction';
import type { Entrance } from './entrance.js';
import { verifierFailed } from './local-entrance.js';
import { recentSignatures } from './recent-signatures.js';
import type { Shell } from './shell.js';
import { newWaiter, tell } from './submissions.js';

export interface RemoteEntranceOptions {
  /** Who speaks: the ledger server of this process. */
  readonly self: PeerId;
  /** What a lane would have to pay for is not handed to any. */
  readonly screen: Screen;
  /** Trust nodes with a link that is up. */
  readonly trustNodes: () => readonly PeerId[];
  /** By the durable ledger the sender's sequence is used: this transaction can't be included any more. */
  readonly spent: (envelope: Uint8Array) => boolean;
}

/** A transaction on its way; known by its signature until a round has decided it. */
interface Pending {
  readonly submission: Submission;
  readonly index: number;
  readonly envelope: Uint8Array;
  readonly idKey: string;
  sentMs: number;
  /** The trust node that got it last. */
  to: PeerId | undefined;
}

/** Transactions in one message, so that several trust nodes share what comes at once. */
const PER_MESSAGE = 512;
/**
 * What comes within so many milliseconds goes to one trust node, as long as it is less than a block's worth; all servers begin
 * a slice with the same one. A block costs the network the same with one transaction in it as with many.
 */
const SLICE_MS = 250;
const PER_SLICE = 256;
/** A transaction that no round decided after this time is handed to the next trust node, ms. */
const RESEND_MS = 3_000;

/**
 * The entrance of a process with a ledger and no trust node: verifies, hands out over the mesh, and reads
 * the results out of the rounds. What a trust node lost, another one gets; the ledger takes it once.
 */
export class RemoteEntrance implements Entrance {
  readonly #shell: Shell;
  readonly #options: RemoteEntranceOptions;
  readonly #recent = recentSignatures();
  readonly #bySignature = new Map<string, Pending>();
  readonly #byId = new Map<string, Pending>();
  #verifying = 0;
  #slice = 0;
  #turn = 0;
  /** Transactions handed to the trust node whose turn it is. */
  #given = 0;
  #nextLookMs = 0;

  constructor(shell: Shell, options: RemoteEntranceOptions) {
    this.#shell = shell;
    this.#options = options;
  }

  get verifying(): number {
    return this.#verifying;
  }

  get busy(): boolean {
    return this.#verifying + this.#byId.size > 0;
  }

  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    const count = run.offsets.length - 1;
    if (this.#verifying + this.#byId.size + count > DEFAULT_INTAKE_LIMITS.maxVerifying) {
      return Promise.resolve(
        fail(
          'intake-full',
          'The node has as many transactions waiting as it may hold: try again in a moment.',
        ),
      );
    }
    return new Promise((resolve) => {
      const submission = newSubmission(run, newWaiter(waitFor, resolve));
      submission.ids = new Uint8Array(32 * count);
      const kept: number[] = [];
      for (let i = 0; i < count; i++) {
        const from = run.offsets[i]!;
        if (!checkEnvelopeFrame(envelopeOf(run, i)).ok)
          decide(submission, i, LOCAL_CODES['transaction-malformed']);
        else if (this.#recent.has(run.bytes, from + ENVELOPE.signature))
          decide(submission, i, LOCAL_CODES['transaction-duplicate']);
        else {
          const code = this.#options.screen.check(submission, i);
          if (code === 0) kept.push(i);
          else decide(submission, i, code);
        }
      }
      if (kept.length === 0) tell(submission, 'final');
      else this.#verify(submission, kept);
    });
  }

  #verify(submission: Submission, kept: readonly number[]): void {
    const { run } = submission;
    this.#verifying += kept.length;
    const chosen = kept.length === submission.count ? run : pick(run, kept);
    this.#shell.verifier.verify(chosen).then(
      (verified) => {
        this.#verifying -= kept.length;
        this.#admit(submission, kept, verified);
        this.#shell.settle();
      },
      (error: unknown) => verifierFailed(this.#shell, error),
    );
  }

  #admit(submission: Submission, kept: readonly number[], verified: VerifiedRun): void {
    const { run } = submission;
    const taken: Pending[] = [];
    kept.forEach((index, k) => {
      const id = verified.ids.subarray(32 * k, 32 * k + 32);
      submission.ids.set(id, 32 * index);
      if (verified.valid[k] !== 1) decide(submission, index, LOCAL_CODES['signature-invalid']);
      else if (this.#recent.has(run.bytes, run.offsets[index]! + ENVELOPE.signature))
        decide(submission, index, LOCAL_CODES['transaction-duplicate']);
      else {
        const unpromised = this.#options.screen.promise(submission, index);
        if (unpromised !== 0) {
          decide(submission, index, unpromised);
          return;
        }
        this.#recent.put(run.bytes, run.offsets[index]! + ENVELOPE.signature);
        const pending = {
          submission,
          index,
          envelope: envelopeOf(run, index),
          idKey: keyOf(id),
          sentMs: 0,
          to: undefined,
        };
        this.#bySignature.set(signatureKey(pending.envelope), pending);
        this.#byId.set(pending.idKey, pending);
        taken.push(pending);
      }
    });
    this.#shell.failpoints?.hit('runtime-submitted');
    tell(submission, 'accepted');
    this.#handOut(taken);
  }

  /** Message by message to the trust nodes that are there; to `besides` only where there is no other. */
  #handOut(taken: readonly Pending[], besides?: PeerId): void {
    const nowMs = this.#shell.nowMs();
    const there = this.#options.trustNodes();
    const others = there.filter((peer) => peer !== besides);
    const targets = others.length > 0 ? others : there;
    let message: Pending[] = [];
    let bytes = 0;
    const send = (): void => {
      const to = targets[this.#nextTurn(message.length, nowMs) % targets.length];
      for (const pending of message) pending.to = to;
      const envelopes = message.map(({ envelope }) => envelope);
      if (to !== undefined && envelopes.length > 0)
        this.#shell.router.send(this.#options.self, to, { kind: 'submit', envelopes: encodeBody(envelopes) });
      message = [];
      bytes = 0;
    };
    for (const pending of taken) {
      const length = pending.envelope.length + 4;
      if (message.length >= PER_MESSAGE || bytes + length > MAX_BODY_BYTES) send();
      message.push(pending);
      bytes += length;
      pending.sentMs = nowMs;
    }
    send();
  }

  /** Whose turn it is to get `count` transactions. */
  #nextTurn(count: number, nowMs: number): number {
    const slice = Math.floor(nowMs / SLICE_MS);
    if (slice !== this.#slice || this.#given >= PER_SLICE) {
      this.#turn = slice === this.#slice ? this.#turn + 1 : slice;
      this.#slice = slice;
      this.#given = 0;
    }
    this.#given += count;
    return this.#turn;
  }

  /** A round is on the ledger: what it decided is told. */
  onRound({ ids, codes }: RoundOutcome, agreedMs: number): void {
    if (this.#byId.size === 0) return;
    for (let i = 0; i < codes.length; i++) {
      const pending = this.#byId.get(keyOf(ids.subarray(32 * i, 32 * i + 32)));
      // The id says nothing of the signature: a lane that included a forged copy decides nothing about ours.
      if (pending !== undefined && codes[i] !== RESULT_CODES['signature-invalid'])
        this.#decide(pending, codes[i]!);
    }
    for (const pending of this.#byId.values()) {
      if (readU64(pending.envelope, ENVELOPE.expiryMs) >= agreedMs) continue;
      this.#decide(pending, RESULT_CODES['transaction-expired']);
    }
  }

  #decide(pending: Pending, code: number): void {
    this.#byId.delete(pending.idKey);
    this.#bySignature.delete(signatureKey(pending.envelope));
    if (decide(pending.submission, pending.index, code)) tell(pending.submission, 'final');
  }

  /** Hands out again what no round has decided for long. */
  tick(nowMs: number): void {
    if (this.#byId.size === 0 || nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + RESEND_MS / 4;
    const late = new Map<PeerId | undefined, Pending[]>();
    for (const pending of this.#byId.values()) {
      if (nowMs - pending.sentMs < RESEND_MS) continue;
      // Included before this process was restarted, say: trust nodes drop what they have seen.
      if (this.#options.spent(pending.envelope)) this.#decide(pending, RESULT_CODES['sequence-used']);
      else {
        const same = late.get(pending.to) ?? [];
        late.set(pending.to, same);
        same.push(pending);
      }
    }
    for (const [to, pending] of late) this.#handOut(pending, to);
  }

  /** A certified block's transactions: those that were verified here on their way out are not verified again. */
  async verifyBlock(run: VerifyRun): Promise<VerifiedRun> {
    const count = run.offsets.length - 1;
    const verified = { ids: new Uint8Array(32 * count), valid: new Uint8Array(count) };
    const unknown: number[] = [];
    for (let i = 0; i < count; i++) {
      const envelope = envelopeOf(run, i);
      const pending =
        envelope.length < ENVELOPE.operations ? undefined : this.#bySignature.get(signatureKey(envelope));
      if (pending !== undefined && Buffer.compare(pending.envelope, envelope) === 0) {
        const { ids } = pending.submission;
        verified.ids.set(ids.subarray(32 * pending.index, 32 * pending.index + 32), 32 * i);
        verified.valid[i] = 1;
      } else unknown.push(i);
    }
    if (unknown.length === 0) return verified;
    const { ids, valid } = await this.#shell.verifier.verify(
      unknown.length === count ? run : pick(run, unknown),
    );
    unknown.forEach((index, k) => {
      verified.ids.set(ids.subarray(32 * k, 32 * k + 32), 32 * index);
      verified.valid[index] = valid[k]!;
    });
    return verified;
  }
}

function envelopeOf(run: VerifyRun, index: number): Uint8Array {
  return run.bytes.subarray(run.offsets[index]!, run.offsets[index + 1]!);
}

/** Some envelopes of a run as a run of their own. */
function pick(run: VerifyRun, indices: readonly number[]): VerifyRun {
  const envelopes = indices.map((index) => envelopeOf(run, index));
  const offsets = new Uint32Array(indices.length + 1);
  envelopes.forEach((envelope, i) => {
    offsets[i + 1] = offsets[i]! + envelope.length;
  });
  const bytes = new Uint8Array(offsets[indices.length]!);
  envelopes.forEach((envelope, i) => {
    bytes.set(envelope, offsets[i]);
  });
  return { bytes, offsets };
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');
}

function signatureKey(envelope: Uint8Array): string {
  return keyOf(envelope.subarray(ENVELOPE.signature, ENVELOPE.signature + 32));
}
