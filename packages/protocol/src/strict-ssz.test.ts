import type { Type } from '@chainsafe/ssz';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AttestationType,
  CertifiedBlockType,
  HeaderType,
  IncoherentAttemptType,
  MissType,
  VoteType,
} from './certificate.js';
import { GenesisType } from './genesis.js';
import { OPERATION_NAMES, OPERATION_TYPES } from './operations.js';
import { ParametersType } from './parameters.js';
import { ReceiptType } from './receipt.js';
import { EpochVoteType, LaneResetType, RoundHeaderType, RoundInputType } from './round.js';
import { decodeSsz } from './ssz.js';
import { arbitraryOf, RUNS, spoilt } from './test-arbitrary.js';
import { TransactionType } from './transaction.js';

const TYPES: readonly (readonly [string, Type<unknown>])[] = [
  ...OPERATION_NAMES.map((name) => [name, OPERATION_TYPES[name] as Type<unknown>] as const),
  ['transaction', TransactionType as Type<unknown>],
  ['header', HeaderType as Type<unknown>],
  ['attestation', AttestationType as Type<unknown>],
  ['vote', VoteType as Type<unknown>],
  ['miss', MissType as Type<unknown>],
  ['incoherent attempt', IncoherentAttemptType as Type<unknown>],
  ['certified block', CertifiedBlockType as Type<unknown>],
  ['lane reset', LaneResetType as Type<unknown>],
  ['epoch vote', EpochVoteType as Type<unknown>],
  ['round input', RoundInputType as Type<unknown>],
  ['round header', RoundHeaderType as Type<unknown>],
  ['receipt', ReceiptType as Type<unknown>],
  ['parameters', ParametersType as Type<unknown>],
  ['genesis', GenesisType as Type<unknown>],
];

describe.each(TYPES)('strict SSZ of %s', (_name, type) => {
  const values = arbitraryOf(type);

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeSsz(type, type.serialize(value), 'value')).toEqual({ ok: true, value });
      }),
      RUNS,
    );
  });

  it('has one encoding per value: cut at any byte, lengthened or changed it is another value or refused', () => {
    const holds = (bytes: Uint8Array) => {
      const decoded = decodeSsz(type, bytes, 'value');
      if (decoded.ok) expect(type.serialize(decoded.value)).toEqual(bytes);
      else expect(decoded.error.code).toBe('malformed');
      return decoded.ok;
    };
    const [sample] = fc.sample(values, { seed: 7, numRuns: 1 });
    const bytes = type.serialize(sample);
    for (let cut = 0; cut < Math.min(bytes.length, 2000); cut++) {
      expect(holds(bytes.subarray(0, cut)) && type.fixedSize !== null).toBe(false);
    }
    fc.assert(
      fc.property(spoilt(values.map((v) => type.serialize(v))), (b) => void holds(b)),
      RUNS,
    );
  });
});
