/** Light blocks as JSON (spec: clauses 9.15 and 13), as they stand in receipts. */
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  bytes32,
  bytes64,
  hex,
  type JsonField,
  JsonReading,
  list,
  record,
  text,
  u16,
  u32,
  u64,
} from './json-fields.js';
import type { EngineHeader, EngineValidator, EngineVote, LightBlock } from './light-block.js';
import { MAX_LEDGER_SERVERS } from './limits.js';

const hashOrNone = hex({ max: 32 });

const header = record<EngineHeader>({
  blockVersion: u64,
  appVersion: u64,
  chainId: text(50),
  height: u64,
  seconds: u64,
  nanos: u32,
  lastBlockHash: hashOrNone,
  lastPartsTotal: u32,
  lastPartsHash: hashOrNone,
  lastCommitHash: bytes32,
  dataHash: bytes32,
  validatorsHash: bytes32,
  nextValidatorsHash: bytes32,
  consensusHash: bytes32,
  appHash: bytes32,
  lastResultsHash: bytes32,
  evidenceHash: bytes32,
  proposer: hex({ length: 20 }),
});

/** A light block as plain JSON: bytes as hex. */
export const lightBlockField: JsonField<LightBlock> = record<LightBlock>({
  header,
  round: u32,
  blockHash: bytes32,
  partsTotal: u32,
  partsHash: bytes32,
  votes: list(
    record<EngineVote>({ validator: u16, seconds: u64, nanos: u32, signature: bytes64 }),
    MAX_LEDGER_SERVERS,
  ),
  validators: list(record<EngineValidator>({ key: bytes32, power: u64 }), MAX_LEDGER_SERVERS),
});

export function lightBlockToJson(block: LightBlock): Record<string, unknown> {
  return lightBlockField.write(block, 'iotw') as Record<string, unknown>;
}

/**
 * Reads the JSON form of a light block. It proves nothing yet. Errors: `light-block-json` (data.pointer: JSON pointer to the field that
 * is wrong). Never throws.
 * @public
 */
export function lightBlockFromJson(json: unknown): Result<LightBlock> {
  const reading = new JsonReading('iotw');
  const block = lightBlockField.read(json, '', reading);
  if (block !== undefined) return ok(block);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('light-block-json', `The commit's field ${pointer || '(the whole)'} ${message}.`, { pointer });
}
