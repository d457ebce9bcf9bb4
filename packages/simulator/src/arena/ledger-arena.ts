import type { CertifiedCommittee, CommitteeMember } from '@iotw/assignment/certificate-check';
import { attemptRanks, committeeSize, excludedHost, roleOf } from '@iotw/assignment/committee';
import { RankedDraw } from '@iotw/assignment/draw';
import { assert } from '@iotw/kernel/assert';
import { utf8, writeU32 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { applyCertificate } from '@iotw/ledger/certificate-effects';
import { crossEpochEdge } from '@iotw/ledger/epoch-edge';
import { checkGenesis } from '@iotw/ledger/genesis-check';
import { fillFromGenesis } from '@iotw/ledger/genesis-state';
import type { EpochSettlement } from '@iotw/ledger/round-outcome';
import { State } from '@iotw/ledger/state';
import type { Attestation } from '@iotw/protocol/attestation';
import { CERTIFICATE_MODE, type IncoherentAttempt } from '@iotw/protocol/certificate';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';
import { seedOrigin } from '@iotw/protocol/seed-origin';

export interface ArenaDevice {
  readonly maker: number;
  readonly region: number;
  /** Number of its owner, from 0. */
  readonly owner: number;
}

/** What a device does when it is asked. */
export type ArenaAnswer = 'truth' | 'lie' | 'silence';

export interface ArenaOptions {
  readonly devices: readonly ArenaDevice[];
  readonly trustNodes: number;
  readonly parameters?: Partial<Parameters>;
  readonly seed: string;
  readonly answer: (device: number) => ArenaAnswer;
}

const START_MS = 1_700_000_000_000;

/**
 * The ledger's own state and rules over many epochs without the message layer: draws, adjudication, removal,
 * presence, settlement and frozen pools are the network's; signatures, lanes, rounds and the wire are left
 * out, seeds are random bytes, each block is a round of its own, and a device that is not blacklisted is present in every epoch.
 */
export class LedgerArena {
  readonly state: State;
  readonly #options: ArenaOptions;
  readonly #seeds: Prng;
  readonly #heights: number[];
  readonly #counters: Uint32Array;
  #round = 0;
  /** Answers of honest content that no payment follows, because their attempt failed. */
  wasted = 0;
  /** Paid answers by device. */
  readonly paid: Uint32Array;

  constructor(options: ArenaOptions) {
    this.#options = options;
    const prng = new Prng(`arena ${options.seed}`);
    this.#seeds = prng.fork('seeds');
    const genesis = arenaGenesis(options, prng, vrfKeyPairFromSeed(prng.bytes(32)).publicKey);
    const checked = checkGenesis(genesis);
    assert(checked.ok, checked.ok ? '' : checked.error.message);
    this.state = new State(networkId(genesis), genesis, new SignatureChecker(4), prng.bytes(32));
    fillFromGenesis(this.state, checked.value.supply);
    this.#heights = new Array(options.trustNodes).fill(0);
    this.#counters = new Uint32Array(options.devices.length);
    this.paid = new Uint32Array(options.devices.length);
    this.#begin();
  }

  #begin(): void {
    this.state.beginRound(++this.#round, START_MS + this.#round);
  }

  #close(): void {
    for (const table of this.state.tables) table.endRound();
  }

  /** One epoch of `blocks` blocks, by turns of the lanes; gives what it paid. */
  epoch(blocks: number): EpochSettlement {
    const { state } = this;
    for (let device = 0; device < state.devices.rows; device++) {
      // As a ticket would: a device that no pool would take can't say that it is there.
      if (state.devices.col.blacklistedUntil[device]! > state.epoch) continue;
      state.devices.set('presentEpoch', device, state.epoch + 1);
    }
    for (let block = 0; block < blocks; block++) this.#block(block % this.#options.trustNodes);
    const { settlement } = crossEpochEdge(state, this.#seeds.bytes(32), seedOrigin('genesis'));
    this.#close();
    this.#begin();
    return settlement;
  }

  #block(lane: number): void {
    const { state } = this;
    const snapshot = state.epochs.snapshot(state.epoch)!;
    const { parameters } = snapshot;
    const size = committeeSize(parameters);
    const height = ++this.#heights[lane]!;
    const draw = new RankedDraw(snapshot, state.network, lane, height, {
      committeeSize: size,
      excludeHost: excludedHost(lane, snapshot.trustNodes.length),
    });
    const refRound = this.#round - 1;
    const hash = new Uint8Array(32);
    writeU32(hash, 0, lane);
    writeU32(hash, 4, height);
    const incoherent: IncoherentAttempt[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const answers: Attestation[] = [];
      const { first, end } = attemptRanks(parameters, attempt);
      for (let rank = first; rank < Math.min(end, draw.eligible) && answers.length < size; rank++) {
        const { device } = draw.at(rank)!;
        if (state.removed(device, refRound)) continue;
        const said = this.#options.answer(device);
        if (said !== 'silence') answers.push(this.#answer(lane, height, attempt, rank, device, hash, said));
      }
      const lied = answers.some(({ hash: told }) => told !== hash);
      if (lied) {
        this.wasted += answers.filter(({ hash: told }) => told === hash).length;
        incoherent.push({ attempt, attestations: answers, misses: [], thresholdMisses: [] });
        continue;
      }
      this.#include(lane, height, hash, attempt, answers, incoherent);
      break;
    }
    this.#close();
    this.#begin();
  }

  #answer(
    lane: number,
    height: number,
    attempt: number,
    rank: number,
    device: number,
    hash: Uint8Array,
    said: ArenaAnswer,
  ): Attestation {
    const counter = ++this.#counters[device]!;
    const told = said === 'lie' ? new Uint8Array(32).fill(9) : hash;
    const nothing = { head: new Uint8Array(32), signature: new Uint8Array(64) };
    return {
      lane,
      incarnation: 0,
      height,
      attempt,
      rank,
      cited: hash,
      hash: told,
      device,
      boot: 1,
      counter,
      ...nothing,
    };
  }

  #include(
    lane: number,
    height: number,
    hash: Uint8Array,
    attempt: number,
    answers: readonly Attestation[],
    incoherent: IncoherentAttempt[],
  ): void {
    const { state } = this;
    const { parameters } = state.epochs.snapshot(state.epoch)!;
    const paid = answers.map(
      (attestation, i): CommitteeMember => ({
        device: attestation.device,
        rank: attestation.rank,
        role: roleOf(parameters, i),
        attestation,
      }),
    );
    for (const { device } of paid) this.paid[device]! += 1;
    const mode = paid.length > 0 ? CERTIFICATE_MODE.devices : CERTIFICATE_MODE.allMissed;
    const votes = Array.from({ length: this.#options.trustNodes }, (_, witness) => ({
      lane,
      incarnation: 0,
      height,
      hash,
      witness,
      signature: new Uint8Array(64),
    }));
    const committee: CertifiedCommittee = {
      mode,
      paid,
      extra: [],
      misses: [],
      softMisses: [],
      thresholdMisses: [],
      incoherent,
      diversity: { owners: 0, makers: 0, regions: 0, hosts: 0 },
      passedOver: [],
      selfAssigned: 0,
    };
    const header = {
      lane,
      incarnation: 0,
      height,
      previous: new Uint8Array(32),
      root: new Uint8Array(32),
      count: 0,
      timeMs: 0,
      epoch: state.epoch,
      refRound: this.#round - 1,
    };
    const certificate = {
      attempt,
      mode,
      attestations: [...answers],
      misses: [],
      thresholdMisses: [],
      votes,
      incoherent,
      assigned: [],
    };
    const nothing = new Uint8Array(0);
    applyCertificate(state, {
      block: { header, signature: new Uint8Array(64), certificate, body: nothing },
      body: { bytes: nothing, offsets: new Uint32Array(1) },
      hash,
      ids: nothing,
      valid: nothing,
      committee,
    });
  }
}

