import { testKeys } from '@iotw/assignment/test-network';
import { equalBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { merklePath, merkleRoot } from '@iotw/kernel/merkle';
import {
  type Attestation,
  attestationDigest,
  bootHead,
  decodeAttestation,
  encodeAttestation,
} from '@iotw/protocol/attestation';
import { encodeBody } from '@iotw/protocol/body';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { EVIDENCE_KIND, type Operation } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS } from '@iotw/protocol/parameters';
import type { PublicBlock, PublicRound } from '@iotw/protocol/public-data';
import { type RoundHeader, roundHash } from '@iotw/protocol/round';
import { seedOrigin } from '@iotw/protocol/seed-origin';
import { signTransaction } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { auditWitness, type WitnessData } from './audit.js';

const network = new Uint8Array(32).fill(7);
const device = testKeys('device', 0);
const other = testKeys('device', 1);
const server = testKeys('server', 0);
const lane = testKeys('trust', 0);
const DEVICE = 4;
const EMPTY = new Uint8Array(0);
const filled = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const trust = { network, trustNodeKeys: [lane.publicKey], ledgerServerKeys: [server.publicKey] };

/** A chain of five answers over two boots, each in a block of its own; epochs of three rounds. */
const NUMBERS = [
  [1, 1],
  [1, 2],
  [1, 3],
  [2, 1],
  [2, 2],
] as const;
const EPOCH_ROUNDS = 3;

/** What a row of the table does to the honest chain. */
interface Tamper {
  /** Content of the i-th answer, before it is signed. */
  readonly answer?: (content: Omit<Attestation, 'signature'>, i: number) => Partial<Attestation>;
  /** Whose key signs the i-th answer. */
  readonly signer?: (i: number) => typeof device;
  /** Puts the i-th answer into a failed attempt. */
  readonly failed?: (i: number) => boolean;
  readonly block?: (block: PublicBlock, i: number) => PublicBlock | undefined;
  readonly round?: (round: PublicRound) => PublicRound | undefined;
  /** What the i-th block's only transaction shows. */
  readonly shows?: (answers: readonly Attestation[], i: number) => Operation | undefined;
  readonly data?: (data: WitnessData) => WitnessData;
}

function signed(content: Omit<Attestation, 'signature'>, keys: typeof device): Attestation {
  return { ...content, signature: sign(attestationDigest(network, content), keys.secretKey) };
}

function headerOf(i: number, change: Partial<BlockHeader> = {}): BlockHeader {
  const place = { lane: 0, incarnation: 0, height: i + 1, previous: filled(0), root: filled(2), count: 1 };
  return { ...place, timeMs: 10 * i, epoch: Math.floor(i / EPOCH_ROUNDS), refRound: i, ...change };
}

