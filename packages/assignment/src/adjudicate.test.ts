import { expect, it } from 'vitest';
import { adjudicate } from './adjudicate.js';
import { TestNetwork } from './test-network.js';

const network = new TestNetwork();
const A = network.hash;
const B = new Uint8Array(32).fill(1);
const C = new Uint8Array(32).fill(2);

it.each([
  ['right', A, A],
  ['liars', A, B],
  ['unproven', B, B],
  ['liars', B, A],
  ['liars', B, C],
] as const)('%s: who cites one header and signs another hash', (verdict, cited, hash) => {
  const attestation = network.attest(0, 0, { cited, hash });
  const judged = adjudicate({ attestations: [attestation] }, A);
  const nobody = { liars: [], right: [], unproven: [] };
  expect(judged).toEqual({ ...nobody, [verdict]: [attestation.device] });
});

it('judges each answer by itself', () => {
  const attestations = [
    network.attest(0, 0),
    network.attest(0, 1, { hash: B }),
    network.attest(0, 2, { cited: B, hash: B }),
    network.attest(0, 3),
  ];
  const [right, liar, unproven, other] = attestations.map(({ device }) => device);
  expect(adjudicate({ attestations }, A)).toEqual({
    liars: [liar],
    right: [right, other],
    unproven: [unproven],
  });
});
