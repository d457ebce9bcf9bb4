import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import { decodeAttestation } from '@iotw/protocol/attestation';
import { envelopeAt } from '@iotw/protocol/body';
import { presenceDigest } from '@iotw/protocol/digests';
import type { Genesis } from '@iotw/protocol/genesis';
import type { LeftOutAnswer, Operation } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import type { AppliedRound } from '../invariants/applied-round.js';
import { ReferenceActs } from './reference-acts.js';
import { ReferenceBalances } from './reference-balances.js';
import { type ReferenceCommittee, referenceCommittee } from './reference-certificate.js';
import { ReferenceLeftOut } from './reference-left-out.js';
import { ReferenceOwners } from './reference-owners.js';
import { ReferenceRemovals } from './reference-removals.js';
import type { ReferenceRound, ReferenceSettlement, ReferenceTransaction } from './reference-round.js';
import type { ReferenceRule } from './reference-rule.js';
import { ReferenceSeeds } from './reference-seeds.js';
import { ReferenceTickets } from './reference-tickets.js';
import { ReferenceVersions } from './reference-versions.js';
import { ReferenceVotes } from './reference-votes.js';
import { ReferenceWeights } from './reference-weights.js';

const NOBODY: ReadonlySet<number> = new Set();

/**
 * The rules of presence, work, pay and money once more, read off clauses 6 and 10 and kept beside the ledgers:
 * what they do is held against it. Follows the rounds in their order, each as its first server applied it.
 */
export class ReferenceLedger {
  readonly #genesis: Genesis;
  readonly #checker: SignatureChecker;
  #present = new Set<number>();
  #mined = new Map<number, number>();
  #witnessed = new Map<number, number>();
  #voted = new Map<number, number>();
  readonly #votes: ReferenceVotes;
  readonly #owners: ReferenceOwners;
  readonly #balances: ReferenceBalances;
  readonly #removals = new ReferenceRemovals();
  readonly #rules: readonly ReferenceRule[];

