/** The genesis as a JSON file for people (spec: clauses 3 and 13); its SSZ form alone makes the network id. */
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from './address.js';
import type { Genesis } from './genesis.js';
import {
  account,
  accountOrNull,
  bytes32,
  flag,
  JsonReading,
  list,
  named,
  record,
  text,
  u8,
  u16,
  u32,
  u64,
} from './json-fields.js';
import {
  MAX_API_SERVERS,
  MAX_LEDGER_SERVERS,
  MAX_NAME_BYTES,
  MAX_POOL_DEVICES,
  MAX_TRUST_NODES,
} from './limits.js';
import { DEVICE_CLASS } from './operations.js';
import { ASSIGNER, ELECTION_MODE, type Parameters, SEED_SOURCE } from './parameters.js';

const name = text(MAX_NAME_BYTES);

/** The network parameters, as they stand in a genesis file. */
export const parametersField = record<Parameters>({
  epochMs: u32,
  electionMode: named(ELECTION_MODE, 0xff),
  miners: u8,
  witnesses: u8,
  ranksPerAttempt: u8,
  answerTimeoutMs: u32,
  blocksInFlight: u16,
  unminedBps: u16,
  stallRounds: u32,
  adjudicate: flag,
  blacklistEpochs: u32,
  minActivationEpochs: u16,
  feeFloor: u64,
  feePerOperation: u64,
  feeBps: u16,
  issuancePerDevice: u64,
  poolDecayPpt: u64,
  minerShareBps: u16,
  witnessShareBps: u16,
  trustNodeShareBps: u16,
  dataShareBps: u16,
  reputationDecayPpm: u32,
  slashBps: u16,
  leftOutPay: u64,
  ownerFreeDevices: u32,
  ownerCapBps: u16,
  batchCapBps: u16,
  seedSource: named(SEED_SOURCE, 0xff),
  beaconThreshold: u8,
  beaconStepMs: u32,
  ticketTarget: u16,
  ticketWeight: u8,
  assigner: named(ASSIGNER, 0xff),
  userSeats: u8,
  userShareBps: u16,
  softMissBps: u16,
  softMissBurst: u16,
  hostPolicy: u8,
});

const node = { account, region: u8, cloud: u8, operator: name };

const genesisField = record<Genesis>({
  name,
  testnet: flag,
  timeMs: u64,
  entropy: bytes32,
  parameters: parametersField,
  regions: list(name, 256),
  clouds: list(name, 256),
  committeeThreshold: u8,
  committee: list(bytes32, 64),
  trustNodes: list(
    record({ key: bytes32, linkKey: bytes32, ...node, credit: u64, bond: u64 }),
    MAX_TRUST_NODES,
  ),
  ledgerServers: list(
    record({ key: bytes32, vrfKey: bytes32, linkKey: bytes32, ...node }),
    MAX_LEDGER_SERVERS,
  ),
  apiServers: list(record({ key: bytes32, server: u16, operator: name }), MAX_API_SERVERS),
  makers: list(record({ maker: u16, key: bytes32, quota: u32, name }), 65_535),
  batches: list(record({ maker: u16, batch: u32, key: bytes32, quota: u32, activationEpochs: u16 }), 1 << 20),
  devices: list(
    record({
      key: bytes32,
      maker: u16,
      batch: u32,
      region: u8,
      deviceClass: named(DEVICE_CLASS, 0xff),
      host: u16,
      owner: accountOrNull,
    }),
    MAX_POOL_DEVICES,
  ),
  accounts: list(record({ key: account, amount: u64 }), 1 << 24),
  rewardPool: u64,
});

/** The network parameters as plain JSON, as they stand in a genesis file. */
export function parametersToJson(parameters: Parameters): Record<string, unknown> {
  return parametersField.write(parameters, 'iotw') as Record<string, unknown>;
}

/** Reads what parametersToJson wrote. Errors: `parameters-json` (data.pointer). */
export function parametersFromJson(json: unknown): Result<Parameters> {
  const reading = new JsonReading('iotw');
  const parameters = parametersField.read(json, '', reading);
  if (parameters !== undefined) return ok(parameters);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'are wrong' };
  return fail('parameters-json', `The parameters' field ${pointer || '(the whole)'} ${message}.`, {
    pointer,
  });
}

/** `tiotw` on test networks. */
export function genesisPrefix(genesis: Pick<Genesis, 'testnet'>): AddressPrefix {
  return genesis.testnet === 0 ? 'iotw' : 'tiotw';
}

/** The genesis as plain JSON: accounts as addresses, other keys as hex, election mode and classes by name. */
export function genesisToJson(genesis: Genesis): Record<string, unknown> {
  return genesisField.write(genesis, genesisPrefix(genesis)) as Record<string, unknown>;
}

/**
 * Reads a genesis file's content: shape and ranges only; whether it can start a network (known hosts,
 * conserved supply) is for the ledger to say. Addresses must be of the network that `testnet` names.
 * Errors: `genesis-json` (data.pointer: JSON pointer to the field that is wrong). Never throws.
 */
export function genesisFromJson(json: unknown): Result<Genesis> {
  const testnet =
    typeof json === 'object' && json !== null && (json as { testnet?: unknown }).testnet === true;
  const reading = new JsonReading(testnet ? 'tiotw' : 'iotw');
  const genesis = genesisField.read(json, '', reading);
  if (genesis !== undefined) return ok(genesis);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('genesis-json', `The genesis' field ${pointer || '(the whole)'} ${message}.`, { pointer });
}
