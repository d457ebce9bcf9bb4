import { type TransactionVerifier, VerifierFaultError } from '@iotw/kernel/ports/verifier';
import { assertRun, EnvelopeVerifier, ID_BYTES } from './envelope-verifier.js';

/** @public The verifier on the caller's own thread, for tests and nodes too small for worker threads. */
export function inlineVerifier(network: Uint8Array): TransactionVerifier {
  const verifier = new EnvelopeVerifier(network);
  let closed = false;
  return {
    async verify(run) {
      if (closed) throw new VerifierFaultError('verifier-closed', 'the verifier is closed');
      const count = assertRun(run);
      const verified = { ids: new Uint8Array(count * ID_BYTES), valid: new Uint8Array(count) };
      verifier.verifyRun(run, verified.ids, verified.valid);
      return verified;
    },
    async close() {
      closed = true;
    },
  };
}
