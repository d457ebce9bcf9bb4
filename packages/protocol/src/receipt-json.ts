/** Receipts as JSON (spec: clauses 9 and 13), exact in both directions: what is verified is the SSZ form. */
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Attestation } from './attestation.js';
import {
  CERTIFICATE_MODE,
  type Certificate,
  type Miss,
  type ThresholdMiss,
  type Vote,
} from './certificate.js';
import type { BlockHeader } from './header.js';
import {
  bytes32,
  bytes48,
  bytes64,
  hex,
  type JsonField,
  JsonReading,
  list,
  named,
  record,
  u8,
  u16,
  u32,
  u64,
} from './json-fields.js';
import { MAX_LIGHT_BLOCKS } from './light-block.js';
import { lightBlockField } from './light-block-json.js';
import {
  MAX_ATTEMPT_ANSWERS,
  MAX_INCOHERENT_ATTEMPTS,
  MAX_LEDGER_SERVERS,
  MAX_TRANSACTION_BYTES,
  MAX_TRUST_NODES,
} from './limits.js';
import { ASSIGNER } from './parameters.js';
import type { Receipt } from './receipt.js';
import { RESULT_CODES } from './result.js';
import { SEED_ORIGIN } from './seed-origin.js';

const headerField = record<{ -readonly [K in keyof BlockHeader]: BlockHeader[K] }>({
  lane: u16,
  incarnation: u32,
  height: u64,
  previous: bytes32,
  root: bytes32,
  count: u16,
  timeMs: u64,
  epoch: u32,
  refRound: u64,
});

const attestations = list(
  record<{ -readonly [K in keyof Attestation]: Attestation[K] }>({
    lane: u16,
    incarnation: u32,
    height: u64,
    attempt: u8,
    rank: u16,
    cited: bytes32,
    hash: bytes32,
    device: u32,
    boot: u32,
    counter: u32,
    head: bytes32,
    signature: bytes64,
  }),
  MAX_ATTEMPT_ANSWERS,
);

const misses = list(
  record<Miss>({
    lane: u16,
    incarnation: u32,
    height: u64,
    attempt: u8,
    rank: u16,
    device: u32,
    host: u16,
    kind: u8,
    signature: bytes64,
  }),
  MAX_ATTEMPT_ANSWERS,
);

const thresholdMisses = list(
  record<ThresholdMiss>({
    rank: u16,
    device: u32,
    host: u16,
    statements: list(record({ witness: u16, signature: bytes64 }), MAX_TRUST_NODES),
  }),
  MAX_ATTEMPT_ANSWERS,
);

const votes = list(
  record<Vote>({ lane: u16, incarnation: u32, height: u64, hash: bytes32, witness: u16, signature: bytes64 }),
  MAX_TRUST_NODES,
);

const certificateField = record<Certificate>({
  attempt: u8,
  mode: named(CERTIFICATE_MODE, 0xff),
  attestations,
  misses,
  thresholdMisses,
  votes,
  incoherent: list(record({ attempt: u8, attestations, misses, thresholdMisses }), MAX_INCOHERENT_ATTEMPTS),
  assigned: list(
    record({ attempt: u8, role: named(ASSIGNER, 0xff), index: u16, signature: bytes64 }),
    MAX_INCOHERENT_ATTEMPTS + 1,
  ),
});

const path = list(bytes32, 64);

const receiptField: JsonField<Receipt> = record<Receipt>({
  envelope: hex({ max: MAX_TRANSACTION_BYTES }),
  index: u16,
  path,
  header: headerField,
  signature: bytes64,
  certificate: certificateField,
  round: record({
    version: u16,
    number: u64,
    timeMs: u64,
    epoch: u32,
    previous: bytes32,
    seed: bytes32,
    seedSource: named(SEED_ORIGIN, 0xff),
    seedKey: bytes48,
    poolRoot: bytes32,
    blocksRoot: bytes32,
    resultsRoot: bytes32,
    stateHash: bytes32,
  }),
  signatures: list(record({ server: u16, signature: bytes64 }), MAX_LEDGER_SERVERS),
  blockIndex: u32,
  blockPath: path,
  code: named(RESULT_CODES, 0xffff),
  fee: u64,
  resultIndex: u32,
  resultPath: path,
  commits: list(lightBlockField, MAX_LIGHT_BLOCKS),
});

/** A block header as plain JSON, as it stands in receipts. */
export function headerToJson(header: BlockHeader): Record<string, unknown> {
  return headerField.write(header, 'iotw') as Record<string, unknown>;
}

/** A certificate as plain JSON, as it stands in receipts. */
export function certificateToJson(certificate: Certificate): Record<string, unknown> {
  return certificateField.write(certificate, 'iotw') as Record<string, unknown>;
}

/** The receipt as plain JSON: bytes as hex, result code and certificate mode by name. */
export function receiptToJson(receipt: Receipt): Record<string, unknown> {
  return receiptField.write(receipt, 'iotw') as Record<string, unknown>;
}

/**
 * Reads the JSON form of a receipt. It proves nothing yet: verify what comes out.
 * Errors: `receipt-json` (data.pointer: JSON pointer to the field that is wrong). Never throws.
 */
export function receiptFromJson(json: unknown): Result<Receipt> {
  const reading = new JsonReading('iotw');
  const receipt = receiptField.read(json, '', reading);
  if (receipt !== undefined) return ok(receipt);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('receipt-json', `The receipt's field ${pointer || '(the whole)'} ${message}.`, { pointer });
}
