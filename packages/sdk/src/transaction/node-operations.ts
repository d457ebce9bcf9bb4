/** Operations about trust nodes and ledger servers. */
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { rotateDigest } from '@iotw/protocol/digests';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { EVIDENCE_KIND, NODE_ROLE, type Operation } from '@iotw/protocol/operations';

type Named<N extends Operation['type']> = Extract<Operation, { type: N }>;

/** Tops up a lane's prepaid credit and bond (base units). Code: `operation-amount`. */
export function laneFund(lane: number, credit: number, bond: number): Result<Named<'laneFund'>> {
  const sum = credit + bond;
  const good =
    Number.isSafeInteger(credit) && Number.isSafeInteger(bond) && credit >= 0 && bond >= 0 && sum > 0;
  if (!good || sum > MAX_SUPPLY) {
    return fail(
      'operation-amount',
      `Credit and bond are base units, not negative, together 1 to ${MAX_SUPPLY}.`,
      { credit, bond },
    );
  }
  return ok({ type: 'laneFund', lane, credit, bond });
}

/**
 * A node replaces its signing and link keys. The new key signs the very transaction's sender and
 * sequence, so the statement serves once; the sender is the account that the genesis gave the node.
 */
export function keyRotate(
  network: Uint8Array,
  node: { readonly role: keyof typeof NODE_ROLE; readonly index: number; readonly linkKey: Uint8Array },
  position: { readonly sender: Uint8Array; readonly sequence: number },
  newKeys: KeyPair,
): Named<'keyRotate'> {
  const content = {
    role: NODE_ROLE[node.role],
    index: node.index,
    key: newKeys.publicKey,
    linkKey: node.linkKey,
  };
  const digest = rotateDigest(network, content, position.sender, position.sequence);
  return { type: 'keyRotate', ...content, signature: sign(digest, newKeys.secretKey) };
}

/** Where the devices of a trust node log in, an MQTT URL; empty: taken back. From the node's account. */
export function nodeAddress(index: number, address: string): Named<'nodeAddress'> {
  return { type: 'nodeAddress', index, address: utf8(address) };
}

/** A blacklisted device was right: its answer (189 bytes) and the signed header (164 bytes) that it cites. */
export function appeal(attestation: Uint8Array, header: Uint8Array): Named<'appeal'> {
  return { type: 'appeal', attestation, header };
}

/** An answer (189 bytes) that the certificate of the block with this header (100 bytes) left out. */
export function leftOutAnswer(header: Uint8Array, attestation: Uint8Array): Named<'leftOutAnswer'> {
  return { type: 'leftOutAnswer', header, attestation };
}

/**
 * The value of the public beacon that a vote named for the next epoch: drand's signature of that round, behind it
 * the signature before where the chain is chained. From a node operator's account.
 */
export function publicValue(
  signature: Uint8Array,
  previous: Uint8Array = new Uint8Array(0),
): Named<'publicValue'> {
  return { type: 'publicValue', value: concatBytes(signature, previous) };
}

/**
 * Proof of misbehaviour: two signed headers, two votes, two attestations, or one attestation and
 * nothing (`falseAttestation`), in the encodings of protocol/evidence and protocol/attestation.
 */
export function evidence(
  kind: keyof typeof EVIDENCE_KIND,
  first: Uint8Array,
  second: Uint8Array = new Uint8Array(0),
): Named<'evidence'> {
  return { type: 'evidence', kind: EVIDENCE_KIND[kind], first, second };
}
