import { sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import {
  CERTIFICATE_MODE,
  type Certificate,
  type CertifiedBlock,
  MISS_KIND,
  type Miss,
  missDigest,
  silenceDigest,
  trustThreshold,
  voteDigest,
} from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import type { World } from '../world/world.js';
import { type Adversary, type Held, holding } from './adversary.js';
import { flipped } from './forgery.js';

/** One way to tamper with a certified block; undefined: this block gives no occasion. */
type Tampering = (lane: ForgingLane, block: CertifiedBlock) => Partial<CertifiedBlock> | undefined;

const change = (block: CertifiedBlock, certificate: Partial<Certificate>): Partial<CertifiedBlock> => ({
  certificate: { ...block.certificate, ...certificate },
});

/** What a lane can do to a certificate with its own key alone. Every one must be refused. */
export const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  'too few votes': (_, block) =>
    change(block, {
      votes: block.certificate.votes.slice(0, Math.floor((2 * block.certificate.votes.length) / 3)),
    }),
  'a vote twice': (_, block) => {
    const [first] = block.certificate.votes;
    return change(block, { votes: block.certificate.votes.map(() => first!) });
  },
  "a vote in another's name": (lane, block) => {
    const votes = block.certificate.votes.slice(0, -1);
    const { signature: _s, ...last } = block.certificate.votes.at(-1)!;
    return change(block, {
      votes: [...votes, { ...last, signature: lane.sign(voteDigest(lane.network, last)) }],
    });
  },
  'votes for another block': (lane, block) => {
    const header = { ...block.header, timeMs: block.header.timeMs + 1 };
    return { header, signature: lane.sign(blockHash(lane.network, header)) };
  },
  'its own vote for another block': (lane, block) => {
    const votes = block.certificate.votes.map((vote) => {
      if (vote.witness !== block.header.lane) return vote;
      const { signature: _s, ...content } = { ...vote, hash: flipped(vote.hash) };
      return { ...content, signature: lane.sign(voteDigest(lane.network, content)) };
    });
    return change(block, { votes });
  },
  'a header it did not sign': (_, block) => ({
    signature: new Uint8Array(64).fill(1, 0, 1),
    header: block.header,
  }),
  'an answer left out': (_, block) =>
    block.certificate.attestations.length < 2
      ? undefined
      : change(block, { attestations: block.certificate.attestations.slice(1) }),
  'a miss in place of an answer': (lane, block) => {
    const [answer] = block.certificate.attestations;
    if (answer === undefined || block.certificate.attestations.length < 2) return undefined;
    const { incarnation, height, attempt, rank, device } = answer;
    const slot = { lane: block.header.lane, incarnation, height, attempt, rank, device };
    const miss = lane.missOf(slot, MISS_KIND.hard);
    return change(block, {
      attestations: block.certificate.attestations.slice(1),
      misses: [...block.certificate.misses, miss],
    });
  },
  'a soft miss in place of an answer': (lane, block) => {
    const [answer] = block.certificate.attestations;
    if (answer === undefined || block.certificate.attestations.length < 2) return undefined;
    const { incarnation, height, attempt, rank, device } = answer;
    const slot = { lane: block.header.lane, incarnation, height, attempt, rank, device };
    return change(block, {
      attestations: block.certificate.attestations.slice(1),
      misses: [...block.certificate.misses, lane.missOf(slot, MISS_KIND.soft)],
    });
  },
  'a hard miss called soft, or the other way round': (_, block) => {
    const [first, ...rest] = block.certificate.misses;
    return first === undefined
      ? undefined
      : change(block, { misses: [{ ...first, kind: 1 - first.kind }, ...rest] });
  },
  'a soft miss for a failed attempt': (_, block) => {
    const [failed, ...rest] = block.certificate.incoherent;
    const soft = block.certificate.misses.filter(({ kind }) => kind === MISS_KIND.soft);
    if (failed === undefined || soft.length === 0) return undefined;
    return change(block, { incoherent: [{ ...failed, misses: [...failed.misses, ...soft] }, ...rest] });
  },
  "one trust node's word that a host is silent": (lane, block) => lane.silenced(block, 1),
  "others' words that a host is silent": (lane, block) => lane.silenced(block, lane.threshold),
  "an answer in another device's name": (lane, block) => {
    const { attestations } = block.certificate;
    const at = attestations.findIndex(({ device }) => lane.colludes(device));
    return at === -1
      ? undefined
      : change(block, { attestations: attestations.with(at, lane.misnamed(attestations[at]!)) });
  },
  'an answer twice': (_, block) => {
    const [first] = block.certificate.attestations;
    return first === undefined
      ? undefined
      : change(block, { attestations: [...block.certificate.attestations, first] });
  },
  'an answer at another rank': (_, block) => {
    const [first, ...rest] = block.certificate.attestations;
    return first === undefined
      ? undefined
      : change(block, { attestations: [{ ...first, rank: first.rank + 1 }, ...rest] });
  },
  'an answer its device did not sign': (lane, block) => {
    const [first, ...rest] = block.certificate.attestations;
    return first === undefined
      ? undefined
      : change(block, { attestations: [{ ...first, signature: lane.sign(new Uint8Array(32)) }, ...rest] });
  },
  'no devices asked': (_, block) =>
    change(block, {
      mode: CERTIFICATE_MODE.noDevices,
      attempt: 0,
      attestations: [],
      misses: [],
      incoherent: [],
    }),
  'everybody missed': (_, block) =>
    block.certificate.attestations.length === 0
      ? undefined
      : change(block, { mode: CERTIFICATE_MODE.allMissed, attestations: [] }),
  'failed attempts left out': (_, block) =>
    block.certificate.incoherent.length === 0 ? undefined : change(block, { incoherent: [] }),
  'a failed attempt for the answer': (_, block) => {
    const [failed] = block.certificate.incoherent;
    if (failed === undefined) return undefined;
    const { attestations, misses, thresholdMisses } = failed;
    return change(block, { attempt: 0, mode: 0, attestations, misses, thresholdMisses, incoherent: [] });
  },
  'the next attempt at once': (_, block) => change(block, { attempt: block.certificate.attempt + 1 }),
};

