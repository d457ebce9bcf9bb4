import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { parametersFromJson } from '@iotw/protocol/genesis-json';
import type { Parameters } from '@iotw/protocol/parameters';
import type { PublicBlock, PublicRound } from '@iotw/protocol/public-data';
import type { WitnessData } from '../verify/witness/audit.js';
import type { PaidEpoch } from '../verify/witness/paid-answers.js';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { type DeviceName, getDevice, whyPaid } from './devices.js';
import { getEpoch } from './epochs.js';
import { eachEntry } from './pages.js';
import { getPublicBlock, getPublicRound } from './public-data.js';
import { callJson, path } from './request.js';

interface BlockPlace {
  readonly round: number;
  readonly lane: number;
  readonly height: number;
}

/** Which rounds to look at, and how many blocks at most: the newest. */
export interface WitnessRange {
  /** 1 unless given. */
  readonly from?: number;
  /** The newest unless given. */
  readonly to?: number;
  readonly mostBlocks: number;
}

/**
 * All that `auditWitness` looks at: the blocks that hold attestations of a device, their rounds and the rounds before
 * them, parameters and payments of their epochs. It proves nothing by itself.
 * Codes: those of a call, `device-unknown`, `witness-silent` (no attestation in the range), `public-data-json`.
 */
export async function fetchWitnessData(
  connection: Connection,
  device: DeviceName,
  range: WitnessRange,
): Promise<Result<WitnessData>> {
  const named = await getDevice(connection, device);
  if (!named.ok) return named;
  const indexed = await indexedRound(connection, named.value.device);
  if (!indexed.ok) return indexed;
  // Only now: a record older than the range would know less than its blocks, and the device would look like a liar.
  const info = await getDevice(connection, named.value.device);
  if (!info.ok) return info;
  const key = fromHex(info.value.key, 32);
  const head = fromHex(info.value.head, 32);
  if (key === undefined || head === undefined)
    return fail(
      'client-answer',
      "The server's answer does not have the form it should: a key or a head is no hex.",
    );
  const until = Math.min(range.to ?? indexed.value, indexed.value);
  const places = await placesOf(connection, info.value.device, { ...range, to: until });
  if (!places.ok) return places;
  const { found, from } = places.value;
  if (found.length === 0)
    return fail('witness-silent', 'No block in the range holds an attestation of this device: widen it.');
  const blocks: PublicBlock[] = [];
  for (const { lane, height } of found) {
    const block = await getPublicBlock(connection, lane, height);
    if (!block.ok) return block;
    blocks.push(block.value);
  }
  const rounds = await roundsAround(connection, [
    from - 1,
    until,
    ...found.flatMap(({ round }) => [round - 1, round]),
  ]);
  if (!rounds.ok) return rounds;
  const header = (number: number) => rounds.value.find((round) => round.header.number === number)?.header;
  const whole = {
    from: from <= 1 ? 0 : (header(from - 1)?.epoch ?? Number.MAX_SAFE_INTEGER) + 1,
    to: (header(until)?.epoch ?? 0) - 1,
  };
  const epochs = await epochsOf(connection, info.value.device, blocks, rounds.value, whole);
  if (!epochs.ok) return epochs;
  const { boot, counter } = info.value;
  return ok({
    record: { device: info.value.device, key, newest: { boot, counter, head } },
    blocks,
    rounds: rounds.value,
    whole,
    ...epochs.value,
  });
}

/** The round up to which the server's list of blocks is complete. */
async function indexedRound(connection: Connection, device: number): Promise<Result<number>> {
  const answer = await callJson(connection, {
    path: path`/v1/devices/${device}/blocks`,
    query: { limit: 1 },
  });
  const page = readResult<{ index: { readonly round?: unknown } }>(answer, { index: 'object' });
  if (!page.ok) return page;
  const index = readAnswer<{ round: number }>(page.value.index, { round: 'number' });
  return index.ok ? ok(index.value.round) : index;
}

/** Blocks of the range, oldest first, and the round from which on they are complete. */
async function placesOf(
  connection: Connection,
  device: number,
  { from = 1, to, mostBlocks }: WitnessRange & { readonly to: number },
): Promise<Result<{ readonly found: BlockPlace[]; readonly from: number }>> {
  const found: BlockPlace[] = [];
  const pages = eachEntry(connection, path`/v1/devices/${device}/blocks`, { limit: 100 }, (json) =>
    readAnswer<BlockPlace>(json, { round: 'number', lane: 'number', height: 'number' }),
  );
  let complete = from;
  for await (const place of pages) {
    if (!place.ok) return place;
    const { round } = place.value;
    if (round > to) continue;
    if (round < from) break;
    if (found.length >= mostBlocks) {
      complete = round + 1;
      break;
    }
    found.push(place.value);
  }
  return ok({ found: found.reverse(), from: complete });
}

/** Rounds by number: the blocks', the one before each, which tells the epoch they were included in, and those of the range. */
async function roundsAround(
  connection: Connection,
  wanted: readonly number[],
): Promise<Result<PublicRound[]>> {
  const rounds: PublicRound[] = [];
  for (const number of [...new Set(wanted)].sort((a, b) => a - b)) {
    if (number < 1) continue;
    const round = await getPublicRound(connection, number);
    if (!round.ok) return round;
    rounds.push(round.value);
  }
  return ok(rounds);
}

/** Parameters of the epochs that the blocks name or stand in, and what the whole ones paid the device. */
async function epochsOf(
  connection: Connection,
  device: number,
  blocks: readonly PublicBlock[],
  rounds: readonly PublicRound[],
  whole: { readonly from: number; readonly to: number },
): Promise<Result<{ readonly parameters: Map<number, Parameters>; readonly paid: PaidEpoch[] }>> {
  const parameters = new Map<number, Parameters>();
  const paid: PaidEpoch[] = [];
  const numbers = new Set([
    ...blocks.map(({ block }) => block.header.epoch),
    ...rounds.map(({ header }) => header.epoch),
  ]);
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const epoch = await getEpoch(connection, number);
    if (!epoch.ok) return epoch;
    const read = parametersFromJson(epoch.value.parameters);
    if (!read.ok) return read;
    parameters.set(number, read.value);
    if (number < whole.from || number > whole.to) continue;
    const why = await whyPaid(connection, device, number);
    // Settlements are not kept for ever: the audit then says what it could not check.
    if (why.ok) paid.push(why.value);
    else if (why.error.code !== 'settlement-not-kept') return why;
  }
  return ok({ parameters, paid });
}
