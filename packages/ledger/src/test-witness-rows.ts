/** Outcomes of the operations around witnessing, as rows for operations.test. */
import { assert } from '@iotw/kernel/assert';
import type { Attestation } from '@iotw/protocol/attestation';
import { attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import type { Operation } from '@iotw/protocol/operations';
import type { ResultCode } from '@iotw/protocol/result';
import { attestation, signAs, type TestNetwork } from './test-network.js';
import { header, lieOp, signedHeader, transferOp, ZEROS } from './test-operations.js';

type Row = readonly [name: string, expected: ResultCode, run: (t: TestNetwork) => ResultCode];

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
];
