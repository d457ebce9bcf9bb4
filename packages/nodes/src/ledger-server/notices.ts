import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { ATTESTATION_BYTES, writeAttestation } from '@iotw/protocol/attestation';
import type { Certificate } from '@iotw/protocol/certificate';
import type { RoundNotice } from '../messages.js';
import { nodesOf, packDevices, packMoves } from './chain-state.js';
import type { RoundRecord } from './round-record.js';

/** What trust nodes are told about a round. `firstNew`: number of the first device they were not told of. */
export function noticeOf(
  ledger: Ledger,
  record: RoundRecord,
  outcome: RoundOutcome,
  firstNew: number,
): RoundNotice {
  const { changes, edge, firstResult, codes } = outcome;
  const moves = edge === undefined ? new Uint8Array(0) : packMoves(ledger);
  const revoked = changes.removed.filter((device) => ledger.devices.col.revoked[device] === 1);
  return {
    header: record.header,
    signatures: record.signatures,
    blocks: outcome.applied.map(({ block }, i) => ({
      lane: block.header.lane,
      incarnation: block.header.incarnation,
      height: block.header.height,
      codes: codes.slice(firstResult[i]!, firstResult[i]! + block.header.count),
      answers: answersOf(block.certificate),
    })),
    lanes: changes.lanes,
    removed: changes.removed,
    reinstated: changes.reinstated,
    ...(edge === undefined ? {} : { snapshot: edge.snapshot }),
    ...(changes.keys.length === 0 && edge === undefined ? {} : { nodes: nodesOf(ledger) }),
    ...(moves.length === 0 ? {} : { moves }),
    ...(ledger.devices.rows === firstNew ? {} : { registered: packDevices(ledger, firstNew) }),
    ...(revoked.length === 0 ? {} : { revoked }),
  };
}

/** Every attestation of the certificate, of the attempts that failed and of the one that stands. */
function answersOf({ incoherent, attestations }: Certificate): Uint8Array {
  const answers = [...incoherent.flatMap((failed) => failed.attestations), ...attestations];
  const packed = new Uint8Array(ATTESTATION_BYTES * answers.length);
  for (const [i, answer] of answers.entries()) writeAttestation(packed, ATTESTATION_BYTES * i, answer);
  return packed;
}

/** The last notices, for trust nodes that missed some. */
export class NoticeRing {
  readonly #limit: number;
  readonly #notices: RoundNotice[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(notice: RoundNotice): void {
    this.#notices.push(notice);
    if (this.#notices.length > this.#limit) this.#notices.shift();
  }

  /**
   * Notices of the rounds after `round`, the last one where there is none: so the asker knows that it is up
   * to date. undefined where some of them are gone already.
   */
  after(round: number): readonly RoundNotice[] | undefined {
    const first = this.#notices[0];
    if (first === undefined || first.header.number > round + 1) return undefined;
    return this.#notices.slice(Math.min(round + 1 - first.header.number, this.#notices.length - 1));
  }
}
