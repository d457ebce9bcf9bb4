/** Test support: a small network with real keys, and the receipts it could have given. */

import { committeeSize, excludedHost } from '@iotw/assignment/committee';
import { RankedDraw } from '@iotw/assignment/draw';
import { range, testDevices, testKeys } from '@iotw/assignment/test-network';
import { concatBytes } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { merklePath, merkleRoot } from '@iotw/kernel/merkle';
import { sha256 } from '@iotw/kernel/sha256';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import {
  CERTIFICATE_MODE,
  type Certificate,
  type CertifiedBlock,
  MISS_KIND,
  type Miss,
  missDigest,
  type Vote,
  voteDigest,
} from '@iotw/protocol/certificate';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS, MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import { type EpochSnapshot, poolRoot } from '@iotw/protocol/pool';
import type { Receipt } from '@iotw/protocol/receipt';
import { MAX_ROUND_RESULTS, resultLeaf } from '@iotw/protocol/result';
import { type EpochVote, epochVoteDigest, type RoundHeader, roundHash } from '@iotw/protocol/round';
import { seedOrigin } from '@iotw/protocol/seed-origin';
import { type SignedTransaction, signTransaction } from '@iotw/protocol/transaction';

const EMPTY = new Uint8Array(0);
const filled = (byte: number) => new Uint8Array(32).fill(byte);

/** What a test changes before the parts above it are signed. */
export interface Changes {
  /** Which transaction of the block the receipt is about; 1 unless given. */
  readonly index?: number;
  readonly code?: number;
  readonly header?: Partial<BlockHeader>;
  readonly certificate?: (made: Certificate) => Certificate;
  readonly round?: Partial<RoundHeader>;
  /** Envelopes instead of the ledger's own. */
  readonly transactions?: readonly SignedTransaction[];
  /** Ledger servers that sign the round; all unless given. */
  readonly servers?: readonly number[];
}

export class TestLedger {
  readonly trustKeys = range(0, 4).map((i) => testKeys('trust', i));
  readonly serverKeys: readonly KeyPair[];
  readonly deviceKeys = range(0, 24).map((i) => testKeys('device', i));
  readonly sender = testKeys('sender', 0);
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  readonly pool: EpochSnapshot;
  readonly transactions: readonly SignedTransaction[];
  readonly draw: RankedDraw;

  /** `people`: numbers of devices of class user. */
  constructor(servers = 1, people: readonly number[] = []) {
    this.serverKeys = range(0, servers).map((i) => testKeys('server', i));
    this.genesis = {
      name: new TextEncoder().encode('test'),
      testnet: 1,
      timeMs: 0,
      entropy: filled(3),
      parameters: { ...DEVNET_PARAMETERS, ranksPerAttempt: 6 },
      regions: [],
      clouds: [],
      committeeThreshold: 0,
      committee: [],
      trustNodes: this.trustKeys.map(({ publicKey }) => ({
        ...{ key: publicKey, linkKey: filled(0), account: publicKey, region: 0, cloud: 0 },
        ...{ operator: EMPTY, credit: 0, bond: 0 },
      })),
      ledgerServers: this.serverKeys.map(({ publicKey }) => ({
        ...{ key: publicKey, vrfKey: publicKey, linkKey: filled(0), account: publicKey },
        ...{ region: 0, cloud: 0, operator: EMPTY },
      })),
      apiServers: [],
      makers: [],
      batches: [],
      devices: [],
      accounts: [],
      rewardPool: 0,
    };
    this.network = networkId(this.genesis);
    const devices = testDevices(24, (i) => ({
      key: this.deviceKeys[i]!.publicKey,
      deviceClass: people.includes(i) ? DEVICE_CLASS.user : DEVICE_CLASS.appliance,
    }));
    const contents = {
      devices,
      parameters: this.genesis.parameters,
      trustNodes: this.genesis.trustNodes.map(({ key }, index) => ({ index, key })),
      assigners: [],
    };
    this.pool = {
      epoch: 3,
      mode: 'random',
      seed: sha256(filled(4)),
      ...contents,
      root: poolRoot(contents),
    };
    this.transactions = range(1, 6).map((sequence) => this.transaction(sequence));
    this.draw = new RankedDraw(this.pool, this.network, 0, 7, {
      committeeSize: committeeSize(this.genesis.parameters),
      excludeHost: excludedHost(0, 4),
    });
  }

  transaction(sequence: number, expiryMs = 10_000, keys = this.sender): SignedTransaction {
    const operations = [{ type: 'transfer' as const, to: 9, amount: 500 }];
    const { publicKey } = this.sender;
    return signTransaction(
      this.network,
      { sender: publicKey, sequence, expiryMs, operations, memo: EMPTY },
      keys,
    );
  }

