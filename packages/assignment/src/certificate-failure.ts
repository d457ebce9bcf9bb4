import { type Failure, fail } from '@iotw/kernel/result';

/** Why a certificate is refused; rows of docs/errors.md. */
export type CertificateCode =
  /** The snapshot at hand is another epoch's. */
  | 'certificate-epoch'
  | 'certificate-lane-signature'
  /** Too few votes, an unknown witness, another block or position. */
  | 'certificate-votes'
  | 'certificate-vote-signature'
  /** A statement of an assigner that is none of the epoch, of another attempt, doubled; or not signed by it. */
  | 'certificate-assigner'
  | 'certificate-assigner-signature'
  /** The mode is unknown or contradicts the pool or the answers. */
  | 'certificate-mode'
  /** An answer or miss at a rank, device, host or position that is not its own. */
  | 'certificate-rank'
  /** Two votes or statements of a witness, or two statements at one rank. */
  | 'certificate-duplicate'
  | 'certificate-attestation-signature'
  | 'certificate-miss-signature'
  /** A miss by threshold: too few witnesses, an unknown one, or the host itself. */
  | 'certificate-silences'
  | 'certificate-silence-signature'
  /** A soft miss of a kind, or at a place, that does not count. */
  | 'certificate-soft-miss'
  /** A live rank below the cut-off has neither answer nor miss. */
  | 'certificate-miss-missing'
  /** An answer is not the block's hash. */
  | 'certificate-incoherent'
  /** An earlier attempt is not attached, or what is attached does not show that it failed. */
  | 'certificate-attempt';

export type CertificateFailure = Failure<CertificateCode>;

export interface Refusal {
  readonly ok: false;
  readonly error: CertificateFailure;
}

export function refuse(
  code: CertificateCode,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): Refusal {
  return fail(code, message, data);
}