function chain(tamper: Tamper = {}): WitnessData {
  const answers: Attestation[] = [];
  const blocks: PublicBlock[] = [];
  const rounds: PublicRound[] = [];
  let head: Uint8Array = filled(0);
  NUMBERS.forEach(([boot, counter], i) => {
    const header = headerOf(i);
    const hash = blockHash(network, header);
    if (counter === 1) head = bootHead(network, device.publicKey, boot);
    const { lane, incarnation, height } = header;
    const honest = {
      lane,
      incarnation,
      height,
      attempt: 0,
      rank: i % 2,
      cited: hash,
      hash,
      device: DEVICE,
      boot,
      counter,
      head,
    };
    const content = { ...honest, ...tamper.answer?.(honest, i) };
    const answer = signed(content, tamper.signer?.(i) ?? device);
    head = attestationDigest(network, answer);
    answers.push(answer);
    const beside = signed({ ...honest, device: 9, rank: 1 - (i % 2) }, other);
    const failed = tamper.failed?.(i) ?? false;
    const shown = tamper.shows?.(answers, i);
    const transaction = { sender: other.publicKey, sequence: 1, expiryMs: 1, memo: EMPTY };
    const body = encodeBody(
      shown === undefined
        ? []
        : [signTransaction(network, { ...transaction, operations: [shown] }, other).envelope],
    );
    const certificate = {
      attempt: failed ? 1 : 0,
      mode: CERTIFICATE_MODE.devices,
      attestations: failed ? [beside] : [answer, beside],
      misses: [],
      thresholdMisses: [],
      votes: [],
      assigned: [],
      incoherent: failed ? [{ attempt: 0, attestations: [answer], misses: [], thresholdMisses: [] }] : [],
    };
    const block = {
      header,
      signature: sign(hash, testKeys('trust', 0).secretKey),
      certificate,
      body: body.bytes,
    };
    const path = merklePath(hash, 1, MAX_ROUND_BLOCKS, 0);
    const codes = shown === undefined ? [] : [0];
    const made = { block, round: i + 1, index: 0, path, first: 0, codes, fees: codes, results: [] };
    const kept = tamper.block === undefined ? made : tamper.block(made, i);
    if (kept !== undefined) blocks.push(kept);
    const ends = (i + 1) % EPOCH_ROUNDS === 0 ? 1 : 0;
    const roundHeader: RoundHeader = {
      number: i + 1,
      version: 1,
      timeMs: 10 * i,
      epoch: Math.floor(i / EPOCH_ROUNDS) + ends,
      previous: filled(0),
      seed: filled(1),
      ...seedOrigin('genesis'),
      poolRoot: filled(2),
      blocksRoot: merkleRoot(hash, 1, MAX_ROUND_BLOCKS),
      resultsRoot: filled(3),
      stateHash: filled(4),
    };
    const round = {
      header: roundHeader,
      signatures: [{ server: 0, signature: sign(roundHash(network, roundHeader), server.secretKey) }],
    };
    const given = tamper.round === undefined ? round : tamper.round(round);
    if (given !== undefined) rounds.push(given);
  });
  const last = answers.at(-1)!;
  const data: WitnessData = {
    record: {
      device: DEVICE,
      key: device.publicKey,
      newest: { boot: last.boot, counter: last.counter, head: attestationDigest(network, last) },
    },
    blocks,
    rounds,
    whole: { from: 0, to: 0 },
    parameters: new Map([0, 1, 2].map((epoch) => [epoch, DEVNET_PARAMETERS])),
    // Of the three answers of epoch 0 it had the lowest rank twice, so it mined two and witnessed one.
    paid: [
      {
        epoch: 0,
        mined: 2,
        witnessed: 1,
        unpaid: 0,
        minerAmount: 1_600,
        witnessAmount: 400,
        issued: 10_000,
        minerWork: 5,
        witnessWork: 10,
      },
    ],
  };
  return tamper.data?.(data) ?? data;
}

const badOnes = (data: WitnessData) =>
  auditWitness(data, trust, () => trust)
    .findings.filter(({ verdict }) => verdict === 'bad')
    .map(({ name, against }) => `${name} ${against}`);
const names = (data: WitnessData, verdict: string) =>
  auditWitness(data, trust, () => trust)
    .findings.filter((finding) => finding.verdict === verdict)
    .map(({ name }) => name);

const at = (n: number, change: Partial<Attestation>) => (_: unknown, i: number) => (i === n ? change : {});

