import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import { trustPeer } from '@iotw/nodes/messages';
import { type Attestation, decodeAttestation, encodeAttestation } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import {
  countersignDigest,
  handoverDigest,
  possessionDigest,
  presenceDigest,
  registerDigest,
} from '@iotw/protocol/digests';
import { BASE_UNITS } from '@iotw/protocol/limits';
import {
  DEVICE_CLASS,
  EVIDENCE_KIND,
  type LeftOutAnswer,
  type Operation,
  TRADE_SIDE,
} from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { type SignedTransaction, signTransaction } from '@iotw/protocol/transaction';
import { tradeTerms } from '../processes/trade-terms.js';
import type { World } from '../world/world.js';
import { START_MS } from '../world/world-genesis.js';
import { type Adversary, NOBODY } from './adversary.js';

/** What somebody with an account, and at best a captured batch key, sends to any trust node. */
type Hostility = (sender: HostileSender) => Operation[];

const HOSTILITIES: Readonly<Record<string, Hostility>> = {
  "another device's presence": (sender) => {
    const { world, prng } = sender;
    const device = prng.below(world.genesis.devices.length);
    const epoch = sender.epoch;
    const host = prng.below(world.genesis.trustNodes.length);
    // Signed by itself: no host and no stranger can say that a device is there.
    const signature = sign(presenceDigest(world.id, device, epoch, host), sender.keys.secretKey);
    return [{ type: 'presence', device, epoch, host, signature }];
  },
  'evidence that is none': ({ prng }) => [
    {
      type: 'evidence',
      kind: prng.pick(Object.values(EVIDENCE_KIND)),
      first: prng.bytes(164),
      second: prng.bytes(164),
    },
  ],
  'evidence of an honest device': ({ world, prng }) => {
    const device = prng.below(world.genesis.devices.length);
    const content = (byte: number) => ({
      lane: 0,
      incarnation: 0,
      height: 1,
      attempt: 0,
      rank: 0,
      cited: new Uint8Array(32).fill(byte),
      hash: new Uint8Array(32).fill(byte),
      device,
      boot: 1,
      counter: 1,
      head: new Uint8Array(32),
      signature: prng.bytes(64),
    });
    const [first, second] = [encodeAttestation(content(1)), encodeAttestation(content(2))];
    return [{ type: 'evidence', kind: EVIDENCE_KIND.deviceEquivocation, first, second }];
  },
  'a device of a batch it does not hold': (sender) => [sender.register(sender.keys)],
  "somebody else's device": ({ world, prng, keys }) => {
    const device = world.keys.devices[prng.below(world.keys.devices.length)]!.publicKey;
    return [{ type: 'deviceClaim', device, deviceSignature: sign(new Uint8Array(32), keys.secretKey) }];
  },
  'money it does not have': ({ world, prng }) => [
    { type: 'transfer', to: prng.below(world.keys.accounts.length), amount: 9e15 - prng.below(1_000) },
  ],
  'a trade that its buyer can not pay': (sender) => {
    const { world, prng, keys } = sender;
    const buyer = world.keys.attackers[1]!;
    const trade = {
      side: TRADE_SIDE.seller,
      counterparty: buyer.publicKey,
      amount: 10_000 * BASE_UNITS + prng.below(1_000),
      ...tradeTerms(prng),
    };
    const digest = countersignDigest(world.id, trade, keys.publicKey, sender.nextSequence, 0);
    return [{ type: 'trade', ...trade, countersignature: sign(digest, buyer.secretKey) }];
  },
  'half of what it can not finish': ({ world, prng }) => [
    { type: 'transfer', to: prng.below(world.keys.accounts.length), amount: 1 + prng.below(100) },
    { type: 'transfer', to: prng.below(world.keys.accounts.length), amount: 9e15 },
  ],
};

/** What a stranger without a seat, or with an answer that does not count, tries. */
const CLAIMS_OF_RIGHT: Readonly<Record<string, Hostility>> = {
  'a vote without a seat': ({ world, prng }) => [
    { type: 'vote', proposal: prng.below(1 + (world.newest()?.proposals.rows ?? 0)), approve: 1 },
  ],
  'a proposal without a seat': ({ epoch }) => [
    {
      type: 'propose',
      kind: PROPOSAL_KIND.makerSuspend,
      expiryEpoch: epoch + 10,
      content: encodeProposal({ kind: 'makerSuspend', content: { maker: 1 } }),
    },
  ],
  "somebody's device to another": ({ world, prng, keys }) => {
    const ledger = world.newest();
    const index = prng.below(world.genesis.devices.length);
    const { key } = world.genesis.devices[index]!;
    const changes = ledger?.devices.col.changes[index] ?? 0;
    // Whoever is to have it accepts; only its owner was not asked.
    const { publicKey: to, secretKey } = world.keys.attackers[1]!;
    const digest = handoverDigest(world.id, key, keys.publicKey, to, changes);
    return [{ type: 'deviceHandover', device: key, to, acceptance: sign(digest, secretKey) }];
  },
  'a device let go by another': ({ world, prng }) => [
    { type: 'deviceRelease', device: prng.pick(world.genesis.devices).key },
  ],
  'a left-out answer again': ({ world, prng }) => leftOut(prng, world.watcher?.shown),
  'an answer that was not left out': ({ world, prng }) => leftOut(prng, world.watcher?.heard),
  'a left-out answer that its device did not sign': ({ world, prng }) =>
    leftOut(prng, world.watcher?.shown, (answer) => ({ ...answer, counter: answer.counter + 1 })),
  'a left-out answer at another rank': ({ world, prng }) =>
    leftOut(prng, world.watcher?.shown, (answer) => ({ ...answer, rank: answer.rank + 1 })),
  "another's ticket": ({ world, prng, epoch }) => [
    { type: 'ticket', device: prng.below(world.genesis.devices.length), epoch, proof: prng.bytes(80) },
  ],
};