/** A lane that hands ledger servers tampered certificates of its own blocks; now and then a good one. */
export class ForgingLane implements Adversary {
  readonly name = 'forging-lane';
  readonly held: Held;
  readonly network: Uint8Array;
  readonly #world: World;
  readonly #node: number;
  readonly #perMille: number;
  readonly #prng: Prng;
  #healed = false;

  /** `perMille`: of what it hands over, this many in 1000 are tampered with. */
  constructor(world: World, node: number, perMille: number) {
    this.held = holding({ trustNodes: [node] });
    this.network = world.id;
    this.#world = world;
    this.#node = node;
    this.#perMille = perMille;
    this.#prng = world.prng.fork(`adversary ${this.name}`);
  }

  sign(digest: Uint8Array): Uint8Array {
    return sign(digest, this.#world.keys.trust[this.#node]!.keys.secretKey);
  }

  /** A miss in the name of the device's host, signed by this lane. */
  missOf(slot: Omit<Miss, 'host' | 'kind' | 'signature'>, kind: Miss['kind']): Miss {
    const content = { ...slot, host: this.hostOf(slot.device), kind };
    return { ...content, signature: this.sign(missDigest(this.network, content)) };
  }

  /** Statements that a miss by threshold needs. */
  get threshold(): number {
    return trustThreshold(this.#world.genesis.trustNodes.length);
  }

  /** In place of the first miss, or else of the first answer: `words` of trust nodes that its host is silent, all signed by this lane. */
  silenced({ header, certificate }: CertifiedBlock, words: number): Partial<CertifiedBlock> | undefined {
    const { misses, attestations } = certificate;
    const silent = misses[0] ?? attestations[0];
    if (silent === undefined || attestations.length < 2) return undefined;
    const { incarnation, height, attempt, rank, device } = silent;
    const host = this.hostOf(device);
    const { trustNodes } = this.#world.genesis;
    const others =
      words === 1 ? [header.lane] : trustNodes.map((_, node) => node).filter((node) => node !== host);
    const statements = others.slice(0, words).map((witness) => {
      const place = { lane: header.lane, incarnation, height, attempt, rank, device, host };
      return { witness, signature: this.sign(silenceDigest(this.network, { ...place, witness })) };
    });
    const left = misses.length > 0 ? { misses: misses.slice(1) } : { attestations: attestations.slice(1) };
    const thresholdMisses = [...certificate.thresholdMisses, { rank, device, host, statements }];
    return { certificate: { ...certificate, ...left, thresholdMisses } };
  }

  /** Somebody holds this device as well. */
  colludes(device: number): boolean {
    return this.#world.captors.ofDevice(device) !== undefined;
  }

  /** A held device signs its answer as if another had its rank. */
  misnamed(answer: Attestation): Attestation {
    const { signature: _, ...content } = { ...answer, device: answer.device + 1 };
    const { secretKey } = this.#world.keys.devices[answer.device]!;
    return { ...content, signature: sign(attestationDigest(this.network, content), secretKey) };
  }

  /** Host of a device in the genesis; devices of a simulation don't move. */
  hostOf(device: number): number {
    return this.#world.genesis.devices[device]?.host ?? 0;
  }

  sends(_from: PeerId, _to: PeerId, message: PeerMessage): PeerMessage {
    if (message.kind !== 'certified' || this.#healed || !this.#prng.chance(this.#perMille, 1000))
      return message;
    const [name, tamper] = this.#prng.pick(Object.entries(TAMPERINGS));
    const tampered = tamper(this, message.block);
    if (tampered === undefined) return message;
    this.#world.coverage.add(`attack ${this.name}`);
    this.#world.coverage.add(`forged: ${name}`);
    return { kind: 'certified', block: { ...message.block, ...tampered } };
  }

  healed(): void {
    this.#healed = true;
  }
}
