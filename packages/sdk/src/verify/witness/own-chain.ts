import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { bootHead, encodeAttestation } from '@iotw/protocol/attestation';
import { encodeSignedHeader } from '@iotw/protocol/evidence';
import { EVIDENCE_KIND, type Evidence } from '@iotw/protocol/operations';
import type { AuditFindings } from './findings.js';
import { nameOf, type Statement } from './statements.js';

/** What the ledger has recorded of a device. */
export interface WitnessRecord {
  readonly device: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Number and head of the newest attestation that the ledger took; absent: not compared. */
  readonly newest?: { readonly boot: number; readonly counter: number; readonly head: Uint8Array };
}

/** Statements of one number: mostly one content, perhaps found in several places. */
interface Numbered {
  readonly boot: number;
  readonly counter: number;
  /** One statement for each content. */
  readonly contents: Statement[];
}

/**
 * The device's own chain (spec: clauses 8.1, 8.4 and 8.5): `equivocation`, `number-zero`, `chain-start`,
 * `chain-link`, `chain-fork`, `gap`, `recorded`. Gives the evidence of what contradicts itself.
 */
export function checkOwnChain(
  statements: readonly Statement[],
  record: WitnessRecord,
  network: Uint8Array,
  findings: AuditFindings,
): Evidence[] {
  const numbers = byNumber(statements);
  const evidence: Evidence[] = [];
  for (const { contents } of numbers) {
    const [first, second] = contents;
    if (second === undefined) continue;
    findings.bad(
      'equivocation',
      'device',
      `The device signed ${contents.length} different answers under ${nameOf(first!.attestation)}: that convicts it (8.5).`,
      second,
    );
    evidence.push({
      kind: EVIDENCE_KIND.deviceEquivocation,
      first: encodeAttestation(first!.attestation),
      second: encodeAttestation(second.attestation),
    });
  }
  checkLinks(numbers, record.key, network, findings);
  checkForks(numbers, findings);
  checkGaps(numbers, findings);
  findings.goodUnless(
    ['equivocation', 'number-zero', 'chain-start', 'chain-link', 'chain-fork'],
    'chain',
    `Its own chain holds: ${numbers.length} numbers over ${new Set(numbers.map(({ boot }) => boot)).size} boots, each linked to the one before it that is here.`,
  );
  checkRecorded(statements, record, findings);
  return evidence;
}

function byNumber(statements: readonly Statement[]): Numbered[] {
  const numbers = new Map<string, Numbered>();
  for (const statement of statements) {
    const { boot, counter } = statement.attestation;
    const name = `${boot}/${counter}`;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, { boot, counter, contents: [statement] });
    else if (!known.contents.some(({ digest }) => equalBytes(digest, statement.digest)))
      known.contents.push(statement);
  }
  return [...numbers.values()].sort((a, b) => a.boot - b.boot || a.counter - b.counter);
}

function checkLinks(
  numbers: readonly Numbered[],
  key: Uint8Array,
  network: Uint8Array,
  findings: AuditFindings,
): void {
  let before: Numbered | undefined;
  for (const number of numbers) {
    const { boot, counter, contents } = number;
    const follows = before?.boot === boot && before.counter + 1 === counter ? before : undefined;
    for (const statement of contents) {
      const { head } = statement.attestation;
      if (boot === 0 || counter === 0) {
        findings.bad(
          'number-zero',
          'device',
          `The attestation ${nameOf(number)} has a number that no device gives: both parts begin at 1.`,
          statement,
        );
      } else if (counter === 1 && !equalBytes(head, bootHead(network, key, boot))) {
        findings.bad(
          'chain-start',
          'device',
          `The first answer of boot ${boot} does not begin at the head of that boot (8.4).`,
          statement,
        );
      } else if (follows !== undefined && !follows.contents.some(({ digest }) => equalBytes(digest, head))) {
        findings.bad(
          'chain-link',
          'device',
          `The answer ${nameOf(number)} does not name the one before it, ${nameOf(follows)}, as its head.`,
          statement,
        );
      }
    }
    before = number;
  }
}

