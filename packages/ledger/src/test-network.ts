/** A small network for tests: named keys, a genesis, and blocks as a node would prepare them. */
import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { seedAlpha } from '@iotw/assignment/seed';
import { assert } from '@iotw/kernel/assert';
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import type { Result } from '@iotw/kernel/result';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed, vrfProve } from '@iotw/kernel/vrf';
import type { Attestation } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import { CERTIFICATE_MODE, type Certificate } from '@iotw/protocol/certificate';
import type { Genesis } from '@iotw/protocol/genesis';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import type { Operation } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';
import { type ResultCode, resultCodeName } from '@iotw/protocol/result';
import type { RoundInput } from '@iotw/protocol/round';
import { type SignedTransaction, signTransaction } from '@iotw/protocol/transaction';
import { Ledger, type LedgerOptions } from './ledger.js';
import type { PreparedBlock, RoundOutcome } from './round-outcome.js';

const pairs = new Map<string, KeyPair>();

/** The key pair that stands for a name. */
export function keys(name: string): KeyPair {
  let pair = pairs.get(name);
  if (pair === undefined) {
    pair = keyPairFromSeed(sha256(utf8(name)));
    pairs.set(name, pair);
  }
  return pair;
}

export function publicKey(name: string): Uint8Array {
  return keys(name).publicKey;
}

export function signAs(name: string, digest: Uint8Array): Uint8Array {
  return sign(digest, keys(name).secretKey);
}

export const START_MS = 1_000_000;
const DEVICES = 8;

export interface TestOptions {
  readonly parameters?: Partial<Parameters>;
  readonly genesis?: Partial<Genesis>;
}

/**
 * Three trust nodes (trust0..2, accounts operator0..2), two ledger servers, makers 1 (quota 20) and 2
 * (quota 0), batches 1/1 (10, active at once), 1/2 (quota 1) and 1/3 (active after 5 epochs), devices
 * device0..7 (device0 owned by alice, device i hosted by trust node i mod 3).
 */
export function testGenesis({ parameters, genesis }: TestOptions = {}): Genesis {
  const node = (name: string, i: number) => ({
    key: publicKey(`${name}${i}`),
    linkKey: publicKey(`${name}-link${i}`),
    account: publicKey(`operator${i}`),
    region: i % 2,
    cloud: 0,
    operator: utf8(`${name} ${i}`),
  });
  const zeros = new Uint8Array(32);
  return {
    name: utf8('test'),
    testnet: 1,
    timeMs: START_MS,
    entropy: sha256(utf8('entropy')),
    parameters: { ...DEVNET_PARAMETERS, ...parameters },
    regions: [utf8('eu'), utf8('us')],
    clouds: [utf8('home')],
    committeeThreshold: 2,
    committee: [0, 1, 2].map((i) => publicKey(`member${i}`)),
    trustNodes: [0, 1, 2].map((i) => ({ ...node('trust', i), credit: 10_000, bond: 100_000 })),
    ledgerServers: [0, 1].map((i) => ({
      ...node('ledger', i),
      vrfKey: vrfKeyPairFromSeed(sha256(utf8(`vrf${i}`))).publicKey,
    })),
    apiServers: [],
    makers: [
      { maker: 1, key: publicKey('maker1'), quota: 20, name: utf8('One') },
      { maker: 2, key: publicKey('maker2'), quota: 0, name: utf8('Two') },
    ],
    batches: [
      { maker: 1, batch: 1, key: publicKey('batch1'), quota: 10, activationEpochs: 0 },
      { maker: 1, batch: 2, key: publicKey('batch2'), quota: 1, activationEpochs: 0 },
      { maker: 1, batch: 3, key: publicKey('batch3'), quota: 2, activationEpochs: 5 },
    ],
    devices: Array.from({ length: DEVICES }, (_, i) => ({
      key: publicKey(`device${i}`),
      maker: 1,
      batch: 1,
      region: i % 2,
      deviceClass: 0,
      host: i % 3,
      owner: i === 0 ? publicKey('alice') : zeros,
    })),
    accounts: [
      { key: publicKey('alice'), amount: 1_000_000 },
      { key: publicKey('bob'), amount: 1_000_000 },
      { key: publicKey('carol'), amount: 50 },
      { key: publicKey('operator0'), amount: 500_000 },
    ],
    rewardPool: 1_000_000_000,
    ...genesis,
  };
}

export const NO_COMMITTEE: CertifiedCommittee = {
  mode: CERTIFICATE_MODE.noDevices,
  paid: [],
  extra: [],
  misses: [],
  softMisses: [],
  thresholdMisses: [],
  incoherent: [],
  diversity: { owners: 0, makers: 0, regions: 0, hosts: 0 },
  passedOver: [],
  selfAssigned: 0,
};

export interface BlockOptions {
  readonly committee?: Partial<CertifiedCommittee>;
  readonly certificate?: Partial<Certificate>;
  readonly header?: Partial<BlockHeader>;
  /** Places whose signature counts as bad. */
  readonly invalid?: readonly number[];
}

/** One ledger, and where its lanes stand, with short ways to feed it. */
export class TestNetwork {
  readonly genesis: Genesis;
  ledger: Ledger;
  readonly #sequences = new Map<string, number>();