  /** `checker`: holds only what libsodium itself found valid. */
  constructor(genesis: Genesis, checker: SignatureChecker) {
    this.#genesis = genesis;
    this.#checker = checker;
    this.#votes = new ReferenceVotes(genesis);
    this.#owners = new ReferenceOwners(genesis);
    this.#balances = new ReferenceBalances(genesis);
    this.#rules = [
      this.#votes,
      this.#owners,
      new ReferenceWeights(genesis, this.#owners, this.#votes),
      new ReferenceLeftOut(),
      new ReferenceTickets(),
      new ReferenceSeeds(this.#votes, checker),
      new ReferenceActs(this.#votes),
      new ReferenceVersions(this.#votes),
    ];
  }

  follow(round: AppliedRound): ReferenceRound {
    const { ledger, outcome } = round;
    const { edge, applied } = outcome;
    const epoch = edge?.ended ?? outcome.header.epoch;
    const parameters = this.#votes.parametersOf(epoch);
    const mistakes: { rule: string; what: string }[] = [];
    const ask = (hook: (rule: ReferenceRule) => string | undefined): void => {
      for (const rule of this.#rules) {
        const what = hook(rule);
        if (what !== undefined) mistakes.push({ rule: rule.name, what });
      }
    };
    const committees = applied.map(({ block }) => {
      const snapshot = ledger.snapshotOf(block.header.epoch);
      if (snapshot === undefined) return 'there is no pool of its epoch';
      const committee = referenceCommittee(
        {
          network: ledger.network,
          trustNodeKeys: ledger.trustNodes.keys(),
          snapshot,
          removed: (device, refRound) => this.#removals.removed(device, refRound),
          checker: this.#checker,
        },
        block,
      );
      if (typeof committee !== 'string') this.#count(committee, snapshot.parameters.miners);
      return committee;
    });
    this.#removals.follow(outcome);
    ask((rule) => rule.certificates?.(round, committees));
    const transactions = this.#transactions(round);
    const context = { epoch, network: ledger.network, ledger, checker: this.#checker };
    for (const { transaction, code, leftOut } of transactions) {
      if (code !== 0) continue;
      const alone = transaction.operations.length === 1;
      for (const operation of transaction.operations) {
        this.#attend(ledger.network, operation, epoch);
        ask((rule) => rule.operation?.({ ...context, operation, sender: transaction.sender, alone }));
        if (operation.type === 'leftOutAnswer')
          leftOut.push({ to: this.#owners.payee(shownBy(operation)), amount: parameters.leftOutPay });
      }
    }
    this.#balances.transactions(transactions, parameters, ledger);
    for (const rule of this.#rules) rule.observe?.(this.#balances);
    const present = this.#present;
    const settlement = edge === undefined ? undefined : this.#settle(round, parameters);
    if (edge !== undefined) {
      this.#balances.settle(settlement!, (device) => this.#owners.payee(device), ledger);
      ask((rule) => rule.edge?.(round, edge));
      for (const rule of this.#rules) rule.begins?.(this.#balances);
      this.#present = new Set();
    }
    const balances = this.#balances;
    const reinstated = edge === undefined ? NOBODY : this.#votes.reinstated;
    return { committees, transactions, settlement, present, parameters, reinstated, balances, mistakes };
  }

  #count({ paid, unpaid, voted }: ReferenceCommittee, miners: number): void {
    paid.forEach((device, i) => {
      add(i < miners ? this.#mined : this.#witnessed, device);
      this.#present.add(device);
    });
    for (const device of unpaid) this.#present.add(device);
    for (const node of voted) add(this.#voted, node);
  }

  #transactions({ outcome }: AppliedRound): ReferenceTransaction[] {
    return outcome.applied.flatMap(({ body, valid, block }, i) =>
      Array.from(valid, (_, k): ReferenceTransaction[] => {
        const at = outcome.firstResult[i]! + k;
        const decoded = decodeEnvelope(envelopeAt(body, k));
        if (!decoded.ok) return [];
        const { transaction } = decoded.value;
        return [
          {
            transaction,
            lane: block.header.lane,
            code: outcome.codes[at]!,
            fee: outcome.fees[at]!,
            leftOut: [],
          },
        ];
      }).flat(),
    );
  }

  /** Only the device itself can say that it is there, and only in the epoch it says. */
  #attend(network: Uint8Array, operation: Operation, epoch: number): void {
    if (operation.type !== 'presence' || operation.epoch !== epoch) return;
    const { device, host, signature } = operation;
    const key = this.#genesis.devices[device]?.key;
    // Devices that came later are not held against their keys here.
    const digest = presenceDigest(network, device, epoch, host);
    if (key === undefined || this.#checker.verify(signature, digest, key)) this.#present.add(device);
  }

  #settle({ ledger, outcome }: AppliedRound, parameters: Parameters): ReferenceSettlement {
    const { ended, settlement } = outcome.edge!;
    const pool = ledger.frozenPool(ended)?.devices ?? [];
    const present = pool.filter(({ device }) => this.#present.has(device)).length;
    // Nothing is paid out of what the epoch itself still collects after its edge: fees come before.
    const before = BigInt(ledger.rewards.pool + settlement.paid);
    const most = Number((before * BigInt(parameters.poolDecayPpt)) / 1_000_000_000_000n);
    // A ticket of a device that no pool would take is not counted: fewer may be present than said so.
    const counted = Math.min(settlement.present, present);
    const issued = Math.min(parameters.issuancePerDevice * counted, most);
    const devices = new Map<number, number>();
    share(devices, this.#mined, part(issued, parameters.minerShareBps));
    share(devices, this.#witnessed, part(issued, parameters.witnessShareBps));
    const trustNodes = new Map<number, number>();
    share(trustNodes, this.#voted, part(issued, parameters.trustNodeShareBps));
    this.#mined = new Map();
    this.#witnessed = new Map();
    this.#voted = new Map();
    return { present, issued, devices, trustNodes };
  }
}

/** The device whose answer it is. */
function shownBy({ attestation }: LeftOutAnswer): number {
  const answer = decodeAttestation(attestation);
  return answer.ok ? answer.value.device : 0;
}

function add(counts: Map<number, number>, number: number, n = 1): void {
  counts.set(number, (counts.get(number) ?? 0) + n);
}

function part(amount: number, bps: number): number {
  return Number((BigInt(amount) * BigInt(bps)) / 10_000n);
}

function share(to: Map<number, number>, work: ReadonlyMap<number, number>, amount: number): void {
  const total = [...work.values()].reduce((sum, count) => sum + count, 0);
  for (const [number, count] of work)
    add(to, number, Number((BigInt(amount) * BigInt(count)) / BigInt(total)));
}
