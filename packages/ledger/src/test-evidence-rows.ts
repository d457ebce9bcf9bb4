/** Outcomes of evidence, as rows for operations.test. */
import { blockHash } from '@iotw/protocol/header';
import type { TestNetwork } from './test-network.js';
import {
  evidenceOp,
  header,
  headerEvidence,
  lieOp,
  signedAttestation,
  signedHeader,
  signedVote,
  ZEROS,
} from './test-operations.js';
import { after, alice, type Row } from './test-rows.js';

const alienHeader = (t: TestNetwork) => blockHash(t.network, header());

export const EVIDENCE_ROWS: readonly Row[] = [
  ['two headers at one height', 'ok', alice((t) => headerEvidence(t))],
  [
    'two votes at one height',
    'ok',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2))),
  ],
  [
    'two attestations with one number',
    'ok',
    alice((t) => evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { height: 2 }))),
  ],
  ['a false attestation', 'ok', alice((t) => lieOp(t))],
  [
    'evidence of no kind',
    'evidence-kind',
    alice(() => ({ type: 'evidence', kind: 4, first: ZEROS, second: ZEROS })),
  ],
  [
    'evidence that is noise',
    'evidence-malformed',
    alice(() => evidenceOp('headerEquivocation', ZEROS, ZEROS)),
  ],
  ['votes that are noise', 'evidence-malformed', alice(() => evidenceOp('voteEquivocation', ZEROS, ZEROS))],
  [
    'attestations that are noise',
    'evidence-malformed',
    alice(() => evidenceOp('deviceEquivocation', ZEROS, ZEROS)),
  ],
  [
    'a false attestation of noise',
    'evidence-malformed',
    alice(() => evidenceOp('falseAttestation', ZEROS, ZEROS)),
  ],
  [
    'one header twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('headerEquivocation', signedHeader(t, header()), signedHeader(t, header()))),
  ],
  [
    'headers of two heights',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp('headerEquivocation', signedHeader(t, header()), signedHeader(t, header({ height: 6 }))),
    ),
  ],
  [
    'one vote twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 1))),
  ],
  [
    'votes of two witnesses',
    'evidence-not-proof',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2, 0))),
  ],
  [
    'attestations of two numbers',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { counter: 2 })),
    ),
  ],
  [
    'one attestation twice',
    'evidence-not-proof',
    alice((t) => evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t))),
  ],
  [
    'a true attestation',
    'evidence-not-proof',
    alice((t) =>
      evidenceOp(
        'falseAttestation',
        signedAttestation(t, { cited: alienHeader(t), hash: alienHeader(t) }),
        signedHeader(t, header()),
      ),
    ),
  ],
  [
    'headers of no lane',
    'lane-unknown',
    alice((t) =>
      evidenceOp(
        'headerEquivocation',
        signedHeader(t, header({ lane: 9 })),
        signedHeader(t, header({ lane: 9, timeMs: 2 })),
      ),
    ),
  ],
  [
    'votes of no node',
    'node-unknown',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1, 9), signedVote(t, 2, 9))),
  ],
  [
    'attestations of no device',
    'device-unknown',
    alice((t) =>
      evidenceOp(
        'deviceEquivocation',
        signedAttestation(t, { device: 99 }),
        signedAttestation(t, { device: 99, height: 2 }),
      ),
    ),
  ],
  [
    'headers signed by another',
    'evidence-signature',
    alice((t) =>
      evidenceOp(
        'headerEquivocation',
        signedHeader(t, header()),
        signedHeader(t, header({ timeMs: 2 }), 'trust0'),
      ),
    ),
  ],
  [
    'votes signed by another',
    'evidence-signature',
    alice((t) => evidenceOp('voteEquivocation', signedVote(t, 1), signedVote(t, 2, 2, 'trust1'))),
  ],
  [
    'attestations signed by another',
    'evidence-signature',
    alice((t) =>
      evidenceOp('deviceEquivocation', signedAttestation(t), signedAttestation(t, { height: 2 }, 'device4')),
    ),
  ],
  [
    'a false attestation of a header nobody signed',
    'evidence-signature',
    alice((t) =>
      evidenceOp(
        'falseAttestation',
        signedAttestation(t, { cited: alienHeader(t) }),
        signedHeader(t, header(), 'trust0'),
      ),
    ),
  ],
  [
    'evidence again, the other way round',
    'evidence-repeated',
    after(
      alice((t) => headerEvidence(t)),
      alice((t) => {
        const { first, second } = headerEvidence(t);
        return evidenceOp('headerEquivocation', second, first);
      }),
    ),
  ],
  [
    'evidence against a liar again',
    'evidence-repeated',
    after(
      alice((t) => lieOp(t)),
      alice((t) => lieOp(t)),
    ),
  ],
];
