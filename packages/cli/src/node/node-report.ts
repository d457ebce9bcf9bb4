import { committeeSize } from '@iotw/assignment/committee';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { CERTIFICATE_MODE, type CertifiedBlock } from '@iotw/protocol/certificate';
import type { PoolDevice } from '@iotw/protocol/pool';
import type { NodeProcess } from '@iotw/runtime/node-process';

/** How far back "recent" reaches, ms. */
const WINDOW_MS = 5_000;

interface Sample {
  readonly atMs: number;
  readonly transactions: number;
  readonly blocks: number;
  readonly committees: number;
  readonly members: number;
  readonly owners: number;
  readonly makers: number;
  readonly regions: number;
}

/** Counts what a node's rounds hold, for people who look on. */
export class NodeReport {
  readonly #process: NodeProcess;
  readonly #nowMs: () => number;
  readonly #samples: Sample[] = [];
  #transactions = 0;
  #blocks = 0;
  #lastEpoch: { readonly epoch: number; readonly paid: number; readonly devices: number } | undefined;
  #poolEpoch = -1;
  #committee = 0;
  #pool = new Map<number, PoolDevice>();

  constructor(process: NodeProcess, nowMs: () => number) {
    this.#process = process;
    this.#nowMs = nowMs;
    process.onRound((record) => this.#onRound(record));
  }

  #onRound(record: RoundRecord): void {
    const sample = {
      atMs: this.#nowMs(),
      transactions: 0,
      blocks: 0,
      committees: 0,
      members: 0,
      owners: 0,
      makers: 0,
      regions: 0,
    };
    for (const block of record.input.blocks) {
      sample.transactions += block.header.count;
      sample.blocks += 1;
      const diversity = this.#diversity(block);
      if (diversity === undefined) continue;
      sample.committees += 1;
      sample.members += diversity.members;
      sample.owners += diversity.owners;
      sample.makers += diversity.makers;
      sample.regions += diversity.regions;
    }
    this.#transactions += sample.transactions;
    this.#blocks += sample.blocks;
    this.#samples.push(sample);
    if (record.input.seedProof.length > 0) this.#onEpoch(record.header.epoch - 1);
  }

  #onEpoch(ended: number): void {
    const { settlements } = this.#process.ledger;
    const slot = settlements.slot(ended);
    if (slot === -1) return;
    const { rows, col } = settlements.payments[slot]!;
    let devices = 0;
    for (let row = 0; row < rows; row++)
      if (col.minerAmount[row]! + col.witnessAmount[row]! > 0) devices += 1;
    this.#lastEpoch = { epoch: ended, paid: settlements.col.paid[slot]!, devices };
  }

  #diversity(
    block: CertifiedBlock,
  ): { members: number; owners: number; makers: number; regions: number } | undefined {
    const { certificate, header } = block;
    if (certificate.mode !== CERTIFICATE_MODE.devices) return undefined;
    if (this.#poolEpoch !== header.epoch) {
      const snapshot = this.#process.ledger.snapshotOf(header.epoch);
      if (snapshot === undefined) return undefined;
      this.#pool = new Map(snapshot.devices.map((device) => [device.device, device]));
      this.#poolEpoch = header.epoch;
      this.#committee = committeeSize(snapshot.parameters);
    }
    const paid = [...certificate.attestations].sort((a, b) => a.rank - b.rank).slice(0, this.#committee);
    const members = paid.flatMap(({ device }) => this.#pool.get(device) ?? []);
    const distinct = (value: (member: PoolDevice) => number) => new Set(members.map(value)).size;
    return {
      members: members.length,
      owners: distinct((m) => m.owner),
      makers: distinct((m) => m.maker),
      regions: distinct((m) => m.region),
    };
  }

  /** Totals of this run, and rates over the last seconds. */
  read(): {
    readonly transactions: number;
    readonly blocks: number;
    readonly transactionsPerSecond: number;
    readonly transactionsPerBlock: number | undefined;
    readonly diversity: { members: number; owners: number; makers: number; regions: number } | undefined;
    readonly lastEpoch:
      | { readonly epoch: number; readonly paid: number; readonly devices: number }
      | undefined;
  } {
    const now = this.#nowMs();
    while (this.#samples.length > 0 && now - this.#samples[0]!.atMs > WINDOW_MS) this.#samples.shift();
    const sum = (field: keyof Sample) => this.#samples.reduce((total, sample) => total + sample[field], 0);
    const committees = sum('committees');
    const blocks = sum('blocks');
    const mean = (field: keyof Sample) => sum(field) / committees;
    return {
      transactions: this.#transactions,
      blocks: this.#blocks,
      transactionsPerSecond: (sum('transactions') * 1_000) / WINDOW_MS,
      transactionsPerBlock: blocks === 0 ? undefined : sum('transactions') / blocks,
      diversity:
        committees === 0
          ? undefined
          : {
              members: mean('members'),
              owners: mean('owners'),
              makers: mean('makers'),
              regions: mean('regions'),
            },
      lastEpoch: this.#lastEpoch,
    };
  }
}