function arenaGenesis(
  { devices, trustNodes, parameters }: ArenaOptions,
  prng: Prng,
  vrfKey: Uint8Array,
): Genesis {
  const key = (): Uint8Array => keyPairFromSeed(prng.bytes(32)).publicKey;
  const makers = 1 + Math.max(...devices.map(({ maker }) => maker));
  const regions = 1 + Math.max(...devices.map(({ region }) => region));
  const makerKeys = Array.from({ length: makers }, key);
  const owners = Array.from({ length: 1 + Math.max(...devices.map(({ owner }) => owner)) }, key);
  const node = (i: number) => ({
    key: key(),
    linkKey: key(),
    account: key(),
    region: i % regions,
    cloud: 0,
    operator: utf8(`node ${i}`),
  });
  return {
    name: utf8('arena'),
    testnet: 1,
    timeMs: START_MS,
    entropy: prng.bytes(32),
    parameters: { ...DEVNET_PARAMETERS, ...parameters },
    regions: Array.from({ length: regions }, (_, i) => utf8(`region ${i}`)),
    clouds: [utf8('a')],
    committeeThreshold: 0,
    committee: [],
    trustNodes: Array.from({ length: trustNodes }, (_, i) => ({ ...node(i), credit: 0, bond: BASE_UNITS })),
    ledgerServers: [{ ...node(trustNodes), vrfKey }],
    apiServers: [],
    makers: makerKeys.map((pair, maker) => ({
      maker,
      key: pair,
      quota: devices.length,
      name: utf8(`maker ${maker}`),
    })),
    batches: makerKeys.map((pair, maker) => ({
      maker,
      batch: 0,
      key: pair,
      quota: devices.length,
      activationEpochs: 0,
    })),
    devices: devices.map(({ maker, region, owner }, i) => ({
      key: key(),
      maker,
      batch: 0,
      region,
      deviceClass: DEVICE_CLASS.appliance,
      host: i % trustNodes,
      owner: owners[owner]!,
    })),
    accounts: [],
    rewardPool: 1_000_000_000 * BASE_UNITS,
  };
}
