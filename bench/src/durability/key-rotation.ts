import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { toHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { rotateDigest } from '@iotw/protocol/digests';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { signTransaction } from '@iotw/protocol/transaction';

export interface Rotation {
  readonly apiUrl: string;
  readonly network: Uint8Array;
  /** The trust node, its account's keys, and the seeds it is to have. */
  readonly trustNode: number;
  readonly account: KeyPair;
  readonly seed: Uint8Array;
  readonly linkSeed: Uint8Array;
}

/** Above what the trust node's own transactions use meanwhile, within the account's window of 64. */
const SEQUENCES_AHEAD = 8;
const EXPIRY_MS = 600_000;

/** Puts new keys of a trust node on the ledger. Returns the result's code, or undefined where no answer came. */
export async function rotateKeys(rotation: Rotation): Promise<string | undefined> {
  const { apiUrl, network, trustNode, account, seed, linkSeed } = rotation;
  try {
    const known = await fetch(`${apiUrl}/v1/accounts/${toHex(account.publicKey)}`);
    const { nextSequence } = (await known.json()) as { readonly nextSequence: number };
    const sequence = nextSequence + SEQUENCES_AHEAD;
    const next = keyPairFromSeed(seed);
    const content = {
      role: NODE_ROLE.trust,
      index: trustNode,
      key: next.publicKey,
      linkKey: linkKeyPair(linkSeed).publicKey,
    };
    const signature = sign(rotateDigest(network, content, account.publicKey, sequence), next.secretKey);
    const { envelope } = signTransaction(
      network,
      {
        sender: account.publicKey,
        sequence,
        expiryMs: Date.now() + EXPIRY_MS,
        operations: [{ type: 'keyRotate', ...content, signature }],
        memo: new Uint8Array(0),
      },
      account,
    );
    const answer = await fetch(`${apiUrl}/v1/transactions?wait=final`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ envelope: toHex(envelope) }),
    });
    return String(((await answer.json()) as { readonly code?: string }).code);
  } catch {
    // The ledger server died meanwhile: what it had decided is on its disk.
    return undefined;
  }
}
