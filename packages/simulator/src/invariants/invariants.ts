import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { AttestationNumbers } from './attestation-numbers.js';
import { CertificatesValid } from './certificates-valid.js';
import { EqualState } from './equal-state.js';
import { FinalIsKept } from './final-is-kept.js';
import type { AppliedRound, DurableResults, Invariant } from './invariant.js';
import { NoDoubleSpend } from './no-double-spend.js';
import { OneVote } from './one-vote.js';
import { SupplyConserved } from './supply-conserved.js';

/** Every rule that is checked while a simulation runs; those of its end are in progress.ts. */
export class Invariants {
  /** Nodes whose word is an adversary's: rules about what one says once don't bind them. */
  captured: (peer: PeerId) => boolean = () => false;
  readonly #all: readonly Invariant[];

  /** `checker`: holds only what libsodium itself found valid. */
  constructor(checker: SignatureChecker) {
    this.#all = [
      new SupplyConserved(),
      new NoDoubleSpend(),
      new EqualState(),
      new CertificatesValid(checker),
      new OneVote((peer) => this.captured(peer)),
      new AttestationNumbers(),
      new FinalIsKept(),
    ];
  }

  applied(round: AppliedRound): void {
    for (const invariant of this.#all) invariant.applied?.(round);
  }

  sent(from: PeerId, message: PeerMessage): void {
    for (const invariant of this.#all) invariant.sent?.(from, message);
  }

  attested(device: number, bytes: Uint8Array): void {
    for (const invariant of this.#all) invariant.attested?.(device, bytes);
  }

  final(id: string, code: number, servers: readonly DurableResults[]): void {
    for (const invariant of this.#all) invariant.final?.(id, code, servers);
  }

  restored(results: DurableResults): void {
    for (const invariant of this.#all) invariant.restored?.(results);
  }
}
