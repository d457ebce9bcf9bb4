// The vector files hold what the code does today (drift), and the code does what the files say, read as
// a stranger reads them: text in, text out.

import { readFileSync } from 'node:fs';
import { RankedDraw } from '@iotw/assignment/draw';
import { emergencySeed, PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { beaconMessage, firstSeed, seedAlpha, seedFromProof, seedFromSignature } from '@iotw/assignment/seed';
import {
  commitmentsOf,
  publicShare,
  recoverSignature,
  sharePlace,
  valueAt,
} from '@iotw/assignment/shared-key';
import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import { hasZeroBits, sortition, ticketBits } from '@iotw/assignment/tickets';
import { blsVerify } from '@iotw/kernel/bls';
import { readScalar } from '@iotw/kernel/bls-group';
import { fromHex, toHex, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot, verifyMerklePath } from '@iotw/kernel/merkle';
import { boxPublicKey, openBox } from '@iotw/kernel/sealed';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfVerify } from '@iotw/kernel/vrf';
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
import { BeaconMessageType, beaconDigest, sealedShareContext } from '@iotw/protocol/beacon';
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
import { decodeDeviceResult, decodeDeviceStatus, encodeDeviceStatus } from '@iotw/protocol/device-wire';
import {
  claimDigest,
  handoverDigest,
  loginDigest,
  presenceDigest,
  registerDigest,
  ticketAlpha,
} from '@iotw/protocol/digests';
import { decodeVote, encodeVote } from '@iotw/protocol/evidence';
import { GenesisType, networkId } from '@iotw/protocol/genesis';
import { genesisFromJson, genesisToJson } from '@iotw/protocol/genesis-json';
import { blockHash, decodeHeader, encodeHeader } from '@iotw/protocol/header';
import { Transfer } from '@iotw/protocol/operations';
import { ASSIGNER, ParametersType } from '@iotw/protocol/parameters';
import { type EpochAssigner, type EpochTrustNode, poolRoot } from '@iotw/protocol/pool';
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
import { vectorFiles } from './all.mjs';

// biome-ignore lint/suspicious/noExplicitAny: foreign JSON, read field by field
type Json = any;

const folder = new URL('../../spec/vectors/', import.meta.url);
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const load = (name: string): Json => JSON.parse(textOf(name));
const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error('not hex');
  return bytes;
};

/** Byte strings of a JSON value back from hex, where the text is hex of `lengths` bytes. */
function revived(json: Json, lengths: readonly number[] = [32, 48, 64, 80]): Json {
  if (typeof json === 'string') {
    const bytes = fromHex(json);
    return bytes !== undefined && lengths.includes(bytes.length) ? bytes : json;
  }
  if (Array.isArray(json)) return json.map((item) => revived(item, lengths));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, revived(v, lengths)]));
}

const refusedWith = (code: string) => ({ ok: false, error: { code } });

const made: Map<string, string> = vectorFiles();

