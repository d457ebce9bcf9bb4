/** Code and vector files agree on what travels, read as a stranger reads it: text in, text out. */
import { toHex, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot, verifyMerklePath } from '@iotw/kernel/merkle';
import { sha256 } from '@iotw/kernel/sha256';
import { mulDivFloor } from '@iotw/kernel/wide';
import { decodeAddress, encodeAddress } from '@iotw/protocol/address';
import { AssignedType, assignedDigest, encodeAssigned } from '@iotw/protocol/assigned';
import { decodeAssignment, encodeAssignment } from '@iotw/protocol/assignment';
import {
  attestationDigest,
  bootHead,
  decodeAttestation,
  encodeAttestation,
} from '@iotw/protocol/attestation';
import {
  decodeCertifiedBlock,
  encodeCertifiedBlock,
  MissType,
  missDigest,
  SilenceType,
  silenceDigest,
  trustThreshold,
  voteDigest,
} from '@iotw/protocol/certificate';
import { decodeDeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { decodeDeviceResult, decodeDeviceStatus, encodeDeviceStatus } from '@iotw/protocol/device-wire';
import {
  claimDigest,
  handoverDigest,
  loginDigest,
  presenceDigest,
  registerDigest,
} from '@iotw/protocol/digests';
import { decodeVote, encodeVote } from '@iotw/protocol/evidence';
import { GenesisType, networkId } from '@iotw/protocol/genesis';
import { genesisFromJson, genesisToJson } from '@iotw/protocol/genesis-json';
import { blockHash, decodeHeader, encodeHeader } from '@iotw/protocol/header';
import { Transfer } from '@iotw/protocol/operations';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { type Receipt, ReceiptType } from '@iotw/protocol/receipt';
import { receiptFromJson, receiptToJson } from '@iotw/protocol/receipt-json';
import { MAX_ROUND_RESULTS, RESULT_CODES, resultLeaf } from '@iotw/protocol/result';
import { RoundHeaderType, RoundInputType, roundHash } from '@iotw/protocol/round';
import { decodeSsz } from '@iotw/protocol/ssz';
import {
  checkEnvelopeFrame,
  decodeEnvelope,
  encodeEnvelope,
  encodeTransaction,
  transactionId,
} from '@iotw/protocol/transaction';
import { envelopeFromJson, envelopeToJson } from '@iotw/protocol/transaction-json';
import { describe, expect, it } from 'vitest';
import { hex, type Json, load, refusedWith, revived } from './test-files.js';

describe('each file says what the code does', () => {
  it('addresses', () => {
    const file = load('addresses.json');
    for (const v of file.valid) {
      expect(encodeAddress(v.prefix, v.version, hex(v.payload))).toBe(v.text);
      expect(decodeAddress(v.text, v.prefix)).toEqual({
        ok: true,
        value: { version: v.version, payload: hex(v.payload) },
      });
    }
    for (const v of file.invalid)
      expect(decodeAddress(v.text, v.prefix), v.name).toMatchObject(refusedWith(v.code));
  });

  it('amounts', () => {
    const file = load('amounts.json');
    for (const v of file.valid) {
      const b = new Uint8Array(8);
      writeU64(b, 0, v.value);
      expect(toHex(b)).toBe(v.bytes);
    }
    for (const v of file.invalid) {
      expect(decodeSsz(Transfer, hex(`00000000${v.bytes}`), 'transfer')).toMatchObject(refusedWith(v.code));
    }
    for (const v of file.fees) expect(mulDivFloor(v.moved, v.feeBps, 10_000)).toBe(v.fee);
  });

  it('transactions', () => {
    const file = load('transactions.json');
    const network = hex(file.network);
    for (const v of file.valid) {
      const read = envelopeFromJson(network, v.json, file.prefix);
      if (!read.ok) throw new Error(`${v.name}: ${read.error.message}`);
      expect(toHex(read.value.envelope), v.name).toBe(v.envelope);
      expect(toHex(read.value.id)).toBe(v.id);
      const keys = keyPairFromSeed(hex(v.seed));
      expect(toHex(sign(hex(v.id), keys.secretKey))).toBe(v.signature);
      const decoded = decodeEnvelope(hex(v.envelope));
      if (!decoded.ok) throw new Error(v.name);
      expect(envelopeToJson(network, decoded.value, file.prefix)).toEqual(v.json);
      expect(toHex(encodeTransaction(decoded.value.transaction))).toBe(v.transaction);
      expect(toHex(encodeEnvelope(hex(v.transaction), hex(v.signature)))).toBe(v.envelope);
      expect(
        verify(
          decoded.value.signature,
          transactionId(network, hex(v.transaction)),
          decoded.value.transaction.sender,
        ),
      ).toBe(true);
    }
    for (const v of file.invalid) {
      const envelope = hex(v.envelope);
      const decoded = decodeEnvelope(envelope);
      if (v.code === 'signature-invalid') {
        if (!decoded.ok) throw new Error(`${v.name} is malformed`);
        const id = transactionId(network, envelope.subarray(68));
        expect(verify(decoded.value.signature, id, decoded.value.transaction.sender), v.name).toBe(false);
      } else expect(decoded, v.name).toMatchObject(refusedWith(v.code));
    }
    for (const v of file.invalidBySize) {
      expect(checkEnvelopeFrame(new Uint8Array(v.length))).toMatchObject(refusedWith(v.code));
    }
  });

  it('headers', () => {
    const file = load('headers.json');
    for (const v of file.valid) {
      const header = revived(v.header);
      expect(toHex(encodeHeader(header))).toBe(v.bytes);
      expect(decodeHeader(hex(v.bytes))).toEqual({ ok: true, value: header });
      expect(toHex(blockHash(hex(file.network), header))).toBe(v.hash);
      expect(verify(hex(v.signature), hex(v.hash), keyPairFromSeed(hex(v.seed)).publicKey)).toBe(true);
    }
    for (const v of file.invalid)
      expect(decodeHeader(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
  });

  it('merkle', () => {
    const file = load('merkle.json');
    const leaves = (count: number) => {
      const out = new Uint8Array(32 * count);
      for (let i = 0; i < count; i++) {
        const b = new Uint8Array(4);
        writeU32(b, 0, i);
        out.set(sha256(b), 32 * i);
      }
      return out;
    };
    for (const v of file.roots) expect(toHex(merkleRoot(leaves(v.count), v.count, v.limit))).toBe(v.root);
    const proves = (v: Json) => verifyMerklePath(hex(v.root), hex(v.leaf), v.index, v.path.map(hex), v.limit);
    for (const v of file.paths) expect(proves(v)).toBe(true);
    for (const v of file.invalidPaths) expect(proves(v), v.name).toBe(false);
  });

  it('assignments', () => {
    const file = load('assignments.json');
    for (const v of file.valid) {
      const a = { ...revived(v), ids: hex(v.ids.join('')) };
      expect(toHex(encodeAssignment(a))).toBe(v.bytes);
      expect(decodeAssignment(hex(v.bytes))).toMatchObject({
        ok: true,
        value: { header: a.header, ids: a.ids, rank: v.rank },
      });
      expect(toHex(merkleRoot(a.ids, v.ids.length, 1024))).toBe(v.header.root);
      expect(verify(a.signature, hex(v.hash), hex(v.trustNodeKey))).toBe(true);
    }
    for (const v of file.invalid)
      expect(decodeAssignment(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
  });

  it('attestations', () => {
    const file = load('attestations.json');
    const network = hex(file.network);
    for (const v of file.bootHeads)
      expect(toHex(bootHead(network, hex(file.deviceKey), v.boot))).toBe(v.head);
    for (const v of file.valid) {
      const attestation = revived(v.attestation);
      expect(toHex(encodeAttestation(attestation))).toBe(v.bytes);
      expect(decodeAttestation(hex(v.bytes))).toEqual({ ok: true, value: attestation });
      expect(toHex(attestationDigest(network, attestation))).toBe(v.digest);
      expect(v.bytes.startsWith(v.content)).toBe(true);
      expect(verify(attestation.signature, hex(v.digest), hex(file.deviceKey))).toBe(true);
    }
    for (const v of file.invalid)
      expect(decodeAttestation(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
  });

  it('device-results, presence, login', () => {
    const results = load('device-results.json');
    for (const v of results.results)
      expect(decodeDeviceResult(hex(v.bytes)), v.name).toMatchObject({ ok: true, value: v.result });
    for (const v of results.statuses) {
      const status = revived(v.status);
      expect(decodeDeviceStatus(hex(v.bytes))).toEqual({ ok: true, value: status });
      expect(toHex(encodeDeviceStatus(status))).toBe(v.bytes);
    }
    for (const v of results.invalidResults)
      expect(decodeDeviceResult(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
    for (const v of results.invalidStatuses)
      expect(decodeDeviceStatus(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
    const presence = load('presence.json');
    for (const v of presence.valid) {
      const digest = presenceDigest(hex(v.network), v.device, v.epoch, v.host);
      expect(toHex(digest)).toBe(v.digest);
      expect(verify(hex(v.signature), digest, hex(presence.deviceKey))).toBe(true);
      expect(v.status.endsWith(v.signature)).toBe(true);
    }
    const login = load('login.json');
    for (const v of login.valid) {
      const digest = loginDigest(hex(login.network), hex(login.deviceKey), v.trustNode, v.epoch);
      expect(toHex(digest)).toBe(v.digest);
      expect(Buffer.from(v.tokenBase64url, 'base64url').toString('hex')).toBe(v.token);
      expect(verify(hex(v.token).slice(6), digest, hex(login.deviceKey))).toBe(true);
    }
  });

  it('claims', () => {
    const file = load('claims.json');
    const network = hex(file.network);
    for (const v of file.valid) {
      expect(
        verify(hex(v.signature), hex(v.digest), keyPairFromSeed(hex(v.signerSeed)).publicKey),
        v.statement,
      ).toBe(true);
      const f = revived(v.fields);
      if (v.statement === 'device-claim')
        expect(toHex(claimDigest(network, f.device, f.owner, f.changes))).toBe(v.digest);
      if (v.statement === 'device-handover')
        expect(toHex(handoverDigest(network, f.device, f.from, f.to, f.changes))).toBe(v.digest);
      if (v.statement === 'device-register') expect(toHex(registerDigest(network, f))).toBe(v.digest);
    }
    expect(new Set(file.valid.map((v: Json) => v.digest)).size).toBe(file.valid.length);
  });

  it('codes of devices', () => {
    const file = load('device-codes.json');
    const network = hex(file.network);
    for (const v of file.valid) {
      const code = revived(v.code);
      expect(encodeDeviceCode(network, code)).toBe(v.text);
      expect(decodeDeviceCode(network, v.text)).toEqual({ ok: true, value: code });
      expect(decodeDeviceCode(network, v.text.toUpperCase()).ok).toBe(true);
    }
    for (const v of file.invalid)
      expect(decodeDeviceCode(network, v.text), v.name).toMatchObject(refusedWith(v.code));
  });

  it('votes and misses', () => {
    const votes = load('votes.json');
    for (const v of votes.thresholds) expect(trustThreshold(v.trustNodes)).toBe(v.threshold);
    for (const v of votes.valid) {
      const vote = revived(v.vote);
      expect(toHex(encodeVote(vote))).toBe(v.bytes);
      expect(decodeVote(hex(v.bytes))).toEqual({ ok: true, value: vote });
      expect(toHex(voteDigest(hex(votes.network), vote))).toBe(v.digest);
    }
    for (const v of votes.invalid)
      expect(decodeVote(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
    const misses = load('misses.json');
    for (const v of misses.valid) {
      const miss = revived(v.miss);
      expect(decodeSsz(MissType, hex(v.bytes), 'miss')).toEqual({ ok: true, value: miss });
      expect(toHex(missDigest(hex(misses.network), miss))).toBe(v.digest);
    }
    for (const v of misses.silences) {
      const silence = revived(v.silence);
      expect(toHex(SilenceType.serialize(silence))).toBe(v.bytes);
      expect(toHex(silenceDigest(hex(misses.network), silence))).toBe(v.digest);
      expect(decodeSsz(SilenceType, hex(v.bytes), 'silence').ok).toBe(true);
    }
    for (const v of misses.invalid)
      expect(decodeSsz(MissType, hex(v.bytes), 'miss')).toMatchObject(refusedWith(v.code));
  });

  it('statements of assigners', () => {
    const file = load('assigned.json');
    const good = (v: Json) => {
      const statement = decodeSsz(AssignedType, hex(v.bytes), 'statement');
      if (!statement.ok) throw new Error(statement.error.message);
      const { role, index, attempt, signature } = statement.value;
      const key = hex(file.keys[index]);
      const content = { ...revived(file.place), role, index, key, attempt };
      return verify(signature, assignedDigest(hex(file.network), content), key);
    };
    expect(file.roles).toEqual(ASSIGNER);
    for (const v of file.valid) {
      expect(toHex(assignedDigest(hex(file.network), revived(v.content)))).toBe(v.digest);
      expect(good(v)).toBe(true);
      const { attempt: _, ...carried } = revived(v.statement);
      expect(toHex(encodeAssigned(carried))).toBe(v.assignmentBytes);
    }
    for (const v of file.badSignatures) expect(good(v), v.name).toBe(false);
    for (const v of file.invalid)
      expect(decodeSsz(AssignedType, hex(v.bytes), 'statement')).toMatchObject(refusedWith(v.code));
  });

  it('certificates and rounds', () => {
    const file = load('certificates.json');
    for (const v of file.valid) {
      const decoded = decodeCertifiedBlock(hex(v.bytes));
      if (!decoded.ok) throw new Error(decoded.error.message);
      expect(toHex(encodeCertifiedBlock(decoded.value))).toBe(v.bytes);
      expect(toHex(blockHash(hex(file.network), decoded.value.header))).toBe(v.hash);
      expect({ ...decoded.value, body: toHex(decoded.value.body) }).toEqual({
        ...revived(v.block),
        body: v.block.body,
      });
    }
    for (const v of file.invalid)
      expect(decodeCertifiedBlock(hex(v.bytes)), v.name).toMatchObject(refusedWith(v.code));
    const rounds = load('rounds.json');
    for (const v of rounds.headers) {
      const header = revived(v.header);
      expect(toHex(RoundHeaderType.serialize(header))).toBe(v.bytes);
      expect(toHex(roundHash(hex(rounds.network), header))).toBe(v.hash);
      expect(verify(hex(v.signature), hex(v.hash), keyPairFromSeed(hex(v.ledgerServerSeed)).publicKey)).toBe(
        true,
      );
    }
    for (const v of rounds.inputs) expect(decodeSsz(RoundInputType, hex(v.bytes), v.name).ok).toBe(true);
  });

  it('results', () => {
    const file = load('results.json');
    expect(file.codes).toEqual(RESULT_CODES);
    const leaves = file.valid.map((v: Json) => {
      expect(toHex(resultLeaf({ id: hex(v.id), code: v.code, fee: v.fee }))).toBe(v.leaf);
      return v.leaf;
    });
    expect(toHex(merkleRoot(hex(leaves.join('')), leaves.length, MAX_ROUND_RESULTS))).toBe(file.root);
  });

  it('receipts', () => {
    const file = load('receipts.json');
    const network = hex(file.network);
    /** The proof alone (the certificate is clause 7's): id, block, round, result and one ledger server. */
    const proves = (r: Receipt) => {
      const id = transactionId(network, r.envelope.subarray(68));
      const hash = blockHash(network, r.header);
      const round = roundHash(network, r.round);
      return (
        verifyMerklePath(r.header.root, id, r.index, r.path, 1024) &&
        verifyMerklePath(r.round.blocksRoot, hash, r.blockIndex, r.blockPath, 256) &&
        verifyMerklePath(
          r.round.resultsRoot,
          resultLeaf({ id, code: r.code, fee: r.fee }),
          r.resultIndex,
          r.resultPath,
          MAX_ROUND_RESULTS,
        ) &&
        r.signatures.length > 0 &&
        r.signatures.every((s) => verify(s.signature, round, hex(file.ledgerServerKeys[s.server])))
      );
    };
    for (const v of [...file.valid, ...file.failed]) {
      const receipt = ReceiptType.deserialize(hex(v.bytes));
      expect(receiptToJson(receipt)).toEqual(v.receipt);
      expect(receiptFromJson(v.receipt)).toEqual({ ok: true, value: receipt });
      expect(proves(receipt)).toBe(true);
      expect(receipt.code).toBe(v.code === undefined ? 0 : RESULT_CODES[v.code as keyof typeof RESULT_CODES]);
    }
    for (const v of file.altered) expect(proves(ReceiptType.deserialize(hex(v.bytes))), v.field).toBe(false);
    for (const v of file.invalid)
      expect(decodeSsz(ReceiptType, hex(v.bytes), 'receipt')).toMatchObject(refusedWith(v.code));
  });

  it('genesis', () => {
    const file = load('genesis.json');
    for (const v of file.valid) {
      const read = genesisFromJson(v.json);
      if (!read.ok) throw new Error(read.error.message);
      expect(toHex(GenesisType.serialize(read.value))).toBe(v.bytes);
      expect(toHex(networkId(read.value))).toBe(v.networkId);
      expect(genesisToJson(GenesisType.deserialize(hex(v.bytes)))).toEqual(v.json);
    }
    for (const v of file.invalid) {
      expect(genesisFromJson(v.json), v.name).toMatchObject({
        ok: false,
        error: { code: v.code, data: { pointer: v.pointer } },
      });
    }
  });
});
