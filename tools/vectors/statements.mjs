// Vectors of clauses 4 and 9: statements inside operations, certificates, rounds, receipts.
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { merklePath, merkleRoot } from '@iotw/kernel/merkle';
import { attestationDigest, bootHead } from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import {
  CertificateType,
  decodeCertifiedBlock,
  encodeCertifiedBlock,
  missDigest,
} from '@iotw/protocol/certificate';
import {
  batchDigest,
  claimDigest,
  consentDigest,
  countersignDigest,
  handoverDigest,
  possessionDigest,
  registerDigest,
  revokeDigest,
  rotateDigest,
} from '@iotw/protocol/digests';
import { blockHash } from '@iotw/protocol/header';
import { ReceiptType } from '@iotw/protocol/receipt';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { MAX_ROUND_RESULTS, RESULT_CODES, resultLeaf } from '@iotw/protocol/result';
import {
  EpochVoteType,
  epochVoteDigest,
  LaneResetType,
  laneResetDigest,
  RoundHeaderType,
  RoundInputType,
  roundHash,
} from '@iotw/protocol/round';
import { seedOrigin } from '@iotw/protocol/seed-origin';
import { decodeSsz } from '@iotw/protocol/ssz';
import { signTransaction } from '@iotw/protocol/transaction';
import { bytesOf, codeOf, keyOf, NETWORK, patched } from './kit.mjs';
import { assignedOf, silenceOf, trustNodes, voteOf } from './witnesses.mjs';

const device = keyOf('device');
const owner = keyOf('owner');
const ledgerServer = keyOf('ledger server 0');

export function claims() {
  const registration = { key: device.publicKey, maker: 7, batch: 1, region: 3, deviceClass: 1 };
  const batch = { maker: 7, batch: 1, key: keyOf('batch').publicKey, quota: 100, activationEpochs: 2 };
  const revocation = { maker: 7, kind: 0, device: device.publicKey, batch: 0 };
  const rotation = {
    role: 0,
    index: 1,
    key: keyOf('new key').publicKey,
    linkKey: keyOf('new link key').publicKey,
  };
  const trade = {
    side: 1,
    counterparty: keyOf('buyer').publicKey,
    amount: 1_500_000,
    quantity: 2,
    deliveryMs: 0,
    warrantyDays: 730,
    terms: bytesOf('terms'),
    item: utf8('85123A'),
    data: new Uint8Array(0),
    countersignature: new Uint8Array(0),
  };
  const place = { sender: keyOf('seller').publicKey, sequence: 9, operation: 3 };
  const signed = (statement, signer, fields, digest) => ({
    statement,
    fields,
    digest,
    signerSeed: signer.seed,
    signature: sign(digest, signer.secretKey),
  });
  return {
    clause: '4.5',
    network: NETWORK,
    valid: [
      ...[0, 1].map((changes) =>
        signed(
          'device-claim',
          device,
          { device: device.publicKey, owner: owner.publicKey, changes },
          claimDigest(NETWORK, device.publicKey, owner.publicKey, changes),
        ),
      ),
      signed(
        'device-handover',
        keyOf('receiver'),
        { device: device.publicKey, from: owner.publicKey, to: keyOf('receiver').publicKey, changes: 1 },
        handoverDigest(NETWORK, device.publicKey, owner.publicKey, keyOf('receiver').publicKey, 1),
      ),
      ...[true, false].map((share) =>
        signed(
          'data-consent',
          owner,
          { device: device.publicKey, owner: owner.publicKey, changes: 1, share, timeMs: 1_700_000_000_000 },
          consentDigest(NETWORK, device.publicKey, owner.publicKey, 1, share, 1_700_000_000_000),
        ),
      ),
      signed('device-register', keyOf('batch'), registration, registerDigest(NETWORK, registration)),
      signed('device-possession', device, registration, possessionDigest(NETWORK, registration)),
      signed('maker-batch', keyOf('maker'), batch, batchDigest(NETWORK, batch)),
      signed('revoke', keyOf('maker'), revocation, revokeDigest(NETWORK, revocation)),
      signed(
        'key-rotate',
        keyOf('new key'),
        { ...rotation, sender: owner.publicKey, sequence: 5 },
        rotateDigest(NETWORK, rotation, owner.publicKey, 5),
      ),
      signed(
        'countersign',
        keyOf('buyer'),
        { ...place, trade },
        countersignDigest(NETWORK, trade, place.sender, place.sequence, place.operation),
      ),
    ],
  };
}

