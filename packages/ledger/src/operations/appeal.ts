import { equalBytes } from '@iotw/kernel/bytes';
import { attestationDigest, decodeAttestation } from '@iotw/protocol/attestation';
import { decodeSignedHeader } from '@iotw/protocol/evidence';
import { blockHash } from '@iotw/protocol/header';
import type { Appeal } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { isAppealable, reinstateDevice } from '../removal.js';
import type { State } from '../state.js';
import { nodeSigned } from './evidence.js';

/**
 * A device that was blacklisted for an answer that disagreed shows that it was right: the answer's hash is that
 * of the header it cites, and its lane signed that header. It is reinstated at once. Who sends the appeal does
 * not matter: its owner, its host, anyone. What a device signed itself as a lie or twice stands.
 * Codes: `appeal-malformed`, `device-unknown`, `appeal-not-blacklisted`, `appeal-refused`, `appeal-other-case`,
 * `appeal-not-proof`, `appeal-signature`.
 */
export function appeal(state: State, operation: Appeal): number {
  const attestation = decodeAttestation(operation.attestation);
  const signed = decodeSignedHeader(operation.header);
  if (!attestation.ok || !signed.ok) return RESULT_CODES['appeal-malformed'];
  const a = attestation.value;
  const { header, signature } = signed.value;
  const { devices } = state;
  if (a.device >= devices.rows) return RESULT_CODES['device-unknown'];
  if (devices.col.blacklistedUntil[a.device] === 0) return RESULT_CODES['appeal-not-blacklisted'];
  if (!isAppealable(state, a.device)) return RESULT_CODES['appeal-refused'];
  // The digest covers all but the signature, which was good when the answer was judged.
  if (!equalBytes(attestationDigest(state.network, a), devices.bytes('blacklistCase', a.device)))
    return RESULT_CODES['appeal-other-case'];
  const hash = blockHash(state.network, header);
  if (!equalBytes(a.cited, hash) || !equalBytes(a.hash, hash)) return RESULT_CODES['appeal-not-proof'];
  if (header.lane >= state.trustNodes.rows) return RESULT_CODES['lane-unknown'];
  if (!nodeSigned(state, header.lane, signature, hash)) return RESULT_CODES['appeal-signature'];
  reinstateDevice(state, a.device);
  return 0;
}
