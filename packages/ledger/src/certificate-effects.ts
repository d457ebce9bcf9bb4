import { adjudicate } from '@iotw/assignment/adjudicate';
import type { CertifiedCommittee } from '@iotw/assignment/certificate-check';
import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import { assert } from '@iotw/kernel/assert';
import { type Attestation, attestationDigest } from '@iotw/protocol/attestation';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { hostsOf } from './committee-hosts.js';
import { countWitnessing } from './count-witnessing.js';
import { blacklistDevice } from './removal.js';
import type { PreparedBlock } from './round-outcome.js';
import type { State } from './state.js';
import { BLACKLIST_REASON } from './tables/devices.js';

/**
 * What an included certificate does: paid answers, answers beyond them, misses and votes are counted in
 * the running epoch, heads move on, incoherent attempts are judged (spec: clauses 8 and 10).
 */
export function applyCertificate(state: State, prepared: PreparedBlock): void {
  const { block, committee, hash } = prepared;
  const { lane } = block.header;
  state.lanes.add('blocks', lane, 1);
  if (block.certificate.mode === CERTIFICATE_MODE.allMissed) state.lanes.add('unmined', lane, 1);
  const hosts = hostsOf(state, block.header.epoch);
  const paidHosts: number[] = [];
  for (const answer of committee.paid) {
    state.devices.add(answer.role === 'miner' ? 'mined' : 'witnessed', answer.device, 1);
    const host = hosts(answer.device);
    noteAnswer(state, answer.attestation, host);
    if (host !== undefined) paidHosts.push(host);
  }
  for (const attestation of committee.extra) {
    state.devices.add('unpaid', attestation.device, 1);
    noteAnswer(state, attestation, hosts(attestation.device));
  }
  for (const miss of committee.misses) state.devices.add('missed', miss.device, 1);
  for (const vote of block.certificate.votes) state.trustNodes.add('votes', vote.witness, 1);
  countWitnessing(state, prepared, paidHosts);
  owe(state, prepared, paidHosts);
  judge(state, committee, hash);
}

/** Soft misses are owed for by their hosts; the round was found valid, so nobody owes too much. */
function owe(
  state: State,
  { block: { header }, committee: { softMisses } }: PreparedBlock,
  paidHosts: readonly number[],
): void {
  const snapshot = state.epochs.snapshot(header.epoch);
  if (snapshot === undefined) return;
  const over = chargeSoftMisses(snapshot.parameters, state.lanes.softDebts(header.lane), {
    softMisses,
    paidHosts,
  });
  assert(over === undefined, 'the round was checked for soft misses');
  state.lanes.touch(header.lane);
}

/** An attestation counts as presence at the pool's host, and moves the device's head on. */
function noteAnswer(state: State, a: Attestation, host: number | undefined): void {
  const { devices } = state;
  const c = devices.col;
  if (c.presentEpoch[a.device] !== state.epoch + 1) {
    devices.set('presentEpoch', a.device, state.epoch + 1);
    if (host !== undefined) devices.set('host', a.device, host);
  }
  const boot = c.boot[a.device]!;
  // Answers reach the ledger in any order over several lanes: only a higher number is news.
  if (a.boot < boot || (a.boot === boot && a.counter <= c.counter[a.device]!)) return;
  devices.set('boot', a.device, a.boot);
  devices.set('counter', a.device, a.counter);
  devices.setBytes('head', a.device, attestationDigest(state.network, a));
}

/**
 * Attempts whose answers disagreed: the whole committee leaves, and in the same transition the block's true hash
 * judges it (spec: clause 8.7). Who was right is reinstated; who lied stays out on its own signature; who cited
 * a header that nobody has shown stays out until it is shown. Without adjudication, the whitepaper's literal
 * rule: every device of such an attempt is blacklisted, and who was right may appeal.
 */
function judge(state: State, committee: CertifiedCommittee, hash: Uint8Array): void {
  for (const attempt of committee.incoherent) {
    const { liars, right, unproven } = adjudicate(attempt, hash);
    const literal = state.parameters.adjudicate === 0;
    for (const attestation of attempt.attestations) {
      const { device } = attestation;
      const proof = attestationDigest(state.network, attestation);
      if (liars.includes(device)) blacklistDevice(state, device, BLACKLIST_REASON.lie, proof);
      else if (literal) blacklistDevice(state, device, BLACKLIST_REASON.disagreement, proof);
      else if (unproven.includes(device)) blacklistDevice(state, device, BLACKLIST_REASON.unproven, proof);
    }
    if (!literal) for (const device of right) state.changes.reinstated.add(device);
  }
}
