/** A run of signed envelopes, handed to signature verification as a whole (64-512 is best, see docs). */
export interface VerifyRun {
  /** The envelopes' bytes one after another. */
  readonly bytes: Uint8Array;
  /** Where envelope i starts; offsets[count] is the end of the last. */
  readonly offsets: Uint32Array;
}

export interface VerifiedRun {
  /** Transaction ids, 32 bytes each; zeros where the envelope could not be read. */
  readonly ids: Uint8Array;
  /** 1 where the envelope is well formed and its signature valid, else 0. */
  readonly valid: Uint8Array;
}

export type VerifierFault = 'verifier-busy' | 'verifier-closed' | 'verifier-broken';

/** What `verify` rejects with: a whole run was not looked at. It says nothing about its signatures. */
export class VerifierFaultError extends Error {
  override readonly name = 'VerifierFaultError';
  constructor(
    readonly code: VerifierFault,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Verifies transaction signatures off the caller's thread. Rejects with VerifierFaultError only:
 * `verifier-busy` too much is queued (give it again later), `verifier-closed`, `verifier-broken`
 * (a run killed its worker twice). The run's bytes must stay unchanged until the promise settles.
 */
export interface TransactionVerifier {
  verify(run: VerifyRun): Promise<VerifiedRun>;
  close(): Promise<void>;
}
