/** Test support: a network's keys and pool, and certificates that it could have made. */
import { writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { sha256 } from '@iotw/kernel/sha256';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import {
  type Assigned,
  type AssignedContent,
  assignedDigest,
  signsAssignments,
} from '@iotw/protocol/assigned';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import {
  CERTIFICATE_MODE,
  type Certificate,
  type CertifiedBlock,
  MISS_KIND,
  type Miss,
  missDigest,
  type Silence,
  silenceDigest,
  type ThresholdMiss,
  trustThreshold,
  type Vote,
  voteDigest,
} from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';
import { type EpochSnapshot, type PoolDevice, poolRoot } from '@iotw/protocol/pool';
import type { CertificateContext } from './certificate-context.js';
import { committeeSize, excludedHost } from './committee.js';
import { RankedDraw } from './draw.js';

/** @public A key pair from a label and a number. */
export function testKeys(label: string, number: number): KeyPair {
  const seed = sha256(new TextEncoder().encode(`${label}/${number}`));
  return keyPairFromSeed(seed);
}

/** @public Plain pool devices: hosts, makers, regions and owners by turns. */
export function testDevices(
  count: number,
  change: (device: number) => Partial<PoolDevice> = () => ({}),
): PoolDevice[] {
  return Array.from({ length: count }, (_, device) => {
    const key = new Uint8Array(32);
    writeU32(key, 0, device);
    return {
      device,
      key,
      host: device % 4,
      maker: device % 5,
      region: device % 3,
      owner: device,
      weight: 1,
      deviceClass: 0,
      ...change(device),
    };
  });
}

/** @public A snapshot over `devices`; the root is left empty, no draw reads it. */
export function testSnapshot(
  devices: readonly PoolDevice[],
  seed: string,
  mode: EpochSnapshot['mode'] = 'random',
): EpochSnapshot {
  return {
    epoch: 3,
    mode,
    seed: sha256(new TextEncoder().encode(seed)),
    devices,
    parameters: DEVNET_PARAMETERS,
    trustNodes: [],
    assigners: [],
    root: new Uint8Array(32),
  };
}

export interface TestNetworkOptions {
  readonly devices?: number;
  readonly trustNodes?: number;
  readonly parameters?: Partial<Parameters>;
  readonly deviceClass?: (device: number) => number;
  readonly removed?: (device: number, refRound: number) => boolean;
}

/** @public */
export class TestNetwork {
  readonly network = sha256(new TextEncoder().encode('test network'));
  readonly trustKeys: readonly KeyPair[];
  readonly deviceKeys: readonly KeyPair[];
  readonly parameters: Parameters;
  readonly context: CertificateContext;
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  readonly draw: RankedDraw;

  constructor(options: TestNetworkOptions = {}) {
    const { devices = 40, trustNodes = 4, parameters = {}, removed = () => false } = options;
    const { deviceClass = () => 0 } = options;
    this.parameters = { ...DEVNET_PARAMETERS, ...parameters };
    this.trustKeys = Array.from({ length: trustNodes }, (_, i) => testKeys('trust', i));
    this.deviceKeys = Array.from({ length: devices }, (_, i) => testKeys('device', i));
    const pool = testDevices(devices, (i) => ({
      key: this.deviceKeys[i]!.publicKey,
      host: i % trustNodes,
      deviceClass: deviceClass(i),
    }));
    const contents = {
      devices: pool,
      parameters: this.parameters,
      trustNodes: this.trustKeys.map(({ publicKey: key }, index) => ({ index, key })),
      assigners: [0, 1].flatMap((index) =>
        signsAssignments(this.parameters.assigner)
          ? [{ index, server: index, key: testKeys('assigner', index).publicKey }]
          : [],
      ),
    };
    const snapshot = { ...testSnapshot(pool, 'certificates'), ...contents, root: poolRoot(contents) };
    this.header = {
      lane: 0,
      incarnation: 2,
      height: 7,
      previous: new Uint8Array(32).fill(1),
      root: new Uint8Array(32).fill(2),
      count: 5,
      timeMs: 1_000,
      epoch: snapshot.epoch,
      refRound: 90,
    };
    this.hash = blockHash(this.network, this.header);
    this.context = {
      network: this.network,
      trustNodeKeys: this.trustKeys.map((pair) => pair.publicKey),
      snapshot,
      removed,
      checker: new SignatureChecker(4096),
      laneKey: this.trustKeys[0]!.publicKey,
    };
    this.draw = new RankedDraw(snapshot, this.network, this.header.lane, this.header.height, {
      committeeSize: committeeSize(this.parameters),
      excludeHost: excludedHost(this.header.lane, trustNodes),
    });
  }

  /** The answer at a rank, signed by the device that sits there, after `change`. */
  attest(attempt: number, rank: number, change: Partial<Attestation> = {}): Attestation {
    const device = this.draw.at(rank)!.device;
    const { lane, incarnation, height } = this.header;
    const number = { boot: 1, counter: rank, head: new Uint8Array(32).fill(9) };
    const content = {
      lane,
      incarnation,
      height,
      attempt,
      rank,
      cited: this.hash,
      hash: this.hash,
      device,
      ...number,
      ...change,
    };
    return {
      ...content,
      signature: sign(attestationDigest(this.network, content), this.deviceKeys[device]!.secretKey),
    };
  }

  miss(attempt: number, rank: number, change: Partial<Miss> = {}): Miss {
    const { device, host } = this.draw.at(rank)!;
    const { lane, incarnation, height } = this.header;
    const content = {
      ...{ lane, incarnation, height, attempt, rank, device, host, kind: MISS_KIND.hard },
      ...change,
    };
    return {
      ...content,
      signature: sign(missDigest(this.network, content), this.trustKeys[host]!.secretKey),
    };
  }

  /** What `witness` says of the host at a rank. */
  silence(attempt: number, rank: number, witness: number, change: Partial<Silence> = {}): Silence {
    const { device, host } = this.draw.at(rank)!;
    const { lane, incarnation, height } = this.header;
    const content = { lane, incarnation, height, attempt, rank, device, host, witness, ...change };
    const keys = this.trustKeys[witness] ?? this.trustKeys[0]!;
    return { ...content, signature: sign(silenceDigest(this.network, content), keys.secretKey) };
  }

  /** The host at a rank is silent, by the lowest other trust nodes or by `witnesses`. */
  thresholdMiss(attempt: number, rank: number, witnesses?: readonly number[]): ThresholdMiss {
    const { device, host } = this.draw.at(rank)!;
    const n = this.trustKeys.length;
    const by =
      witnesses ??
      range(0, n)
        .filter((witness) => witness !== host)
        .slice(0, trustThreshold(n));
    const statements = by.map((witness) => ({
      witness,
      signature: this.silence(attempt, rank, witness).signature,
    }));
    return { rank, device, host, statements };
  }

  /** What assigner `index` says of an attempt, after `change` of what it signs. */
  assigned(attempt: number, index = 0, change: Partial<AssignedContent> = {}): Assigned {
    const { lane, incarnation, height } = this.header;
    const { publicKey: key, secretKey } = testKeys('assigner', index);
    const role = this.parameters.assigner;
    const place = { lane, incarnation, height, attempt, hash: this.hash };
    const digest = assignedDigest(this.network, { role, index, key, ...place, ...change });
    return { attempt, role, index, signature: sign(digest, secretKey) };
  }

  vote(witness: number, change: Partial<Vote> = {}): Vote {
    const { lane, incarnation, height } = this.header;
    const content = { lane, incarnation, height, hash: this.hash, witness, ...change };
    const keys = this.trustKeys[witness] ?? this.trustKeys[0]!;
    return { ...content, signature: sign(voteDigest(this.network, content), keys.secretKey) };
  }

  /** The block with a certificate of the lowest `committeeSize` ranks and just enough votes, after `change`. */
  block(change: Partial<Certificate> = {}, changeBlock: Partial<CertifiedBlock> = {}): CertifiedBlock {
    const threshold = trustThreshold(this.trustKeys.length);
    const certificate: Certificate = {
      attempt: 0,
      mode: CERTIFICATE_MODE.devices,
      attestations:
        change.attestations ?? range(0, committeeSize(this.parameters)).map((rank) => this.attest(0, rank)),
      misses: [],
      thresholdMisses: [],
      votes: range(0, threshold).map((witness) => this.vote(witness)),
      incoherent: [],
      assigned: [],
      ...change,
    };
    return {
      header: this.header,
      signature: sign(this.hash, this.trustKeys[0]!.secretKey),
      certificate,
      body: new Uint8Array(0),
      ...changeBlock,
    };
  }
}

/** @public first .. end-1. */
export function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}
