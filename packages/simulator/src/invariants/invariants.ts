import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { ledgerPeer, type PeerId, type PeerMessage } from '@iotw/nodes/messages';
import type { Genesis } from '@iotw/protocol/genesis';
import { ReferenceLedger } from '../reference/reference-ledger.js';
import type { AppliedRound } from './applied-round.js';
import { AttestationNumbers } from './attestation-numbers.js';
import { BalancesExplained } from './balances-explained.js';
import { BatchQuotas } from './batch-quotas.js';
import { CertificatesValid } from './certificates-valid.js';
import { EqualState } from './equal-state.js';
import { FairPay } from './fair-pay.js';
import { FinalIsKept } from './final-is-kept.js';
import { FrozenPools } from './frozen-pools.js';
import type { DurableResults, Invariant } from './invariant.js';
import { JustPenalties } from './just-penalties.js';
import { LanesCoherent } from './lanes-coherent.js';
import { MissesCounted } from './misses-counted.js';
import { NoDoubleSpend } from './no-double-spend.js';
import { OneVote } from './one-vote.js';
import { ReferenceAgrees } from './reference-agrees.js';
import { RoundsFollow } from './rounds-follow.js';
import { SoftMissesOwed } from './soft-misses-owed.js';
import { SupplyConserved } from './supply-conserved.js';

/** Every rule that is checked while a simulation runs; those of its end are in progress.ts. */
export class Invariants {
  /** Nodes whose word is an adversary's: rules about what one says once don't bind them. */
  captured: (peer: PeerId) => boolean = () => false;
  readonly #all: readonly Invariant[];

  readonly #reference: ReferenceLedger;
  /** Devices that an adversary holds: penalties for them are just. */
  held: (device: number) => boolean = () => false;

  /** `checker`: holds only what libsodium itself found valid. */
  constructor(genesis: Genesis, checker: SignatureChecker) {
    this.#reference = new ReferenceLedger(genesis, checker);
    this.#all = [
      new SupplyConserved(),
      new NoDoubleSpend(),
      new EqualState(),
      new CertificatesValid(),
      new ReferenceAgrees(),
      new FairPay(),
      new BalancesExplained(),
      new FrozenPools(),
      new JustPenalties(
        (device) => this.held(device),
        (server) => this.captured(ledgerPeer(server)),
      ),
      new RoundsFollow(),
      new SoftMissesOwed(),
      new MissesCounted(),
      new BatchQuotas(),
      new OneVote((peer) => this.captured(peer)),
      new LanesCoherent(),
      new AttestationNumbers(),
      new FinalIsKept(),
    ];
  }

  applied(round: AppliedRound): void {
    const reference = round.first ? this.#reference.follow(round) : undefined;
    for (const invariant of this.#all) invariant.applied?.(round, reference);
  }

  sent(from: PeerId, message: PeerMessage): void {
    for (const invariant of this.#all) invariant.sent?.(from, message);
  }

  attested(device: number, bytes: Uint8Array): void {
    // Whoever holds a device's key may sign a number twice: that is an attack, not a bug.
    if (this.held(device)) return;
    for (const invariant of this.#all) invariant.attested?.(device, bytes);
  }

  final(id: string, code: number, servers: readonly DurableResults[]): void {
    for (const invariant of this.#all) invariant.final?.(id, code, servers);
  }

  restored(results: DurableResults): void {
    for (const invariant of this.#all) invariant.restored?.(results);
  }
}