  constructor(options: TestOptions = {}, ledgerOptions: LedgerOptions = {}) {
    this.genesis = testGenesis(options);
    this.ledger = Ledger.genesis(this.genesis, ledgerOptions);
  }

  get network(): Uint8Array {
    return this.ledger.network;
  }

  account(name: string): number {
    return this.ledger.accounts.find(publicKey(name));
  }

  balance(name: string): number {
    return this.ledger.accounts.balance(this.account(name));
  }

  device(name: string): number {
    return this.ledger.devices.find(publicKey(name));
  }

  /** The next sequence that `send` gives the sender. */
  nextSequence(sender: string): number {
    return (this.#sequences.get(sender) ?? 0) + 1;
  }

  /** A signed transaction; the sender's next sequence unless given. */
  transaction(
    sender: string,
    operations: readonly Operation[],
    options: { sequence?: number; expiryMs?: number } = {},
  ): SignedTransaction {
    const sequence = options.sequence ?? this.nextSequence(sender);
    if (options.sequence === undefined) this.#sequences.set(sender, sequence);
    const content = {
      sender: publicKey(sender),
      sequence,
      expiryMs: options.expiryMs ?? 2 ** 50,
      operations,
      memo: new Uint8Array(0),
    };
    return signTransaction(this.network, content, keys(sender));
  }

  /** A block on the lane's cursor, or on `previous`. */
  block(
    lane: number,
    transactions: readonly SignedTransaction[],
    options: BlockOptions = {},
    previous?: PreparedBlock,
  ): PreparedBlock {
    const cursor = this.ledger.lanes.read(lane)!;
    const ids = concatBytes(...transactions.map((t) => t.id));
    const header: BlockHeader = {
      lane,
      incarnation: cursor.incarnation,
      height: (previous?.block.header.height ?? cursor.height) + 1,
      previous: previous?.hash ?? cursor.hash,
      root: merkleRoot(ids, transactions.length, 1024),
      count: transactions.length,
      timeMs: this.ledger.timeMs,
      epoch: this.ledger.epoch,
      refRound: this.ledger.round,
      ...options.header,
    };
    const body = encodeBody(transactions.map((t) => t.envelope));
    const hash = blockHash(this.network, header);
    const certificate: Certificate = {
      attempt: 0,
      mode: options.committee?.mode ?? CERTIFICATE_MODE.noDevices,
      attestations: [],
      misses: [],
      thresholdMisses: [],
      votes: [],
      incoherent: [],
      assigned: [],
      ...options.certificate,
    };
    return {
      block: { header, signature: signAs(`trust${lane}`, hash), certificate, body: body.bytes },
      body,
      hash,
      ids,
      valid: Uint8Array.from(transactions, (_, i) => (options.invalid?.includes(i) ? 0 : 1)),
      committee: { ...NO_COMMITTEE, ...options.committee },
    };
  }

  input(options: Partial<RoundInput> = {}): RoundInput {
    return {
      number: this.ledger.round + 1,
      timeMs: this.ledger.timeMs,
      seedProof: new Uint8Array(0),
      resets: [],
      epochVotes: [],
      beacon: [],
      misbehaviours: [],
      blocks: [],
      ...options,
    };
  }

  validate(blocks: readonly PreparedBlock[], options: Partial<RoundInput> = {}): Result<void> {
    return this.ledger.validateRound(this.input(options), blocks);
  }

  /** Validates and applies. */
  round(blocks: readonly PreparedBlock[], options: Partial<RoundInput> = {}): RoundOutcome {
    const input = this.input(options);
    const valid = this.ledger.validateRound(input, blocks);
    assert(valid.ok, valid.ok ? '' : `${valid.error.code}: ${valid.error.message}`);
    return this.ledger.applyRound(input, blocks);
  }

  /** One transaction in a block of lane 0 in a round of its own. */
  apply(transaction: SignedTransaction, options: BlockOptions = {}): { code: ResultCode; fee: number } {
    const { codes, fees } = this.round([this.block(0, [transaction], options)]);
    return { code: resultCodeName(codes[0]!)!, fee: fees[0]! };
  }

  send(sender: string, ...operations: Operation[]): { code: ResultCode; fee: number } {
    return this.apply(this.transaction(sender, operations));
  }

  /** The proof that opens the next epoch. */
  seedProof(): Uint8Array {
    const { epoch, previousSeed, server } = this.ledger.nextSeed();
    const pair = vrfKeyPairFromSeed(sha256(utf8(`vrf${server}`)));
    return vrfProve(pair.secretKey, seedAlpha(this.network, previousSeed, epoch));
  }

  /** A round that ends the running epoch behind `blocks`. */
  endEpoch(blocks: readonly PreparedBlock[] = []): RoundOutcome {
    const timeMs = this.ledger.epochs.startMs + this.ledger.parameters.epochMs;
    return this.round(blocks, { timeMs, seedProof: this.seedProof() });
  }
}

/** An attestation as the ledger sees it after the certificate's check. */
export function attestation(device: number, fields: Partial<Attestation> = {}): Attestation {
  return {
    lane: 0,
    incarnation: 0,
    height: 1,
    attempt: 0,
    rank: 0,
    cited: new Uint8Array(32),
    hash: new Uint8Array(32),
    device,
    boot: 1,
    counter: 1,
    head: new Uint8Array(32),
    signature: new Uint8Array(64),
    ...fields,
  };
}