/** Two numbers that stand on one head: the chain was taken up twice at one place. */
function checkForks(numbers: readonly Numbered[], findings: AuditFindings): void {
  const heads = new Map<string, Numbered>();
  for (const number of numbers) {
    for (const statement of number.contents) {
      const head = toHex(statement.attestation.head);
      const other = heads.get(head);
      if (other === undefined) heads.set(head, number);
      else if (other !== number) {
        findings.bad(
          'chain-fork',
          'device',
          `The answers ${nameOf(other)} and ${nameOf(number)} name one and the same answer before them.`,
          statement,
        );
      }
    }
  }
}

function checkGaps(numbers: readonly Numbered[], findings: AuditFindings): void {
  let before: Numbered | undefined;
  for (const number of numbers) {
    const missing = number.counter - (before?.boot === number.boot ? before.counter : 0) - 1;
    if (missing > 0) {
      findings.note(
        'gap',
        `${missing} answers before ${nameOf(number)} are not among these blocks: late, for attempts that did not count, or outside the range; gaps are legal.`,
        number.contents[0],
      );
    }
    before = number;
  }
}

function checkRecorded(
  statements: readonly Statement[],
  { newest }: WitnessRecord,
  findings: AuditFindings,
): void {
  if (newest === undefined) return;
  const counted = statements.filter(({ source }) => source === 'certificate');
  const last = counted.reduce<Statement | undefined>(
    (most, s) => (most === undefined || isAbove(s.attestation, most.attestation) ? s : most),
    undefined,
  );
  if (last === undefined) return;
  const { boot, counter } = last.attestation;
  if (isAbove(last.attestation, newest)) {
    findings.bad(
      'recorded',
      'data',
      `The ledger is said to know no answer above ${nameOf(newest)}, but ${nameOf(last.attestation)} is certified.`,
      last,
    );
  } else if (boot === newest.boot && counter === newest.counter) {
    const same = counted.some(
      ({ attestation, digest }) =>
        attestation.boot === boot && attestation.counter === counter && equalBytes(digest, newest.head),
    );
    if (same)
      findings.good('recorded', `The ledger's head of the device is its newest answer, ${nameOf(newest)}.`);
    else
      findings.bad(
        'recorded',
        'data',
        `The ledger's head of the device is not its newest answer, ${nameOf(newest)}.`,
        last,
      );
  } else
    findings.note(
      'recorded',
      `The ledger knows newer answers, up to ${nameOf(newest)}: they are outside these blocks.`,
    );
}

interface AttestationNumber {
  readonly boot: number;
  readonly counter: number;
}

function isAbove(a: AttestationNumber, b: AttestationNumber): boolean {
  return a.boot > b.boot || (a.boot === b.boot && a.counter > b.counter);
}

/**
 * Coherence of what it signed with what became final (spec: clause 8.7): `lie`, `other-header`, `incoherent`.
 * Gives the evidence of lies about headers that are here.
 */
export function checkCoherence(statements: readonly Statement[], findings: AuditFindings): Evidence[] {
  const evidence: Evidence[] = [];
  const told = new Set<string>();
  let right = 0;
  for (const statement of statements) {
    const { attestation, hash, source, block } = statement;
    const digest = toHex(statement.digest);
    if (told.has(digest)) continue;
    told.add(digest);
    if (!equalBytes(attestation.hash, attestation.cited)) {
      findings.bad(
        'lie',
        'device',
        `Under ${nameOf(attestation)} it signed another hash than that of the header it cites: a lie.`,
        statement,
      );
      const { header, signature } = block.block;
      if (equalBytes(attestation.cited, hash)) {
        const second = encodeSignedHeader({ header, signature });
        evidence.push({
          kind: EVIDENCE_KIND.falseAttestation,
          first: encodeAttestation(attestation),
          second,
        });
      }
    } else if (source === 'certificate' && !equalBytes(attestation.hash, hash)) {
      findings.bad(
        'incoherent',
        'data',
        'A certificate that completes a block holds an answer about another header.',
        statement,
      );
    } else if (source === 'failedAttempt' && !equalBytes(attestation.hash, hash)) {
      findings.note(
        'other-header',
        `Under ${nameOf(attestation)} it confirmed a header that did not become this block: its lane showed it another, which an appeal can prove (8.7.1).`,
        statement,
      );
    } else if (equalBytes(attestation.hash, hash)) right += 1;
  }
  findings.goodUnless(
    ['lie', 'incoherent'],
    'coherence',
    `${right} answers confirm the very block that became final.`,
  );
  return evidence;
}
