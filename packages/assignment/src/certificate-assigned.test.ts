import { ok } from '@iotw/kernel/result';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from './certificate-check.js';
import { range, TestNetwork } from './test-network.js';

const OTHER = new Uint8Array(32).fill(7);
const ranksPerAttempt = 6;
const by = (assigner: number) => new TestNetwork({ parameters: { ranksPerAttempt, assigner } });
const n = by(ASSIGNER['api-server']);
const lanes = by(ASSIGNER['trust-node']);
const none = new TestNetwork({ devices: 0, parameters: { assigner: ASSIGNER['api-server'] } });
const second = {
  attempt: 1,
  attestations: range(6, 10).map((rank) => n.attest(1, rank)),
  incoherent: [
    { attempt: 0, attestations: [], misses: range(0, 6).map((rank) => n.miss(0, rank)), thresholdMisses: [] },
  ],
};

function check(from: TestNetwork, change: Parameters<TestNetwork['block']>[0]) {
  const checked = checkCertificate(from.context, from.block(change), from.hash);
  return checked.ok ? ok(checked.value.selfAssigned) : checked.error.code;
}

describe('a certificate with statements of assigners', () => {
  it.each(['ledger-server', 'api-server'] as const)('of the role %s is valid', (role) => {
    const from = by(ASSIGNER[role]);
    expect(check(from, { assigned: [from.assigned(0)] })).toEqual(ok(0));
    expect(check(from, { assigned: [from.assigned(0, 1)] })).toEqual(ok(0));
  });

  it('counts the attempts that the lane assigned itself where the epoch names others, and only there', () => {
    expect(check(n, {})).toEqual(ok(1));
    expect(check(n, { ...second, assigned: [] })).toEqual(ok(2));
    expect(check(n, { ...second, assigned: [n.assigned(1)] })).toEqual(ok(1));
    expect(check(n, { ...second, assigned: [n.assigned(0), n.assigned(1, 1)] })).toEqual(ok(0));
    expect(check(lanes, {})).toEqual(ok(0));
    expect(check(none, { mode: CERTIFICATE_MODE.noDevices, attestations: [] })).toEqual(ok(0));
  });

  type Row = readonly [
    code: string,
    what: string,
    from: TestNetwork,
    change: Parameters<TestNetwork['block']>[0],
  ];
  const refused: readonly Row[] = [
    ['certificate-assigner', 'where each lane assigns itself', lanes, { assigned: [lanes.assigned(0)] }],
    ['certificate-assigner', 'by a number that is none', n, { assigned: [n.assigned(0, 2)] }],
    [
      'certificate-assigner',
      'by another role than the epoch names',
      n,
      { assigned: [{ ...n.assigned(0), role: ASSIGNER['ledger-server'] }] },
    ],
    ['certificate-assigner', 'twice for one attempt', n, { assigned: [n.assigned(0), n.assigned(0, 1)] }],
    ['certificate-assigner', 'of an attempt that was not', n, { assigned: [n.assigned(1)] }],
    ['certificate-assigner', 'out of order', n, { ...second, assigned: [n.assigned(1), n.assigned(0)] }],
    [
      'certificate-assigner',
      'where nobody is asked',
      none,
      { mode: CERTIFICATE_MODE.noDevices, attestations: [], assigned: [none.assigned(0)] },
    ],
    ...(
      [
        ['another role', { role: ASSIGNER['ledger-server'] }],
        ['another number', { index: 1 }],
        ['another key', { key: OTHER }],
        ['another lane', { lane: 1 }],
        ['another incarnation', { incarnation: 3 }],
        ['another height', { height: 8 }],
        ['another attempt', { attempt: 1 }],
        ['another header', { hash: OTHER }],
      ] as const
    ).map(
      ([what, change]): Row => [
        'certificate-assigner-signature',
        `signed for ${what}`,
        n,
        { assigned: [n.assigned(0, 0, change)] },
      ],
    ),
    [
      'certificate-assigner-signature',
      'signed by another assigner',
      n,
      { assigned: [{ ...n.assigned(0, 1), index: 0 }] },
    ],
  ];
  it.each(refused)('is refused with %s: %s', (code, _, from, change) => {
    expect(check(from, change)).toBe(code);
  });
});