/** A block of lane 0 with two transfers, certified by device 41 and three trust nodes. */
function certified() {
  const sender = keyOf('sender');
  const txs = [1, 2].map((sequence) =>
    signTransaction(
      NETWORK,
      {
        sender: sender.publicKey,
        sequence,
        expiryMs: 1_800_000_000_000,
        operations: [{ type: 'transfer', to: 12, amount: 1000 * sequence }],
        memo: new Uint8Array(0),
      },
      sender,
    ),
  );
  const ids = concatBytes(...txs.map((t) => t.id));
  const header = {
    lane: 0,
    incarnation: 0,
    height: 1,
    previous: new Uint8Array(32),
    root: merkleRoot(ids, 2, 1024),
    count: 2,
    timeMs: 1_700_000_000_000,
    epoch: 0,
    refRound: 0,
  };
  const hash = blockHash(NETWORK, header);
  const answer = {
    lane: 0,
    incarnation: 0,
    height: 1,
    attempt: 0,
    rank: 2,
    cited: hash,
    hash,
    device: 41,
    boot: 1,
    counter: 1,
    head: bootHead(NETWORK, device.publicKey, 1),
  };
  const missed = { lane: 0, incarnation: 0, height: 1, attempt: 0, rank: 0, device: 40, host: 1, kind: 0 };
  const { kind: _, ...place } = missed;
  const unheard = { ...place, rank: 1, device: 42, host: 3 };
  const certificate = {
    attempt: 0,
    mode: 0,
    attestations: [{ ...answer, signature: sign(attestationDigest(NETWORK, answer), device.secretKey) }],
    misses: [{ ...missed, signature: sign(missDigest(NETWORK, missed), trustNodes[1].secretKey) }],
    thresholdMisses: [
      {
        rank: unheard.rank,
        device: unheard.device,
        host: unheard.host,
        statements: [0, 1, 2].map((witness) => ({
          witness,
          signature: silenceOf(unheard, witness).signature,
        })),
      },
    ],
    votes: [0, 1, 2].map((w) => voteOf(w, { lane: 0, incarnation: 0, height: 1, hash })),
    incoherent: [],
    assigned: [assignedOf({ ...header, hash }, 0).statement],
  };
  const signature = sign(hash, trustNodes[0].secretKey);
  const block = { header, signature, certificate, body: encodeBody(txs.map((t) => t.envelope)).bytes };
  return { txs, ids, hash, block };
}

export function certificates() {
  const { block, hash, ids } = certified();
  const bytes = encodeCertifiedBlock(block);
  const invalid = [
    ['cut short', bytes.slice(0, -1 - block.body.length)],
    ['certificate offset too large', patched(bytes, 164, bytes[164] + 1)],
    ['a byte in front', Uint8Array.from([0, ...bytes])],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeCertifiedBlock(b)) }));
  return {
    clause: '9.1',
    network: NETWORK,
    trustNodeKeys: trustNodes.map((k) => k.publicKey),
    deviceKey: device.publicKey,
    valid: [
      {
        name: 'one answer, one miss, one miss by threshold, three votes of four',
        block,
        hash,
        ids: [ids.slice(0, 32), ids.slice(32)],
        certificate: CertificateType.serialize(block.certificate),
        bytes,
      },
    ],
    invalid,
  };
}

const zeros = new Uint8Array(32);

function roundOf(fields) {
  return {
    version: 1,
    number: 1,
    timeMs: 1_700_000_000_500,
    epoch: 0,
    previous: zeros,
    seed: bytesOf('seed'),
    ...seedOrigin('vrf', bytesOf('vrf key')),
    poolRoot: bytesOf('pool root'),
    blocksRoot: merkleRoot(new Uint8Array(0), 0, 256),
    resultsRoot: merkleRoot(new Uint8Array(0), 0, MAX_ROUND_RESULTS),
    stateHash: bytesOf('state'),
    ...fields,
  };
}

export function rounds() {
  const header = roundOf({});
  const reset = { lane: 2, incarnation: 1, reason: 0 };
  const resetDigest = laneResetDigest(NETWORK, reset);
  const laneReset = { ...reset, signature: sign(resetDigest, trustNodes[2].secretKey) };
  const epochVote = { epoch: 1, poolRoot: bytesOf('pool root'), seed: bytesOf('seed'), witness: 1 };
  const voteDigest32 = epochVoteDigest(NETWORK, epochVote);
  const signedVote = { ...epochVote, signature: sign(voteDigest32, trustNodes[1].secretKey) };
  const input = {
    version: 1,
    number: 1,
    timeMs: 1_700_000_000_500,
    seedProof: new Uint8Array(0),
    resets: [laneReset],
    epochVotes: [signedVote],
    beacon: [],
    blocks: [certified().block],
    misbehaviours: [],
  };
  return {
    clause: '9.5',
    network: NETWORK,
    headers: [
      {
        header,
        bytes: RoundHeaderType.serialize(header),
        hash: roundHash(NETWORK, header),
        ledgerServerSeed: ledgerServer.seed,
        signature: sign(roundHash(NETWORK, header), ledgerServer.secretKey),
      },
    ],
    laneResets: [{ reset: laneReset, digest: resetDigest, bytes: LaneResetType.serialize(laneReset) }],
    epochVotes: [{ vote: signedVote, digest: voteDigest32, bytes: EpochVoteType.serialize(signedVote) }],
    inputs: [
      { name: 'a reset, an epoch vote and a block', bytes: RoundInputType.serialize(input) },
      {
        name: 'an empty round',
        bytes: RoundInputType.serialize({ ...input, resets: [], epochVotes: [], blocks: [] }),
      },
      {
        name: 'an act of a ledger server',
        bytes: RoundInputType.serialize({
          ...input,
          ...{ resets: [], epochVotes: [], blocks: [] },
          misbehaviours: [{ server: 2, kind: 0, height: 77, timeMs: input.timeMs - 1_500 }],
        }),
      },
    ],
  };
}

