import { seedAlpha } from '@iotw/assignment/seed';
import type { Prng } from '@iotw/kernel/prng';
import { vrfProve } from '@iotw/kernel/vrf';
import type { Ledger } from '@iotw/ledger/ledger';
import { RESET_REASON, type RoundInput } from '@iotw/protocol/round';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';

/** The captured server's view of the world. */
interface Liar {
  readonly prng: Prng;
  readonly world: World;
  readonly server: number;
  readonly ledger: Ledger;
}

type Lie = (input: RoundInput, liar: Liar) => RoundInput | undefined;

/** Rounds that no honest ledger server may vote for. */
export const LIES: Readonly<Record<string, Lie>> = {
  'time goes back': (input, { prng }) => ({ ...input, timeMs: input.timeMs - 2_000 - prng.below(2_000) }),
  'a seed of its own': (input, { prng }) => ({ ...input, seedProof: prng.bytes(80) }),
  'an epoch before its time': (input, { world, server, ledger }) => {
    const { epoch, previousSeed, server: designated, source } = ledger.nextSeed();
    if (source !== 'vrf' || designated !== server || input.seedProof.length > 0) return undefined;
    const { secretKey } = world.keys.ledger[server]!.vrf;
    return { ...input, seedProof: vrfProve(secretKey, seedAlpha(world.id, previousSeed, epoch)) };
  },
  "another epoch's proof": (input, { prng }) =>
    input.seedProof.length === 0 ? undefined : { ...input, seedProof: swapped(input.seedProof, prng) },
  'a lane reset that nobody asked for': (input, { prng, world }) => {
    const lane = prng.below(world.genesis.trustNodes.length);
    const reset = { lane, incarnation: 0, reason: RESET_REASON.stalled, signature: new Uint8Array(64) };
    const blocks = input.blocks.filter(({ header }) => header.lane !== lane);
    return { ...input, blocks, resets: [reset] };
  },
  'a lane reset it signed itself': (input, { prng, world }) => {
    const lane = prng.below(world.genesis.trustNodes.length);
    const reset = { lane, incarnation: 0, reason: RESET_REASON.lane, signature: prng.bytes(64) };
    const blocks = input.blocks.filter(({ header }) => header.lane !== lane);
    return { ...input, blocks, resets: [reset] };
  },
  'a block left out from below': (input) =>
    input.blocks.length < 2 ? undefined : { ...input, blocks: input.blocks.slice(1) },
  'votes cut off a certificate': (input) => {
    const [first, ...rest] = input.blocks;
    if (first === undefined) return undefined;
    const certificate = { ...first.certificate, votes: first.certificate.votes.slice(0, 2) };
    return { ...input, blocks: [{ ...first, certificate }, ...rest] };
  },
  'an answer cut off a certificate': (input) => {
    const [first, ...rest] = input.blocks;
    if (first === undefined || first.certificate.attestations.length < 2) return undefined;
    const certificate = { ...first.certificate, attestations: first.certificate.attestations.slice(1) };
    return { ...input, blocks: [{ ...first, certificate }, ...rest] };
  },
};

function swapped(proof: Uint8Array, prng: Prng): Uint8Array {
  const other = proof.slice();
  other[prng.below(other.length)]! ^= 1 + prng.below(255);
  return other;
}

/** A ledger server that proposes rounds the rules forbid. */
export class LyingProposer implements Adversary {
  readonly name = 'lying-proposer';
  readonly held: Held;
  readonly #world: World;
  readonly #perMille: number;
  readonly #prng: Prng;
  #healed = false;

  /** `perMille`: of its proposals, this many in 1000 are lies. */
  constructor(world: World, server: number, perMille: number) {
    this.held = holding({ ledgerServers: [server] });
    this.#world = world;
    this.#perMille = perMille;
    this.#prng = world.prng.fork(`adversary ${this.name}`);
  }

  proposes(server: number, input: RoundInput, ledger: Ledger): RoundInput {
    if (this.#healed || !this.#prng.chance(this.#perMille, 1000)) return input;
    const [name, lie] = this.#prng.pick(Object.entries(LIES));
    const told = lie(input, { prng: this.#prng, world: this.#world, server, ledger });
    if (told === undefined) return input;
    this.#world.coverage.add(`attack ${this.name}`);
    this.#world.coverage.add(`proposed: ${name}`);
    return told;
  }

  healed(): void {
    this.#healed = true;
  }
}
