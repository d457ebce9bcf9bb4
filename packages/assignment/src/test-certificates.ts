/** Networks and statements that the tests of certificates share. */
import type { CertifiedBlock, IncoherentAttempt } from '@iotw/protocol/certificate';
import { checkCertificate } from './certificate-check.js';
import { range, TestNetwork } from './test-network.js';

export const OTHER = new Uint8Array(32).fill(7);
/** c = 4, R = 6, 40 devices, 30 of them outside the lane's own trust node. */
export const n = new TestNetwork({ parameters: { ranksPerAttempt: 6 } });
/** c = 4, R = 6, three devices in all, all of them outside. */
export const few = new TestNetwork({ devices: 4, parameters: { ranksPerAttempt: 6 } });
export const none = new TestNetwork({ devices: 0 });
/** Every third rank's device is out of the pool. */
export const removedAt = (rank: number) => rank % 3 === 1;
export const thinned = new TestNetwork({
  parameters: { ranksPerAttempt: 6 },
  removed: (device, refRound) =>
    refRound === 90 && range(0, 30).some((r) => removedAt(r) && n.draw.at(r)!.device === device),
});
export const allOut = new TestNetwork({ removed: () => true });

export function answers(ranks: readonly number[], from = n, attempt = 0) {
  return ranks.map((rank) => from.attest(attempt, rank));
}
export function misses(ranks: readonly number[], from = n, attempt = 0) {
  return ranks.map((rank) => from.miss(attempt, rank));
}
export function check(from: TestNetwork, block: CertifiedBlock) {
  return checkCertificate(from.context, block, from.hash);
}

export const missedAttempt = (attempt: number): IncoherentAttempt => ({
  attempt,
  attestations: [],
  misses: misses(range(6 * attempt, 6 * attempt + 6), n, attempt),
  thresholdMisses: [],
});
export const liedAttempt: IncoherentAttempt = {
  attempt: 0,
  attestations: [n.attest(0, 0), n.attest(0, 1, { hash: OTHER }), n.attest(0, 2), n.attest(0, 3)],
  misses: [],
  thresholdMisses: [],
};