const resultOf = (id, code, fee) => ({ id, code, fee });

export function results() {
  const list = [
    resultOf(bytesOf('transaction 0'), 0, 110),
    resultOf(bytesOf('transaction 1'), RESULT_CODES['balance-too-low'], 110),
    resultOf(bytesOf('transaction 2'), RESULT_CODES['signature-invalid'], 100),
  ];
  const leaves = list.map(resultLeaf);
  return {
    clause: '9.6',
    codes: RESULT_CODES,
    valid: list.map((result, i) => ({ ...result, leaf: leaves[i] })),
    root: merkleRoot(concatBytes(...leaves), leaves.length, MAX_ROUND_RESULTS),
    emptyRoot: merkleRoot(new Uint8Array(0), 0, MAX_ROUND_RESULTS),
  };
}

function receiptOf(codes, index) {
  const { txs, ids, hash, block } = certified();
  const leaves = concatBytes(...txs.map((t, i) => resultLeaf({ id: t.id, code: codes[i], fee: 110 })));
  const round = roundOf({
    blocksRoot: merkleRoot(hash, 1, 256),
    resultsRoot: merkleRoot(leaves, 2, MAX_ROUND_RESULTS),
  });
  return {
    envelope: txs[index].envelope,
    index,
    path: merklePath(ids, 2, 1024, index),
    header: block.header,
    signature: block.signature,
    certificate: block.certificate,
    round,
    signatures: [{ server: 0, signature: sign(roundHash(NETWORK, round), ledgerServer.secretKey) }],
    blockIndex: 0,
    blockPath: merklePath(hash, 1, 256, 0),
    code: codes[index],
    fee: 110,
    resultIndex: index,
    resultPath: merklePath(leaves, 2, MAX_ROUND_RESULTS, index),
    commits: [],
  };
}

export function receipts() {
  const good = receiptOf([0, 0], 1);
  const failed = receiptOf([0, RESULT_CODES['balance-too-low']], 1);
  const flip = (bytes) => patched(bytes, 0, bytes[0] ^ 1);
  const altered = [
    ['code', { ...failed, code: 0 }],
    ['fee', { ...good, fee: 100 }],
    ['resultIndex', { ...good, resultIndex: 0 }],
    ['index', { ...good, index: 0 }],
    ['path', { ...good, path: [flip(good.path[0]), ...good.path.slice(1)] }],
    ['resultPath', { ...good, resultPath: [flip(good.resultPath[0]), ...good.resultPath.slice(1)] }],
    ['blockPath', { ...good, blockPath: [flip(good.blockPath[0]), ...good.blockPath.slice(1)] }],
    ['header', { ...good, header: { ...good.header, timeMs: 1 } }],
    ['round', { ...good, round: { ...good.round, number: 2 } }],
    ['envelope', { ...good, envelope: receiptOf([0, 0], 0).envelope }],
    ['signatures', { ...good, signatures: [{ server: 0, signature: flip(good.signatures[0].signature) }] }],
  ];
  const bytes = ReceiptType.serialize(good);
  return {
    clause: '9.7',
    network: NETWORK,
    trustNodeKeys: trustNodes.map((k) => k.publicKey),
    ledgerServerKeys: [ledgerServer.publicKey],
    valid: [{ name: 'success', receipt: receiptToJson(good), bytes }],
    failed: [
      {
        name: 'included, not paid',
        code: 'balance-too-low',
        receipt: receiptToJson(failed),
        bytes: ReceiptType.serialize(failed),
      },
    ],
    altered: altered.map(([field, receipt]) => ({ field, bytes: ReceiptType.serialize(receipt) })),
    invalid: [
      {
        name: 'cut short',
        bytes: bytes.slice(0, 300),
        code: codeOf(decodeSsz(ReceiptType, bytes.slice(0, 300), 'receipt')),
      },
    ],
  };
}
