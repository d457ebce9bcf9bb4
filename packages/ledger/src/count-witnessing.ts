import { attemptRanks } from '@iotw/assignment/committee';
import type { PreparedBlock } from './round-outcome.js';
import type { State } from './state.js';
import { attemptKey } from './tables/passed-over.js';

/**
 * Counts what a certificate says of its lane and of the hosts: the diversity it reached, who was passed over and
 * by whose word (spec: clause 8.13); and keeps what an answer that was left out is judged by.
 * `paidHosts`: hosts of the paid devices by the pool.
 */
export function countWitnessing(
  state: State,
  { block, committee, hash }: PreparedBlock,
  paidHosts: readonly number[],
): void {
  const { witnessing, epoch } = state;
  const { lane } = block.header;
  const row = witnessing.row(lane, epoch);
  const c = witnessing.col;
  const { paid, misses, softMisses, thresholdMisses, diversity } = committee;
  if (paid.length > 0) {
    c.committees[row]! += 1;
    c.seats[row]! += paid.length;
    c.owners[row]! += diversity.owners;
    c.makers[row]! += diversity.makers;
    c.regions[row]! += diversity.regions;
    c.hosts[row]! += diversity.hosts;
    c.clouds[row]! += cloudsOf(state, paidHosts);
  }
  c.passedOver[row]! += misses.length;
  c.passedOverSoftly[row]! += softMisses.length;
  c.unheard[row]! += thresholdMisses.length;
  c.selfAssigned[row]! += committee.selfAssigned;
  c.failedAttempts[row]! += block.certificate.incoherent.length;
  // The table may grow under `row`: columns are read again each time.
  for (const host of paidHosts) witnessing.col.answers[witnessing.row(host, epoch)]! += 1;
  for (const { host } of misses) witnessing.col.misses[witnessing.row(host, epoch)]! += 1;
  for (const { host } of softMisses) witnessing.col.softMisses[witnessing.row(host, epoch)]! += 1;
  for (const { host } of thresholdMisses) witnessing.col.silences[witnessing.row(host, epoch)]! += 1;
  if (committee.passedOver.length === 0) return;
  const { parameters } = state.epochs.snapshot(block.header.epoch)!;
  for (const { attempt, cutOff, settled } of committee.passedOver) {
    const { first } = attemptRanks(parameters, attempt);
    const places = settled.map((rank) => rank - first);
    state.passedOver[block.header.epoch & 1]!.record(attemptKey(hash, attempt), cutOff, places);
  }
}

function cloudsOf(state: State, hosts: readonly number[]): number {
  const { cloud } = state.trustNodes.col;
  return new Set(hosts.map((host) => cloud[host]!)).size;
}