  header(change: Changes = {}): BlockHeader {
    const ids = this.#ids(change);
    return {
      lane: 0,
      incarnation: 0,
      height: 7,
      previous: filled(1),
      root: merkleRoot(ids, ids.length / 32, MAX_BLOCK_TRANSACTIONS),
      count: ids.length / 32,
      timeMs: 4_000,
      epoch: 3,
      refRound: 89,
      ...change.header,
    };
  }

  #ids({ transactions = this.transactions }: Changes): Uint8Array {
    return concatBytes(...transactions.map(({ id }) => id));
  }

  attest(hash: Uint8Array, rank: number, change: Partial<Attestation> = {}): Attestation {
    const { device } = this.draw.at(rank)!;
    const place = { lane: 0, incarnation: 0, height: 7, attempt: 0, rank, device };
    const content = { ...place, cited: hash, hash, boot: 1, counter: rank, head: filled(9), ...change };
    const signature = sign(attestationDigest(this.network, content), this.deviceKeys[device]!.secretKey);
    return { ...content, signature };
  }

  miss(rank: number, by?: number): Miss {
    const { device, host } = this.draw.at(rank)!;
    const place = { lane: 0, incarnation: 0, height: 7, attempt: 0, rank, device };
    const content = { ...place, host, kind: MISS_KIND.hard };
    return {
      ...content,
      signature: sign(missDigest(this.network, content), this.trustKeys[by ?? host]!.secretKey),
    };
  }

  vote(hash: Uint8Array, witness: number): Vote {
    const content = { lane: 0, incarnation: 0, height: 7, hash, witness };
    return {
      ...content,
      signature: sign(voteDigest(this.network, content), this.trustKeys[witness]!.secretKey),
    };
  }

  epochVote(witness: number, change: Partial<EpochVote> = {}): EpochVote {
    const content = { epoch: 3, poolRoot: this.pool.root, seed: this.pool.seed, witness, ...change };
    const signature = sign(epochVoteDigest(this.network, content), this.trustKeys[witness]!.secretKey);
    return { ...content, signature };
  }

  block(change: Changes = {}): CertifiedBlock {
    const header = this.header(change);
    const hash = blockHash(this.network, header);
    const certificate: Certificate = {
      attempt: 0,
      mode: CERTIFICATE_MODE.devices,
      attestations: range(0, 4).map((rank) => this.attest(hash, rank)),
      misses: [],
      thresholdMisses: [],
      votes: range(0, 3).map((witness) => this.vote(hash, witness)),
      incoherent: [],
      assigned: [],
    };
    return {
      header,
      signature: sign(hash, this.trustKeys[0]!.secretKey),
      certificate: change.certificate?.(certificate) ?? certificate,
      body: encodeBody((change.transactions ?? this.transactions).map(({ envelope }) => envelope)).bytes,
    };
  }

  /** A round in which the block is the second of three, and its results follow two others. */
  receipt(change: Changes = {}): Receipt {
    const { index = 1, code = 0, transactions = this.transactions } = change;
    const { header, signature, certificate } = this.block(change);
    const ids = this.#ids(change);
    const hashes = concatBytes(filled(21), blockHash(this.network, header), filled(22));
    const results = transactions.map(({ id }, i) => ({ id, code: i === index ? code : 0, fee: 110 }));
    const leaves = concatBytes(filled(31), filled(32), ...results.map(resultLeaf));
    const round: RoundHeader = {
      number: 90,
      version: 1,
      timeMs: 5_000,
      epoch: 3,
      previous: filled(5),
      seed: this.pool.seed,
      ...seedOrigin('vrf', filled(7)),
      poolRoot: this.pool.root,
      blocksRoot: merkleRoot(hashes, 3, MAX_ROUND_BLOCKS),
      resultsRoot: merkleRoot(leaves, leaves.length / 32, MAX_ROUND_RESULTS),
      stateHash: filled(6),
      ...change.round,
    };
    const servers = change.servers ?? range(0, this.serverKeys.length);
    return {
      envelope: transactions[index]!.envelope,
      index,
      path: merklePath(ids, transactions.length, MAX_BLOCK_TRANSACTIONS, index),
      header,
      signature,
      certificate,
      round,
      signatures: servers.map((server) => ({
        server,
        signature: sign(roundHash(this.network, round), this.serverKeys[server]!.secretKey),
      })),
      blockIndex: 1,
      blockPath: merklePath(hashes, 3, MAX_ROUND_BLOCKS, 1),
      code,
      fee: 110,
      resultIndex: 2 + index,
      resultPath: merklePath(leaves, leaves.length / 32, MAX_ROUND_RESULTS, 2 + index),
      commits: [],
    };
  }
}

/** The list with one element replaced. */
export function swapped<T>(list: readonly T[], at: number, change: Partial<T> | T): T[] {
  return list.map((old, i) => {
    if (i !== at) return old;
    const isRecord = typeof old === 'object' && !(old instanceof Uint8Array);
    return isRecord ? { ...old, ...(change as object) } : (change as T);
  });
}

/** The bytes with one bit turned. */
export function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
}
