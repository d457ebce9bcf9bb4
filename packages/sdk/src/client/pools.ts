import { equalBytes, fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { parametersFromJson } from '@iotw/protocol/genesis-json';
import { ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import {
  decodePoolDevices,
  type EpochAssigner,
  type EpochSnapshot,
  type EpochTrustNode,
  poolRoot,
} from '@iotw/protocol/pool';
import type { Connection } from './connection.js';
import { type EpochInfo, getEpoch } from './epochs.js';
import { callBytes, path } from './request.js';

/**
 * Pool and seed of an epoch, ready to be given to `verifyReceipt` and `verifyElection`, which tell whether
 * anybody trusted vouches for them. Codes: those of a call, `epoch-not-found`, `client-answer` (the root is
 * not that of the devices).
 */
export async function getPool(connection: Connection, epoch: number): Promise<Result<EpochSnapshot>> {
  const info = await getEpoch(connection, epoch);
  if (!info.ok) return info;
  const bytes = await callBytes(connection, {
    path: path`/v1/epochs/${epoch}/pool`,
    accept: 'application/octet-stream',
  });
  if (!bytes.ok) return bytes;
  const { mode } = info.value;
  const seed = fromHex(info.value.seed, 32);
  const root = fromHex(info.value.poolRoot, 32);
  const devices = decodePoolDevices(bytes.value);
  if (seed === undefined || root === undefined || devices === undefined || !(mode in ELECTION_MODE)) {
    return fail('client-answer', `The server's pool of epoch ${epoch} can't be read.`);
  }
  const parameters = parametersFromJson(info.value.parameters);
  const trustNodes = readTrustNodes(info.value.trustNodes);
  const assigners = readAssigners(info.value.assigners);
  if (!parameters.ok || trustNodes === undefined || assigners === undefined) {
    return fail(
      'client-answer',
      `The server's parameters, trust nodes or assigners of epoch ${epoch} can't be read.`,
    );
  }
  const contents = { devices, parameters: parameters.value, trustNodes, assigners };
  if (!equalBytes(poolRoot(contents), root)) {
    return fail('client-answer', `The server's pool of epoch ${epoch} does not have the root that it names.`);
  }
  return ok({ epoch, mode: mode as ElectionMode, seed, root, ...contents });
}

function readTrustNodes(list: EpochInfo['trustNodes']): EpochTrustNode[] | undefined {
  const nodes: EpochTrustNode[] = [];
  for (const node of list) {
    const { index, key: hex } = Object(node) as { index: number; key: unknown };
    const key = typeof hex === 'string' ? fromHex(hex, 32) : undefined;
    if (!Number.isInteger(index) || index < 0 || index > 0xffff || key === undefined) return undefined;
    nodes.push({ index, key });
  }
  return nodes;
}

function readAssigners(list: EpochInfo['assigners']): EpochAssigner[] | undefined {
  const assigners: EpochAssigner[] = [];
  for (const entry of list) {
    const { index, server, key: hex } = Object(entry) as { index: number; server: number; key: unknown };
    const key = typeof hex === 'string' ? fromHex(hex, 32) : undefined;
    if (![index, server].every((n) => Number.isInteger(n) && n >= 0 && n <= 0xffff) || key === undefined)
      return undefined;
    assigners.push({ index, server, key });
  }
  return assigners;
}
