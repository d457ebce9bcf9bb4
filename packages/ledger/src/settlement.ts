import { nextEvidence } from '@iotw/assignment/reputation';
import { type EpochWork, issuance, type Payment, settle } from '@iotw/assignment/rewards';
import { giveMoney } from './operations/money.js';
import type { DevicePayment, EpochSettlement, TrustNodePayment } from './round-outcome.js';
import type { State } from './state.js';
import { NO_ACCOUNT } from './tables/devices.js';
import { PAYMENT_EPOCHS, PAYMENT_FLAG } from './tables/payments.js';
import { WITNESS_COUNTS } from './tables/witnessing.js';

/** The account that is paid for a device: its owner's, or the one of its own key while it is unclaimed. */
export function payee(state: State, device: number): number {
  const owner = state.devices.col.owner[device]!;
  return owner === NO_ACCOUNT ? state.accounts.findOrOpen(state.devices.col.key, 32 * device) : owner;
}

/**
 * Pays the epoch that ends (spec: clause 10): issuance by presence in its frozen pool, shares by what the
 * certificates of its rounds counted. Keeps every reason for whyPaid, ages reputations, anchors heads and
 * sets the epoch's counts back.
 */
export function settleEpoch(state: State, ended: number): EpochSettlement {
  const pool = state.epochs.frozen(ended)?.devices ?? [];
  const present = pool.filter(({ device }) => isPresent(state, device, ended)).length;
  const issued = issuance(state.parameters, present, state.rewards.pool);
  const work = epochWork(state);
  const { miners, witnesses, trustNodes, paid } = settle(state.parameters, issued, work);
  const devices = payDevices(state, miners, witnesses);
  const nodes = payTrustNodes(state, trustNodes);
  state.rewards.add('pool', 0, -paid);
  state.rewards.add('paid', 0, paid);
  const settlement: EpochSettlement = {
    epoch: ended,
    pool: pool.length,
    present,
    issued,
    paid,
    minerWork: sum(work.miners),
    witnessWork: sum(work.witnesses),
    trustNodeWork: sum(work.trustNodes),
    witnessing: state.witnessing.total(ended),
    devices,
    trustNodes: nodes,
  };
  keepReasons(state, settlement, new Set(pool.map(({ device }) => device)));
  closeDevices(state, ended);
  for (let lane = 0; lane < state.lanes.rows; lane++) {
    state.lanes.set('blocks', lane, 0);
    state.lanes.set('unmined', lane, 0);
  }
  // Answers left out of the blocks of the epoch before the ended one can't be shown any more.
  state.passedOver[(ended + 1) & 1]!.clear();
  return settlement;
}

function isPresent(state: State, device: number, epoch: number): boolean {
  return state.devices.col.presentEpoch[device] === epoch + 1;
}

function sum(work: EpochWork['miners']): number {
  return work.reduce((total, [, count]) => total + count, 0);
}

/** Everybody's counts of the running epoch, ascending by number. */
function epochWork(state: State): EpochWork {
  const { mined, witnessed } = state.devices.col;
  const miners: [number, number][] = [];
  const witnesses: [number, number][] = [];
  const trustNodes: [number, number][] = [];
  for (let device = 0; device < state.devices.rows; device++) {
    if (mined[device] !== 0) miners.push([device, mined[device]!]);
    if (witnessed[device] !== 0) witnesses.push([device, witnessed[device]!]);
  }
  for (let node = 0; node < state.trustNodes.rows; node++) {
    const votes = state.trustNodes.col.votes[node]!;
    if (votes !== 0) trustNodes.push([node, votes]);
  }
  return { miners, witnesses, trustNodes };
}