const EVERYTHING = { ...HOSTILITIES, ...CLAIMS_OF_RIGHT };

/** One of the newest cases, perhaps bent; nothing where there is none yet. */
function leftOut(
  prng: Prng,
  cases: readonly LeftOutAnswer[] = [],
  bend: (answer: Attestation) => Attestation = (answer) => answer,
): Operation[] {
  const one = cases.at(-1 - prng.below(Math.max(1, Math.min(8, cases.length))));
  const answer = one === undefined ? undefined : decodeAttestation(one.attestation);
  if (one === undefined || !answer?.ok) return [];
  return [{ type: 'leftOutAnswer', ...one, attestation: encodeAttestation(bend(answer.value)) }];
}

const EVERY_MS = 90;

/** A stranger with a little money who tries every entrance of the ledger; and each transaction over two lanes. */
export class HostileSender implements Adversary {
  readonly name = 'hostile-sender';
  readonly held = NOBODY;
  readonly world: World;
  readonly keys: KeyPair;
  readonly prng: Prng;
  #sequence = 0;
  readonly #old: SignedTransaction[] = [];
  #healed = false;

  constructor(world: World) {
    this.world = world;
    this.keys = world.keys.attackers[0]!;
    this.prng = world.prng.fork(`adversary ${this.name}`);
  }

  /** About the running epoch, as anybody can guess it from the time. */
  get epoch(): number {
    return Math.floor(this.world.nowMs / this.world.genesis.parameters.epochMs);
  }

  /** Of the next transaction, unless it jumps ahead. */
  get nextSequence(): number {
    return this.#sequence + 1;
  }

  start(): void {
    const next = (): void => {
      if (this.#healed) return;
      this.#strike();
      this.world.events.after(1 + this.prng.below(2 * EVERY_MS), next);
    };
    this.world.events.after(50, next);
  }

  #strike(): void {
    const { world, prng } = this;
    world.coverage.add(`attack ${this.name}`);
    const kind = prng.below(10);
    if (kind < 2 && this.#old.length > 0) {
      world.coverage.add('sent: a transaction again');
      this.#send(prng.pick(this.#old));
      return;
    }
    const [name, hostility] = prng.pick(Object.entries(EVERYTHING));
    world.coverage.add(`sent: ${name}`);
    const operations = hostility(this);
    if (operations.length === 0) return;
    const sequence = kind === 3 ? this.#sequence + 70 : ++this.#sequence;
    const expiryMs = START_MS + world.nowMs + (kind === 4 ? -10_000 : 600_000);
    const memo = new Uint8Array(0);
    const transaction = signTransaction(
      world.id,
      { sender: this.keys.publicKey, sequence, expiryMs, operations, memo },
      this.keys,
    );
    if (kind > 4) this.#old.push(transaction);
    this.#send(transaction);
    this.#send(transaction);
  }

  #send(transaction: SignedTransaction): void {
    const { network, genesis } = this.world;
    const to = trustPeer(this.prng.below(genesis.trustNodes.length));
    network.send('client:hostile', to, 'submit', encodeBody([transaction.envelope]).bytes);
  }

  /** A device under maker 0's first batch, vouched for by `batchKeys`. */
  register(batchKeys: KeyPair): Operation {
    const { world, prng } = this;
    const device = keyPairFromSeed(prng.bytes(32));
    const content = {
      key: device.publicKey,
      maker: 0,
      batch: 0,
      region: prng.below(world.genesis.regions.length),
      deviceClass: DEVICE_CLASS.appliance,
    };
    return {
      type: 'deviceRegister',
      ...content,
      batchSignature: sign(registerDigest(world.id, content), batchKeys.secretKey),
      deviceSignature: sign(possessionDigest(world.id, content), device.secretKey),
    };
  }

  healed(): void {
    this.#healed = true;
  }
}
