import type { Trust } from '../trust.js';
import type { ChainState } from './chain-state.js';

/** Whose signatures count. */
export type Signers = Pick<
  Trust,
  'trustNodeKeys' | 'ledgerServerKeys' | 'replacedServerKeys' | 'suspendedServers'
>;

/** Who signed when, as the rounds that were verified leave it: after every admission, suspension and replaced key. */
export class SignerHistory {
  readonly #entries: { readonly round: number; readonly signers: Signers }[] = [];
  #changes = 0;

  constructor(state: ChainState) {
    this.#note(0, state);
  }

  /** The state after `round`; to be told in the order of rounds. */
  after(round: number, state: ChainState): void {
    if (state.signerChanges === this.#changes) return;
    this.#changes = state.signerChanges;
    this.#note(round, state);
  }

  /** Who signed round `round` and the blocks in it: ledger servers with what it changed, trust nodes as it found them. */
  at(round: number): Signers {
    const before = this.#last(round - 1).signers;
    const { round: changed, signers } = this.#last(round);
    const { replacedServerKeys: _, ...lasting } = signers;
    const { trustNodeKeys } = before;
    return changed === round ? { ...signers, trustNodeKeys } : { ...lasting, trustNodeKeys };
  }

  /** Every key that a trust node had after round `round` or took later. */
  trustKeysFrom(witness: number, round: number): Uint8Array[] {
    const held = this.#last(round);
    return this.#entries
      .filter((entry) => entry === held || entry.round > round)
      .flatMap(({ signers }) => signers.trustNodeKeys[witness] ?? []);
  }

  #last(round: number): { readonly round: number; readonly signers: Signers } {
    return this.#entries.findLast((entry) => entry.round <= round) ?? this.#entries[0]!;
  }

  #note(round: number, state: ChainState): void {
    const signers = {
      trustNodeKeys: [...state.trustNodeKeys],
      ledgerServerKeys: [...state.ledgerServerKeys],
      replacedServerKeys: new Map(state.replacedKeys),
      suspendedServers: state.suspendedServers,
    };
    this.#entries.push({ round, signers });
  }
}
