// Vectors of clauses 7.9, 8.15 and 9: statements of assigners, soft misses, votes, misses, statements of silence.
import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import { sign } from '@iotw/kernel/ed25519';
import { AssignedType, assignedDigest, encodeAssigned } from '@iotw/protocol/assigned';
import {
  MISS_KIND,
  MissType,
  missDigest,
  SilenceType,
  silenceDigest,
  trustThreshold,
  VoteType,
  voteDigest,
} from '@iotw/protocol/certificate';
import { decodeVote } from '@iotw/protocol/evidence';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { decodeSsz } from '@iotw/protocol/ssz';
import { bytesOf, codeOf, keyOf, NETWORK, OTHER_NETWORK, patched } from './kit.mjs';

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
  const content = { ...position, attempt: 0, rank: 4, device: 41, host: 1, kind: 0 };
  const { kind: _, ...slot } = content;
  const valid = Object.values(MISS_KIND).map((kind) => {
    const digest = missDigest(NETWORK, { ...content, kind });
    const miss = { ...content, kind, signature: sign(digest, trustNodes[1].secretKey) };
    return { miss, digest, seed: trustNodes[1].seed, bytes: MissType.serialize(miss) };
  });
  const { bytes } = valid[0];
  return {
    clause: '9.3',
    network: NETWORK,
    valid,
    silences: [0, 2, 3].map((witness) => {
      const silence = silenceOf(slot, witness);
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

/** What a lane's blocks, one after another, do to what its hosts owe; `over`: the host for whom a block is refused. */
export function softMisses() {
  const runs = [
    ['a tenth of a miss for each answer', { softMissBps: 1_000, softMissBurst: 2 }],
    ['no soft misses', { softMissBps: 1_000, softMissBurst: 0 }],
    ['nothing is ever paid off', { softMissBps: 0, softMissBurst: 3 }],
    ['every answer pays one off', { softMissBps: 10_000, softMissBurst: 1 }],
  ];
  const blocks = [
    { softMisses: [], paidHosts: [1, 2, 3, 1] },
    { softMisses: [1], paidHosts: [1, 2, 3, 2] },
    { softMisses: [1, 2], paidHosts: [3, 3, 2, 1] },
    { softMisses: [1], paidHosts: [1, 1, 2, 3] },
    { softMisses: [2, 2, 2], paidHosts: [1, 3] },
    { softMisses: [3, 3], paidHosts: [3, 3, 1, 2] },
  ];
  return {
    clause: '8.15',
    runs: runs.map(([name, rule]) => {
      const debts = new Uint32Array(4);
      const steps = blocks.map((block) => {
        const over = chargeSoftMisses(rule, debts, {
          softMisses: block.softMisses.map((host) => ({ host })),
          paidHosts: block.paidHosts,
        });
        return { ...block, over: over ?? null, debts: [...debts] };
      });
      return { name, ...rule, steps };
    }),
  };
}

export function silenceOf(slot, witness) {
  const content = { ...slot, witness };
  return { ...content, signature: sign(silenceDigest(NETWORK, content), trustNodes[witness].secretKey) };
}

/** Two servers that sign assignments, by number. */
export const assigners = [0, 1].map((i) => keyOf(`assigner ${i}`));

/** The statement of an assigner about an attempt of a block, after `change` of what it signs. */
export function assignedOf({ lane, incarnation, height, hash }, attempt, index = 0, change = {}) {
  const role = ASSIGNER['api-server'];
  const key = assigners[index].publicKey;
  const content = { role, index, key, lane, incarnation, height, attempt, hash, ...change };
  const digest = assignedDigest(change.network ?? NETWORK, content);
  const statement = { attempt, role, index, signature: sign(digest, assigners[index].secretKey) };
  return { content, digest, statement };
}

export function assigned() {
  const place = { ...position, hash: bytesOf('block') };
  const bytes = AssignedType.serialize(assignedOf(place, 0).statement);
  const forged = [
    ['another network', { network: OTHER_NETWORK }],
    ['another role', { role: ASSIGNER['ledger-server'] }],
    ['another number', { index: 1 }],
    ['another key', { key: assigners[1].publicKey }],
    ['another lane', { lane: 3 }],
    ['another incarnation', { incarnation: 2 }],
    ['another height', { height: 10 }],
    ['another attempt', { attempt: 1 }],
    ['another header', { hash: bytesOf('another block') }],
  ];
  return {
    clause: '7.9',
    network: NETWORK,
    roles: ASSIGNER,
    place,
    keys: assigners.map(({ publicKey }) => publicKey),
    valid: [assignedOf(place, 0), assignedOf(place, 3, 1)].map(({ content, digest, statement }) => ({
      content,
      digest,
      seed: assigners[content.index].seed,
      statement,
      bytes: AssignedType.serialize(statement),
      assignmentBytes: encodeAssigned(statement),
    })),
    badSignatures: forged.map(([name, change]) => ({
      name: `signed for ${name}`,
      bytes: AssignedType.serialize(assignedOf(place, 0, 0, change).statement),
    })),
    invalid: [
      ['cut short', bytes.slice(0, -1)],
      ['a byte too many', Uint8Array.from([...bytes, 0])],
    ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeSsz(AssignedType, b, 'statement')) })),
  };
}
