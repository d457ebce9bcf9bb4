import { committeeSize, roleOf } from '@iotw/assignment/committee';
import { mulDivFloor } from '@iotw/kernel/wide';
import type { Parameters } from '@iotw/protocol/parameters';
import type { AuditFindings } from './findings.js';
import type { Statement } from './statements.js';

/** What the ledger says it paid a device for an ended epoch (GET /v1/devices/:id/why). */
export interface PaidEpoch {
  readonly epoch: number;
  /** Counts are null where only the payment is still kept. */
  readonly mined: number | null;
  readonly witnessed: number | null;
  readonly unpaid: number | null;
  readonly minerAmount: number;
  readonly witnessAmount: number;
  readonly issued: number;
  readonly minerWork: number;
  readonly witnessWork: number;
}

const BASIS_POINTS = 10_000;

/**
 * Rewards received against attestations (spec: clauses 7.7, 10.4): `reward-count`, `reward-amount`, for the epochs
 * that the blocks cover whole. `parameters`: of epochs, by number.
 */
export function checkPaidAnswers(
  statements: readonly Statement[],
  whole: { readonly from: number; readonly to: number },
  paid: readonly PaidEpoch[],
  parameters: ReadonlyMap<number, Parameters>,
  findings: AuditFindings,
): void {
  const told = new Map(paid.map((each) => [each.epoch, each]));
  const counts = countByEpoch(statements, parameters);
  const epochs = [...new Set([...counts.keys(), ...told.keys()])].sort((a, b) => a - b);
  let checked = 0;
  for (const epoch of epochs) {
    if (epoch < whole.from || epoch > whole.to) continue;
    const rules = parameters.get(epoch);
    const said = told.get(epoch);
    if (rules === undefined || said === undefined) {
      findings.unchecked('reward-count', `What epoch ${epoch} paid the device was not given.`);
      continue;
    }
    checked += 1;
    const own = counts.get(epoch) ?? { miner: 0, witness: 0, unpaid: 0 };
    checkEpoch(own, said, rules, findings);
  }
  if (checked > 0) {
    findings.goodUnless(
      ['reward-count', 'reward-amount'],
      'rewards',
      `In ${checked} whole epochs it was paid for the answers that are here, neither more nor fewer.`,
    );
  }
}

interface Counts {
  miner: number;
  witness: number;
  unpaid: number;
}

function countByEpoch(
  statements: readonly Statement[],
  parameters: ReadonlyMap<number, Parameters>,
): Map<number, Counts> {
  const counts = new Map<number, Counts>();
  for (const { source, attestation, block, epoch } of statements) {
    // The committee is that of the header's epoch; the pay is that of the including round's.
    const rules = parameters.get(block.block.header.epoch);
    if (source !== 'certificate' || epoch === undefined || rules === undefined) continue;
    const below = block.block.certificate.attestations.filter(({ rank }) => rank < attestation.rank).length;
    const of = counts.get(epoch) ?? { miner: 0, witness: 0, unpaid: 0 };
    if (below >= committeeSize(rules)) of.unpaid += 1;
    else of[roleOf(rules, below)] += 1;
    counts.set(epoch, of);
  }
  return counts;
}

function checkEpoch(own: Counts, said: PaidEpoch, rules: Parameters, findings: AuditFindings): void {
  const { epoch } = said;
  const differs = (told: number | null, counted: number) => told !== null && told !== counted;
  if (
    differs(said.mined, own.miner) ||
    differs(said.witnessed, own.witness) ||
    differs(said.unpaid, own.unpaid)
  ) {
    findings.bad(
      'reward-count',
      'data',
      `Epoch ${epoch}: the ledger is said to count ${said.mined} mined, ${said.witnessed} witnessed, ${said.unpaid} unpaid answers; its blocks hold ${own.miner}, ${own.witness}, ${own.unpaid}.`,
    );
    return;
  }
  const { issued, minerWork, witnessWork } = said;
  const possible = [issued, minerWork, witnessWork].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!possible || own.miner > minerWork || own.witness > witnessWork) {
    findings.bad(
      'reward-count',
      'data',
      `Epoch ${epoch}: ${minerWork} and ${witnessWork} paid answers of all devices can't hold the ${own.miner} and ${own.witness} of this one.`,
    );
    return;
  }
  const miner = share(said.issued, rules.minerShareBps, own.miner, said.minerWork);
  const witness = share(said.issued, rules.witnessShareBps, own.witness, said.witnessWork);
  if (miner !== said.minerAmount || witness !== said.witnessAmount) {
    findings.bad(
      'reward-amount',
      'data',
      `Epoch ${epoch}: its answers are worth ${miner} + ${witness} base units, paid are ${said.minerAmount} + ${said.witnessAmount}.`,
    );
  }
}

/** A role's share of the issuance, divided by count; both floored. */
function share(issued: number, bps: number, count: number, work: number): number {
  return work === 0 ? 0 : mulDivFloor(mulDivFloor(issued, bps, BASIS_POINTS), count, work);
}
