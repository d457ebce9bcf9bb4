// Vectors of clause 9: votes, misses, statements of silence.
import { sign } from '@iotw/kernel/ed25519';
import {
  MissType,
  missDigest,
  SilenceType,
  silenceDigest,
  trustThreshold,
  VoteType,
  voteDigest,
} from '@iotw/protocol/certificate';
import { decodeVote } from '@iotw/protocol/evidence';
import { decodeSsz } from '@iotw/protocol/ssz';
import { bytesOf, codeOf, keyOf, NETWORK, patched } from './kit.mjs';

export const trustNodes = [0, 1, 2, 3].map((i) => keyOf(`trust node ${i}`));
const position = { lane: 2, incarnation: 1, height: 9 };

export function voteOf(witness, fields) {
  const content = { ...fields, witness };
  return { ...content, signature: sign(voteDigest(NETWORK, content), trustNodes[witness].secretKey) };
}

export function votes() {
  const vote = voteOf(3, { ...position, hash: bytesOf('block') });
  const bytes = VoteType.serialize(vote);
  return {
    clause: '9.2',
    network: NETWORK,
    thresholds: [1, 2, 3, 4, 5, 6, 7, 10, 16, 64].map((trustNodes) => ({
      trustNodes,
      threshold: trustThreshold(trustNodes),
    })),
    valid: [{ vote, digest: voteDigest(NETWORK, vote), seed: trustNodes[3].seed, bytes }],
    invalid: [
      ['cut short', bytes.slice(0, -1)],
      ['a byte too many', Uint8Array.from([...bytes, 0])],
      ['height 2^53', patched(bytes, 12, 0x20)],
    ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeVote(b)) })),
  };
}

export function misses() {
  const content = { ...position, attempt: 0, rank: 4, device: 41, host: 1 };
  const digest = missDigest(NETWORK, content);
  const miss = { ...content, signature: sign(digest, trustNodes[1].secretKey) };
  const bytes = MissType.serialize(miss);
  return {
    clause: '9.3',
    network: NETWORK,
    valid: [{ miss, digest, seed: trustNodes[1].seed, bytes }],
    silences: [0, 2, 3].map((witness) => {
      const silence = silenceOf(content, witness);
      return {
        silence,
        digest: silenceDigest(NETWORK, silence),
        seed: trustNodes[witness].seed,
        bytes: SilenceType.serialize(silence),
      };
    }),
    invalid: [
      {
        name: 'cut short',
        bytes: bytes.slice(0, -1),
        code: codeOf(decodeSsz(MissType, bytes.slice(0, -1), 'miss')),
      },
    ],
  };
}

export function silenceOf(slot, witness) {
  const content = { ...slot, witness };
  return { ...content, signature: sign(silenceDigest(NETWORK, content), trustNodes[witness].secretKey) };
}
