/** Outcomes of the operations around witnessing, as rows for operations.test. */
import { blockDraw } from '@iotw/assignment/block-draw';
import type { PassedOverAttempt } from '@iotw/assignment/certificate-check';
import { assert } from '@iotw/kernel/assert';
import type { Attestation } from '@iotw/protocol/attestation';
import { attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { type BlockHeader, blockHash, encodeHeader } from '@iotw/protocol/header';
import type { Operation } from '@iotw/protocol/operations';
import type { ResultCode } from '@iotw/protocol/result';
import { attestation, signAs, type TestNetwork } from './test-network.js';
import { header, lieOp, signedHeader, transferOp, ZEROS } from './test-operations.js';
import type { Row } from './test-rows.js';

/** The answer of device `n` to `h`, as it is on the wire; with other `fields`, signed all the same. */
export function answerTo(t: TestNetwork, n: number, h: BlockHeader, fields: Partial<Attestation> = {}) {
  const hash = blockHash(t.network, h);
  const content = attestation(n, { ...h, cited: hash, hash, ...fields });
  return { ...content, signature: signAs(`device${n}`, attestationDigest(t.network, content)) };
}

/** A block of lane 1 whose first attempt held these answers; nothing else of it matters here. */
export function disagreed(t: TestNetwork, ...answers: Attestation[]): void {
  const attempt = { attempt: 0, attestations: answers, misses: [], thresholdMisses: [] };
  const transaction = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
  t.round([t.block(1, [transaction], { committee: { incoherent: [attempt] } })]);
}

export function appealOp(t: TestNetwork, a: Attestation, h: BlockHeader, signer?: string): Operation {
  return { type: 'appeal', attestation: encodeAttestation(a), header: signedHeader(t, h, signer) };
}

/** Another header that lane 1 signed and showed to device 3 alone. */
export const FRAME = header({ height: 1, timeMs: 77 });

/** Device 3 was framed; `make` gives the appeal. */
const framed =
  (make: (t: TestNetwork, framedBy: Attestation) => Operation) =>
  (t: TestNetwork): ResultCode => {
    const answer = answerTo(t, 3, FRAME);
    disagreed(t, answer);
    assert(t.ledger.devices.read(3)!.status === 'blacklisted', 'out until the header is shown');
    return t.send('alice', make(t, answer)).code;
  };

const OTHER = new Uint8Array(32).fill(7);

export const WITNESS_ROWS: readonly Row[] = [
  ['an appeal with the header that was cited', 'ok', framed((t, a) => appealOp(t, a, FRAME))],
  [
    'an appeal that is noise',
    'appeal-malformed',
    framed(() => ({ type: 'appeal', attestation: ZEROS, header: ZEROS })),
  ],
  [
    'an appeal for nobody',
    'device-unknown',
    framed((t) => appealOp(t, { ...answerTo(t, 3, FRAME), device: 99 }, FRAME)),
  ],
  [
    'an appeal for who is not on the list',
    'appeal-not-blacklisted',
    framed((t) => appealOp(t, answerTo(t, 4, FRAME), FRAME)),
  ],
  [
    'an appeal of a liar',
    'appeal-refused',
    (t) => {
      const lie = answerTo(t, 3, FRAME, { hash: OTHER });
      disagreed(t, lie);
      return t.send('alice', appealOp(t, lie, FRAME)).code;
    },
  ],
  [
    'an appeal of who lied after it was framed',
    'appeal-refused',
    (t) => {
      const answer = answerTo(t, 3, FRAME);
      disagreed(t, answer);
      assert(t.send('alice', lieOp(t)).code === 'ok', 'convicted');
      return t.send('alice', appealOp(t, answer, FRAME)).code;
    },
  ],
  [
    'an appeal by another answer than that of the case',
    'appeal-other-case',
    framed((t) => appealOp(t, answerTo(t, 3, FRAME, { counter: 2 }), FRAME)),
  ],
  [
    'an appeal with another header',
    'appeal-not-proof',
    framed((t, a) => appealOp(t, a, header({ height: 1 }))),
  ],
  [
    'an appeal with a header of no lane',
    'lane-unknown',
    (t) => {
      const nowhere = header({ height: 1, lane: 9 });
      const answer = answerTo(t, 3, nowhere);
      disagreed(t, answer);
      return t.send('alice', appealOp(t, answer, nowhere, 'trust1')).code;
    },
  ],
  [
    'an appeal with a header that the lane did not sign',
    'appeal-signature',
    framed((t, a) => appealOp(t, a, FRAME, 'trust2')),
  ],

  ['an answer that was left out', 'ok', leftOut()],
  [
    'a left-out answer that is noise',
    'left-out-malformed',
    (t) => t.send('bob', { type: 'leftOutAnswer', header: ZEROS, attestation: ZEROS }).code,
  ],
  ['a left-out answer with another hash', 'left-out-not-proof', leftOut({ answer: { hash: OTHER } })],
  ['a left-out answer to another header', 'left-out-not-proof', leftOut({ answer: { cited: OTHER } })],
  ['a left-out answer at another height', 'left-out-not-proof', leftOut({ answer: { height: 9 } })],
  ['a left-out answer after the next epoch', 'left-out-late', leftOut({ epochs: 2 })],
  ['a left-out answer within the next epoch', 'ok', leftOut({ epochs: 1 })],
  ['an answer left out of a block that passed over nobody', 'left-out-unknown', leftOut({ passedOver: [] })],
  ['a left-out answer to another attempt', 'left-out-unknown', leftOut({ answer: { attempt: 1, rank: 16 } })],
  [
    'an answer left out of a silent attempt',
    'ok',
    leftOut({ passedOver: [{ attempt: 0, cutOff: 5, settled: [] }] }),
  ],
  ['a left-out answer above what had to be heard', 'left-out-rank', leftOut({ rank: 4 })],
  ['a left-out answer at the rank of another', 'left-out-rank', leftOut({ answer: { rank: 1 } })],
  [
    'a left-out answer of a removed device',
    'left-out-rank',
    leftOut({ before: (t, device) => disagreed(t, answerTo(t, device, FRAME, { hash: OTHER })) }),
  ],
  ['an answer that the certificate holds', 'left-out-repeated', leftOut({ rank: 1 })],
  [
    'an answer that was passed over softly, beside a hard miss',
    'left-out-repeated',
    leftOut({ passedOver: [{ attempt: 0, cutOff: 4, settled: [0, 1, 2] }] }),
  ],
  ['a left-out answer shown twice', 'left-out-repeated', leftOut({ times: 2 })],
  ['a left-out answer that another signed', 'left-out-signature', leftOut({ signer: 'alice' })],
];

interface LeftOut {
  readonly rank?: number;
  readonly answer?: Partial<Attestation>;
  readonly signer?: string;
  readonly times?: number;
  readonly epochs?: number;
  readonly passedOver?: readonly PassedOverAttempt[];
  /** Before the block is made; gets the device whose answer is left out. */
  /** Sent along with an operation that fails. */
  readonly alsoFailing?: boolean;
  readonly before?: (t: TestNetwork, device: number) => void;
}

/** Lane 1 passes over rank 2 (or `rank`) of its next block, and bob shows the answer; the last code. */
export function leftOut(o: LeftOut = {}): (t: TestNetwork) => ResultCode {
  return (t) => {
    const { rank = 2, passedOver = [{ attempt: 0, cutOff: 3, settled: [0, 1] }] } = o;
    const draw = () =>
      blockDraw(t.ledger.snapshotOf(0)!, t.network, { lane: 1, height: t.ledger.lanes.read(1)!.height + 1 });
    o.before?.(t, blockDraw(t.ledger.snapshotOf(0)!, t.network, { lane: 1, height: 2 }).at(rank)!.device);
    const { device } = draw().at(rank)!;
    const transaction = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
    const prepared = t.block(1, [transaction], { committee: { passedOver } });
    const { header: h } = prepared.block;
    const content = answerTo(t, device, h, { rank, ...o.answer });
    const { signature: _, ...unsigned } = content;
    const signature = signAs(o.signer ?? `device${device}`, attestationDigest(t.network, unsigned));
    const encoded = encodeAttestation({ ...unsigned, signature });
    t.round([prepared]);
    for (let epoch = 0; epoch < (o.epochs ?? 0); epoch++) t.endEpoch();
    const operation = { type: 'leftOutAnswer', header: encodeHeader(h), attestation: encoded } as const;
    for (let i = 1; i < (o.times ?? 1); i++) assert(t.send('bob', operation).code === 'ok', 'the first time');
    const failing = o.alsoFailing === true ? [transferOp(10_000, 1)] : [];
    return t.send('bob', operation, ...failing).code;
  };
}
