import type { Evidence } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import type { PublicData } from '@iotw/protocol/public-data';
import type { Signers } from '../public/signer-history.js';
import type { Trust } from '../trust.js';
import { type AuditFinding, AuditFindings } from './findings.js';
import { checkCoherence, checkOwnChain, type WitnessRecord } from './own-chain.js';
import { checkPaidAnswers, type PaidEpoch } from './paid-answers.js';
import { gatherStatements, type Statement } from './statements.js';

/** What an audit looks at; nothing of it is believed but the trust. */
export interface WitnessData {
  readonly record: WitnessRecord;
  /** Blocks that hold the device's attestations; their rounds, and the rounds before those. */
  readonly blocks: PublicData['blocks'];
  readonly rounds: PublicData['rounds'];
  /** Epochs all of whose blocks with attestations of the device are here. */
  readonly whole: { readonly from: number; readonly to: number };
  /** By number of the epoch. */
  readonly parameters: ReadonlyMap<number, Parameters>;
  readonly paid: readonly PaidEpoch[];
}

export interface WitnessAudit {
  /** No finding is bad. */
  readonly sound: boolean;
  /** Some finding is bad, and speaks against the device itself. */
  readonly deviceAtFault: boolean;
  readonly findings: readonly AuditFinding[];
  /** In the order of the blocks given. */
  readonly statements: readonly Statement[];
  /** What convicts the device, ready for the operation `evidence`. */
  readonly evidence: readonly Evidence[];
}

/**
 * Audits a witness's own chain (spec: clause 8.14) from public data: signatures, numbers, links and gaps of its
 * attestations, their coherence with what became final, and its rewards against them. Works in Node and in
 * browsers, asks nothing of anybody, never throws on what the readers of public data gave. `signersAt`: who signed a round, by
 * verified public data (`DataReport.signersAt`); without it only the keys of `trust` are known, and `finality` stays open
 * where they did not sign.
 */
export function auditWitness(
  data: WitnessData,
  trust: Trust,
  signersAt?: (round: number) => Signers,
): WitnessAudit {
  const findings = new AuditFindings();
  const statements = gatherStatements(
    data,
    data.record,
    { ...trust, ...(signersAt === undefined ? {} : { signersAt }) },
    findings,
  );
  const evidence = [
    ...checkOwnChain(statements, data.record, trust.network, findings),
    ...checkCoherence(statements, findings),
  ];
  checkPaidAnswers(statements, data.whole, data.paid, data.parameters, findings);
  const { all } = findings;
  return {
    sound: all.every(({ verdict }) => verdict !== 'bad'),
    deviceAtFault: all.some(({ against }) => against === 'device'),
    findings: all,
    statements,
    evidence,
  };
}
