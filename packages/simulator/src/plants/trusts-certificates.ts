import { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Plant } from './plant.js';

class Trusting extends SignatureChecker {
  override verify(): boolean {
    return true;
  }
}

/** Ledger servers take every signature for good, and one lane sends certificates with a forged vote. */
export const trustsCertificates: Plant = {
  name: 'trusts-certificates',
  bug: 'ledger servers take every signature for good, and one lane forges a vote',
  breaks: 'certificates-valid',
  ledgerChecker: () => new Trusting(4),
  outgoing: (from, message) => {
    if (from !== 'trust:1' || message.kind !== 'certified') return message;
    const { block } = message;
    const [vote, ...votes] = block.certificate.votes;
    const forged = { ...vote!, signature: new Uint8Array(64) };
    return {
      kind: 'certified',
      block: { ...block, certificate: { ...block.certificate, votes: [forged, ...votes] } },
    };
  },
};
