import { issuance, settle } from '@iotw/assignment/rewards';
import { assert } from '@iotw/kernel/assert';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { estimateFee } from '@iotw/sdk/transaction/fee';
import type { Scenario, Yearly } from './scenarios.js';

export const YEARS = 10;
const DAY_MS = 86_400_000;
const DAYS_PER_YEAR = 365;
const PPM = 1_000_000;

/** A month of the run: 365/12 days; amounts are base units and sums over the month but for the pool. */
export interface Month {
  /** From 1. */
  readonly month: number;
  readonly devices: number;
  readonly present: number;
  /** At the month's end. */
  readonly pool: number;
  readonly issued: number;
  readonly paid: number;
  readonly fees: number;
  /** What a device that was present in every epoch was issued for, each epoch floored. */
  readonly perDevice: number;
  /** Epochs in which the pool's decay, not the number of devices, set the issuance. */
  readonly boundEpochs: number;
  readonly epochs: number;
}

/**
 * Ten years of epochs by the production rules: `issuance` and `settle` (assignment/rewards) and the ledger's
 * fee rule (sdk/transaction/fee). Within a day devices and transactions stay the same. Where the decay binds
 * on no epoch of a day, issuance is the same in each and the day is added up at once, which is exact; else
 * every epoch is made. Each role is settled as one worker: the pool keeps the floors of the real division
 * too, less than one base unit for each worker, role and epoch.
 */
export function simulateEconomy(scenario: Scenario): Month[] {
  const { parameters } = scenario;
  const epochsPerDay = DAY_MS / parameters.epochMs;
  assert(Number.isInteger(epochsPerDay), 'a day is a number of whole epochs');
  const fee = estimateFee(parameters, [{ type: 'transfer', to: 0, amount: scenario.amount }]).total;
  const paidOf = payments(scenario);
  const months: Month[] = [];
  let pool = scenario.rewardPool;
  let sums = nothing();
  for (let day = 0; day < YEARS * DAYS_PER_YEAR; day++) {
    const devices = at(scenario.devices, day);
    const present = Math.floor((devices * scenario.presentPpm) / PPM);
    const transactions = at(scenario.transactionsPerDay, day);
    const unbound = present * parameters.issuancePerDevice;
    const dayFees = fee * transactions;
    const linear = pool + dayFees - epochsPerDay * paidOf(unbound);
    // The pool moves one way within a day, so its two ends tell of all epochs.
    const lowest = Math.min(pool, linear);
    if (
      lowest > 0 &&
      issuance(parameters, present, lowest) === unbound &&
      unbound <= decayCap(scenario, lowest)
    ) {
      pool = linear;
      sums.issued += epochsPerDay * unbound;
      sums.paid += epochsPerDay * paidOf(unbound);
      sums.perDevice += epochsPerDay * parameters.issuancePerDevice;
    } else {
      for (let epoch = 0; epoch < epochsPerDay; epoch++) {
        const issued = issuance(parameters, present, pool);
        if (issued < unbound) sums.boundEpochs++;
        // A day's fees, epoch by epoch, without losing a unit.
        const fees = share(dayFees, epoch + 1, epochsPerDay) - share(dayFees, epoch, epochsPerDay);
        pool += fees - paidOf(issued);
        sums.issued += issued;
        sums.paid += paidOf(issued);
        sums.perDevice += present === 0 ? 0 : Math.floor(issued / present);
      }
    }
    sums.fees += dayFees;
    sums.epochs += epochsPerDay;
    assert(pool >= 0 && pool <= MAX_SUPPLY, 'the pool holds what there is');
    if (Math.floor(((day + 1) * 12) / DAYS_PER_YEAR) > months.length) {
      months.push({ month: months.length + 1, devices, present, pool, ...sums });
      sums = nothing();
    }
  }
  return months;
}

function nothing() {
  return { issued: 0, paid: 0, fees: 0, perDevice: 0, boundEpochs: 0, epochs: 0 };
}

function share(total: number, part: number, parts: number): number {
  return Math.floor((total / parts) * part);
}

function decayCap({ parameters }: Scenario, pool: number): number {
  // More devices than anybody has: what is left is the cap.
  return issuance(parameters, Number.MAX_SAFE_INTEGER, pool);
}

/** What an issuance pays out where every role has work; the same issuance is settled once. */
function payments({ parameters }: Scenario): (issued: number) => number {
  let last = -1;
  let paid = 0;
  return (issued) => {
    if (issued !== last) {
      last = issued;
      const one = [[0, 1]] as const;
      paid = settle(parameters, issued, { miners: one, witnesses: one, trustNodes: one }).paid;
    }
    return paid;
  };
}

/** The value on a day, in a straight line between years; whole numbers. */
function at(yearly: Yearly, day: number): number {
  const year = Math.floor(day / DAYS_PER_YEAR);
  const from = yearly[year]!;
  const to = yearly[Math.min(year + 1, yearly.length - 1)]!;
  return from + Math.floor(((to - from) * (day % DAYS_PER_YEAR)) / DAYS_PER_YEAR);
}
