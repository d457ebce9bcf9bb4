import type { SubmitOutcome, WaitFor } from '@iotw/api/backend';
import type { VerifyRun } from '@iotw/kernel/ports/verifier';
import type { Result } from '@iotw/kernel/result';
import type { NodeEffect } from '@iotw/nodes/effects';
import { DEFAULT_INTAKE_LIMITS, Intake } from '@iotw/nodes/intake/intake';
import type { Screen } from '@iotw/nodes/intake/screen';
import type { LaneQueue } from '@iotw/nodes/trust-node/lane-queue';
import type { Entrance } from './entrance.js';
import { recentSignatures } from './recent-signatures.js';
import type { Shell } from './shell.js';
import { newWaiter, tell } from './submissions.js';
import type { TrustRole } from './trust-role.js';

/** The entrance of a process with trust nodes: verified transactions go straight into their lanes. */
export class LocalEntrance implements Entrance {
  readonly #shell: Shell;
  readonly #trust: readonly TrustRole[];
  readonly #intake: Intake;

  /** `laneTarget`: transactions of a whole block. `screen`: where the process has the ledger at hand. */
  constructor(shell: Shell, trust: readonly TrustRole[], laneTarget: number, screen?: Screen) {
    this.#shell = shell;
    this.#trust = trust;
    this.#intake = new Intake(
      trust.map(({ node }) => node.queue),
      recentSignatures(),
      { ...DEFAULT_INTAKE_LIMITS, laneTarget },
      screen,
    );
  }

  get verifying(): number {
    return this.#intake.verifying;
  }

  get busy(): boolean {
    return this.#intake.verifying > 0;
  }

  submit(run: VerifyRun, waitFor: WaitFor): Promise<Result<SubmitOutcome>> {
    return new Promise((resolve) => {
      const effects: NodeEffect[] = [];
      const submitted = this.#intake.submit(run, newWaiter(waitFor, resolve), effects);
      if (!submitted.ok) {
        resolve(submitted);
        return;
      }
      this.#shell.failpoints?.hit('runtime-submitted');
      if (submitted.value.remaining === 0) tell(submitted.value, 'final');
      this.#verifyAll(effects);
    });
  }

  /** A block of this lane has left. */
  rotate(lane: LaneQueue): void {
    this.#intake.rotate(lane);
  }

  #verifyAll(effects: readonly NodeEffect[]): void {
    for (const effect of effects) if (effect.kind === 'verify') this.#verify(effect.token, effect.run);
  }

  #verify(token: number, run: VerifyRun): void {
    this.#shell.verifier.verify(run).then(
      (result) => {
        const effects: NodeEffect[] = [];
        for (const submission of this.#intake.verified(token, result, effects)) tell(submission, 'accepted');
        this.#verifyAll(effects);
        const verifying = this.#intake.verifying > 0;
        for (const role of this.#trust)
          if (role.node.queue.pending > 0) role.step({ kind: 'offered', verifying });
        this.#shell.settle();
      },
      (error: unknown) => verifierFailed(this.#shell, error),
    );
  }
}

/** Without its verifier a process can't go on, unless it is stopping and has closed it. */
export function verifierFailed(shell: Shell, error: unknown): void {
  if (shell.stopping) return;
  shell.halt({ code: 'verifier-failed', message: `Signatures can't be verified: ${String(error)}` });
}