function payDevices(
  state: State,
  miners: readonly Payment[],
  witnesses: readonly Payment[],
): DevicePayment[] {
  const amounts = new Map<number, { minerAmount: number; witnessAmount: number }>();
  const of = (device: number) => {
    const known = amounts.get(device) ?? { minerAmount: 0, witnessAmount: 0 };
    amounts.set(device, known);
    return known;
  };
  for (const { number, amount } of miners) of(number).minerAmount = amount;
  for (const { number, amount } of witnesses) of(number).witnessAmount = amount;
  return [...amounts]
    .sort(([a], [b]) => a - b)
    .map(([device, { minerAmount, witnessAmount }]) => {
      const account = payee(state, device);
      giveMoney(state, account, minerAmount + witnessAmount);
      state.devices.add('earned', device, minerAmount + witnessAmount);
      return { device, account, minerAmount, witnessAmount };
    });
}

function payTrustNodes(state: State, payments: readonly Payment[]): TrustNodePayment[] {
  return payments.map(({ number: trustNode, count: votes, amount }) => {
    const account = state.trustNodes.col.account[trustNode]!;
    giveMoney(state, account, amount);
    state.trustNodes.add('earned', trustNode, amount);
    state.trustNodes.set('votes', trustNode, 0);
    return { trustNode, account, votes, amount };
  });
}

/** One row per device that was in the pool or that any certificate named. */
function keepReasons(state: State, settlement: EpochSettlement, pool: ReadonlySet<number>): void {
  const { settlements } = state;
  const slot = settlement.epoch % PAYMENT_EPOCHS;
  settlements.set('epoch', slot, settlement.epoch + 1);
  for (const column of ['pool', 'present', 'issued', 'paid', 'minerWork', 'witnessWork'] as const) {
    settlements.set(column, slot, settlement[column]);
  }
  settlements.set('trustNodeWork', slot, settlement.trustNodeWork);
  for (const column of WITNESS_COUNTS) settlements.set(column, slot, settlement.witnessing[column]);
  const payments = settlements.payments[slot]!;
  payments.clear();
  const paid = new Map(settlement.devices.map((payment) => [payment.device, payment]));
  const { mined, witnessed, unpaid, missed } = state.devices.col;
  for (let device = 0; device < state.devices.rows; device++) {
    const counts = mined[device]! + witnessed[device]! + unpaid[device]! + missed[device]!;
    if (counts === 0 && !pool.has(device)) continue;
    const row = payments.append();
    const c = payments.col;
    const payment = paid.get(device);
    c.device[row] = device;
    c.flags[row] =
      (pool.has(device) ? PAYMENT_FLAG.inPool : 0) |
      (isPresent(state, device, settlement.epoch) ? PAYMENT_FLAG.present : 0) |
      (state.removed(device, state.round) ? PAYMENT_FLAG.removed : 0);
    c.mined[row] = mined[device]!;
    c.witnessed[row] = witnessed[device]!;
    c.unpaid[row] = unpaid[device]!;
    c.missed[row] = missed[device]!;
    c.account[row] = payment?.account ?? NO_ACCOUNT;
    c.minerAmount[row] = payment?.minerAmount ?? 0;
    c.witnessAmount[row] = payment?.witnessAmount ?? 0;
  }
}

/** Uptime, reputation, anchored heads; counts back to zero. Rows that stay as they are are not touched. */
function closeDevices(state: State, ended: number): void {
  const { devices, parameters } = state;
  const c = devices.col;
  for (let device = 0; device < devices.rows; device++) {
    const present = isPresent(state, device, ended);
    const answers = c.mined[device]! + c.witnessed[device]! + c.unpaid[device]!;
    const misses = c.missed[device]!;
    const old = { answered: c.answeredEvidence[device]!, missed: c.missedEvidence[device]! };
    if (!present && answers + misses + old.answered + old.missed === 0) continue;
    devices.touch(device);
    if (present) c.uptimeEpochs[device] = c.uptimeEpochs[device]! + 1;
    const evidence = nextEvidence(parameters, old, answers, misses);
    c.answeredEvidence[device] = evidence.answered;
    c.missedEvidence[device] = evidence.missed;
    c.anchoredHead.set(c.head.subarray(32 * device, 32 * device + 32), 32 * device);
    c.mined[device] = 0;
    c.witnessed[device] = 0;
    c.unpaid[device] = 0;
    c.missed[device] = 0;
  }
}