describe("a witness's own chain", () => {
  it('that is whole is sound, and every rule says so', () => {
    const audit = auditWitness(chain(), trust);
    expect(audit).toMatchObject({ sound: true, deviceAtFault: false, evidence: [] });
    expect(audit.statements.length).toBe(5);
    expect(audit.findings.map(({ name, verdict }) => `${verdict} ${name}`)).toEqual([
      'good signatures',
      'good final',
      'good chain',
      'good recorded',
      'good coherence',
      'good rewards',
    ]);
    for (const { sentence } of audit.findings) expect(sentence).toMatch(/^[A-Z0-9].*[.]$/);
  });

  it.each<[string, Tamper, string[]]>([
    ['an answer that another key signed', { signer: (i) => (i === 2 ? other : device) }, ['signature data']],
    [
      'an answer about another block than its certificate is of',
      { answer: at(2, { height: 77 }) },
      ['place data'],
    ],
    [
      'one number for two answers',
      { answer: at(1, { counter: 1 }) },
      ['equivocation device', 'chain-start device'],
    ],
    ['counter 0', { answer: at(0, { counter: 0 }) }, ['number-zero device']],
    ['boot 0', { answer: at(0, { boot: 0 }) }, ['number-zero device']],
    ['a boot that begins at another head', { answer: at(3, { head: filled(9) }) }, ['chain-start device']],
    [
      'an answer that does not name the one before',
      { answer: at(2, { head: filled(9) }) },
      ['chain-link device'],
    ],
    [
      'two answers that name one before them',
      { answer: (c, i) => (i === 2 ? { counter: 4, head: bootHead(network, device.publicKey, 1) } : c) },
      ['chain-fork device'],
    ],
    [
      'a hash that is not of the header it cites',
      { answer: at(4, { hash: filled(8) }), failed: (i) => i === 4 },
      ['lie device'],
    ],
    [
      'an answer about another header in a certificate that stands',
      { answer: at(4, { hash: filled(8), cited: filled(8) }) },
      ['incoherent data'],
    ],
    [
      'a round that nobody signed',
      { round: (r) => (r.header.number === 2 ? { ...r, signatures: [] } : r) },
      ['finality data'],
    ],
    [
      'a round with another blocks root',
      {
        round: (r) => {
          if (r.header.number !== 2) return r;
          const header = { ...r.header, blocksRoot: filled(5) };
          return {
            header,
            signatures: [{ server: 0, signature: sign(roundHash(network, header), server.secretKey) }],
          };
        },
      },
      ['finality data'],
    ],
    [
      'a ledger that knows an older answer only',
      { data: (d) => ({ ...d, record: { ...d.record, newest: { boot: 1, counter: 3, head: filled(0) } } }) },
      ['recorded data'],
    ],
    [
      'a ledger with another head',
      { data: (d) => ({ ...d, record: { ...d.record, newest: { ...d.record.newest!, head: filled(0) } } }) },
      ['recorded data'],
    ],
    [
      'pay for more answers',
      { data: (d) => ({ ...d, paid: [{ ...d.paid[0]!, mined: 3 }] }) },
      ['reward-count data'],
    ],
    [
      'pay for fewer answers',
      { data: (d) => ({ ...d, paid: [{ ...d.paid[0]!, witnessed: 0 }] }) },
      ['reward-count data'],
    ],
    [
      'work that holds less than its own',
      { data: (d) => ({ ...d, paid: [{ ...d.paid[0]!, minerWork: 1 }] }) },
      ['reward-count data'],
    ],
    [
      'pay that is too low',
      { data: (d) => ({ ...d, paid: [{ ...d.paid[0]!, minerAmount: 1_599 }] }) },
      ['reward-amount data'],
    ],
    [
      'pay that is too high',
      { data: (d) => ({ ...d, paid: [{ ...d.paid[0]!, witnessAmount: 401 }] }) },
      ['reward-amount data'],
    ],
  ])('%s', (_, tamper, expected) => {
    const data = chain(tamper);
    // Where an answer changed, so did the ledger's newest and what was paid: only the row's own fault is looked for.
    const only = tamper.data === undefined ? { ...data, whole: { from: 1, to: 0 } } : data;
    expect(badOnes(only)).toEqual(expected);
    expect(auditWitness(only, trust, () => trust).sound).toBe(false);
  });

  it.each<[string, Tamper, string, string[]]>([
    ['blocks that are not here leave a gap', { block: (b, i) => (i === 1 ? undefined : b) }, 'note', ['gap']],
    [
      'an honest answer about a header that did not become the block',
      { answer: at(4, { hash: filled(8), cited: filled(8) }), failed: (i) => i === 4 },
      'note',
      // The ledger's newest is a certified one; this is none.
      ['recorded', 'other-header'],
    ],
    [
      'newer answers than these',
      { data: (d) => ({ ...d, record: { ...d.record, newest: { ...d.record.newest!, counter: 9 } } }) },
      'note',
      ['recorded'],
    ],
    [
      'a round that was not given',
      { round: (r) => (r.header.number === 5 ? undefined : r) },
      'unchecked',
      ['finality'],
    ],
    ['pay that was not given', { data: (d) => ({ ...d, paid: [] }) }, 'unchecked', ['reward-count']],
  ])('%s', (_, tamper, verdict, expected) => {
    const data = chain(tamper);
    expect(
      names({ ...data, ...(tamper.data === undefined ? { whole: { from: 1, to: 0 } } : {}) }, verdict),
    ).toEqual(expected);
  });

  it('leaves finality open where the keys may have been replaced since, and follows them where it is told', () => {
    const newer = testKeys('server', 1);
    const data = chain({
      round: (r) => ({
        ...r,
        signatures: [{ server: 0, signature: sign(roundHash(network, r.header), newer.secretKey) }],
      }),
    });
    const open = auditWitness(data, trust);
    expect(open.sound).toBe(true);
    expect(open.findings.filter(({ verdict }) => verdict === 'unchecked').map(({ name }) => name)).toEqual(
      data.blocks.map(() => 'finality'),
    );
    const told = auditWitness(data, trust, () => ({ ...trust, ledgerServerKeys: [newer.publicKey] }));
    expect(told.findings.some(({ name }) => name === 'final')).toBe(true);
    expect(told.sound).toBe(true);
  });

  it('gives the two answers that contradict each other, wherever they were shown', () => {
    // The second was never certified: a left-out answer showed it.
    const twin = (answers: readonly Attestation[]): Attestation => {
      const { signature: _, ...content } = answers[0]!;
      return signed({ ...content, height: 99 }, device);
    };
    const data = chain({
      shows: (answers, i) =>
        i === 3
          ? { type: 'leftOutAnswer', header: EMPTY, attestation: encodeAttestation(twin(answers)) }
          : undefined,
    });
    const { evidence, deviceAtFault } = auditWitness(data, trust);
    expect(deviceAtFault).toBe(true);
    expect(evidence.length).toBe(1);
    const [proof] = evidence;
    expect(proof!.kind).toBe(EVIDENCE_KIND.deviceEquivocation);
    const [a, b] = [proof!.first, proof!.second].map((bytes) => {
      const read = decodeAttestation(bytes);
      if (!read.ok) throw new Error(read.error.message);
      return read.value;
    });
    expect([a!.boot, a!.counter]).toEqual([b!.boot, b!.counter]);
    expect(equalBytes(attestationDigest(network, a!), attestationDigest(network, b!))).toBe(false);
  });

  it('gives the signed header that a lie cites', () => {
    const data = chain({ answer: at(4, { hash: filled(8) }), failed: (i) => i === 4 });
    expect(auditWitness(data, trust).evidence).toMatchObject([{ kind: EVIDENCE_KIND.falseAttestation }]);
  });

  it('looks at nothing that a refused transaction showed', () => {
    const shows: Tamper['shows'] = (answers, i) =>
      i === 3
        ? {
            type: 'leftOutAnswer',
            header: EMPTY,
            attestation: encodeAttestation({ ...answers[0]!, height: 99 }),
          }
        : undefined;
    const data = chain({ shows, block: (b) => ({ ...b, codes: b.codes.map(() => 174) }) });
    expect(auditWitness(data, trust).statements.length).toBe(5);
  });
});