describe('drift', () => {
  it.each([...made.keys()])('%s is what `npm run vectors` writes', (name) => {
    expect(textOf(name)).toBe(made.get(name));
  });
  it('all files together stay below 1 MB', () => {
    expect([...made.values()].reduce((n, text) => n + text.length, 0)).toBeLessThan(1_000_000);
  });
});

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

  it('tickets', () => {
    const file = load('tickets.json');
    for (const v of file.valid) {
      const alpha = ticketAlpha(hex(file.network), hex(file.seed), v.epoch, v.device);
      expect(toHex(alpha)).toBe(v.alpha);
      const output = vrfVerify(hex(file.deviceKey), alpha, hex(v.proof));
      expect(output === undefined ? undefined : toHex(output)).toBe(v.output);
      expect(hasZeroBits(hex(v.output), v.zeroBits)).toBe(true);
      expect(hasZeroBits(hex(v.output), v.zeroBits + 1)).toBe(false);
      expect(v.status.endsWith(v.proof)).toBe(true);
    }
    for (const v of file.bits) expect(ticketBits(v.devices, v.target)).toBe(v.bits);
    for (const v of file.sortitions)
      expect(sortition(hex(v.output), v.weight, v.total, v.target)).toBe(v.tickets);
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

  it('soft misses', () => {
    for (const { name, steps, ...rule } of load('soft-misses.json').runs) {
      const debts = new Uint32Array(4);
      for (const { softMisses, paidHosts, over, debts: expected } of steps) {
        const use = { softMisses: softMisses.map((host: number) => ({ host })), paidHosts };
        expect(chargeSoftMisses(rule, debts, use) ?? null, name).toBe(over);
        expect([...debts], name).toEqual(expected);
      }
    }
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

  it('seeds', () => {
    const file = load('seeds.json');
    const network = hex(file.network);
    expect(toHex(firstSeed(network, hex(file.first.entropy)))).toBe(file.first.seed);
    for (const v of file.valid) {
      expect(toHex(seedAlpha(network, hex(v.previousSeed), v.epoch))).toBe(v.alpha);
      const seed = seedFromProof(network, hex(file.vrfKey), hex(v.previousSeed), v.epoch, hex(v.proof));
      expect(seed.ok && toHex(seed.value)).toBe(v.seed);
    }
    for (const v of file.invalid) {
      const seed = seedFromProof(hex(v.network), hex(v.vrfKey), hex(v.previousSeed), v.epoch, hex(v.proof));
      expect(seed, v.name).toMatchObject(refusedWith(v.code));
    }
  });

  it('beacon', () => {
    const file = load('beacon.json');
    const network = hex(file.network);
    const key = hex(file.group.key);
    for (const dealer of file.dealers) {
      const polynomial = dealer.coefficients.map((c: string) => readScalar(hex(c))!);
      expect(toHex(commitmentsOf(polynomial))).toBe(dealer.commitments);
      for (const box of file.boxes.filter((b: Json) => b.dealer === dealer.server)) {
        expect(readScalar(hex(box.share))).toBe(valueAt(polynomial, sharePlace(box.member)));
        const sender = boxPublicKey(hex(file.boxSecrets[box.dealer]));
        const context = sealedShareContext(network, 1, box.dealer, box.member);
        expect(toHex(context)).toBe(box.context);
        const opened = openBox(hex(file.boxSecrets[box.member]), sender, context, hex(box.box));
        expect(opened && toHex(opened)).toBe(box.share);
      }
    }
    for (const v of file.words) {
      const message = BeaconMessageType.deserialize(hex(v.encoded));
      expect(message).toEqual({
        ...v.message,
        body: hex(v.message.body),
        signature: hex(v.message.signature),
      });
      expect(verify(message.signature, beaconDigest(network, message), hex(v.key))).toBe(true);
    }
    const { epoch, message, partials, signature, seed } = file.seed;
    expect(toHex(beaconMessage(network, epoch))).toBe(message);
    for (const p of partials) {
      expect(toHex(publicShare(hex(file.group.commitments), sharePlace(p.server)))).toBe(p.publicShare);
      expect(blsVerify(hex(p.publicShare), hex(message), hex(p.signature))).toBe(true);
    }
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      const two = [a, b].map((s) => ({ place: sharePlace(s!), signature: hex(partials[s!].signature) }));
      expect(toHex(recoverSignature(two)!)).toBe(signature);
    }
    const made = seedFromSignature(network, key, epoch, hex(signature));
    expect(made.ok && toHex(made.value)).toBe(seed);
    for (const v of file.publicValues) {
      const beacon = PUBLIC_BEACONS.find(({ chain }) => toHex(chain) === v.chain)!;
      const opened = emergencySeed(network, hex(v.previousSeed), v.epoch, beacon, v.round, hex(v.proof));
      expect(opened.ok && toHex(opened.value)).toBe(v.seed);
    }
    for (const v of file.invalid) {
      const refused = seedFromSignature(hex(v.network), key, v.epoch, hex(v.signature));
      expect(refused, v.name).toMatchObject(refusedWith(v.code));
    }
  });

  it('draw', () => {
    const file = load('draw.json');
    for (const v of file.cases) {
      const pool = file.pools.find((p: Json) => p.name === v.pool);
      const devices = revived(pool.devices);
      const parameters = ParametersType.deserialize(hex(file.parameters));
      const trustNodes = revived(file.trustNodes) as EpochTrustNode[];
      const assigners = revived(file.assigners) as EpochAssigner[];
      const contents = { devices, parameters, trustNodes, assigners };
      expect(toHex(poolRoot(contents))).toBe(pool.root);
      const snapshot = {
        epoch: 5,
        mode: pool.mode,
        seed: hex(file.seed),
        ...contents,
        root: hex(pool.root),
      };
      const draw = new RankedDraw(snapshot, hex(file.network), v.lane, v.height, {
        committeeSize: v.committeeSize,
        excludeHost: v.excludeHost ?? undefined,
      });
      expect(Array.from({ length: draw.eligible }, (_, rank) => draw.at(rank)?.device)).toEqual(
        v.devicesByRank,
      );
      expect(draw.at(draw.eligible)).toBeUndefined();
    }
  });
});
