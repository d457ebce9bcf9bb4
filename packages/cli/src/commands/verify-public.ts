import { writeFile } from 'node:fs/promises';
import { designatedServer } from '@iotw/assignment/seed';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { bodyCount, envelopeAt, readBody } from '@iotw/protocol/body';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import {
  type PublicBlock,
  type PublicData,
  type PublicEpoch,
  publicDataToJson,
} from '@iotw/protocol/public-data';
import { resultCodeName } from '@iotw/protocol/result';
import { type SeedOriginName, seedOriginName } from '@iotw/protocol/seed-origin';
import { ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { fetchBlockData, fetchEpochData } from '@iotw/sdk/client/fetch-public-data';
import { verifyElection } from '@iotw/sdk/verify/election';
import { snapshotOfPublic } from '@iotw/sdk/verify/public/epochs';
import { type DataReport, type PublicTrust, verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { trustFromGenesis } from '@iotw/sdk/verify/trust';
import type { Answer } from '../output/print.js';
import { styleOf } from '../output/style.js';
import { formatFields, formatTable } from '../output/table.js';
import type { CommandContext } from './command.js';
import { answersByRank } from './election-answers.js';
import { type BlockPlace, readPlace } from './place.js';
import { connection } from './submission.js';
import { checkLines, readData, trustedGenesis, type VerifyOptions } from './verify-trust.js';

export interface PublicOptions extends VerifyOptions {
  readonly from?: string;
  readonly save?: string;
  readonly seedEpoch?: number;
  readonly seed?: string;
}

interface Checked {
  readonly data: PublicData;
  readonly trust: PublicTrust;
  readonly report: DataReport;
}

/** What a verb shows beside the checks. */
interface Shown {
  readonly json: object;
  readonly lines: readonly string[];
}

/** `iotw verify block <lane/height>`. */
export async function block(context: CommandContext, options: PublicOptions, text: string) {
  return ofBlock(context, options, text, ({ data }, { block, round, codes, fees }) => {
    const { header } = block;
    const hash = toHex(blockHash(data.network, header));
    const ids = idsOf(data.network, block.body);
    const transactions = ids.map((id, i) => ({
      id: toHex(id),
      result: resultCodeName(codes[i] ?? -1) ?? String(codes[i]),
      fee: fees[i] ?? null,
    }));
    return {
      json: { hash, lane: header.lane, height: header.height, round, epoch: header.epoch, transactions },
      lines: formatFields([
        ['block', hash],
        ['round', `${round}, in epoch ${header.epoch}`],
        ['transactions', `${ids.length}, of them ${codes.filter((code) => code === 0).length} took effect`],
      ]),
    };
  });
}

function idsOf(network: Uint8Array, bytes: Uint8Array): Uint8Array[] {
  const body = readBody(bytes);
  if (!body.ok) return [];
  return Array.from({ length: bodyCount(body.value) }, (_, i) =>
    transactionId(network, envelopeAt(body.value, i).subarray(ENVELOPE.transaction)),
  );
}

/** `iotw verify committee <lane/height>`: who mined and witnessed, who was passed over, who voted. */
export async function committee(context: CommandContext, options: PublicOptions, text: string) {
  return ofBlock(context, options, text, ({ report }, { block }) => {
    const found = report.members.find(
      ({ lane, height }) => lane === block.header.lane && height === block.header.height,
    );
    const members = (found?.committee.paid ?? []).map(({ rank, device, role }) => ({ rank, device, role }));
    const missed = (found?.committee.misses ?? []).map(({ rank, device, host }) => ({ rank, device, host }));
    const late = (found?.committee.softMisses ?? []).map(({ rank, device, host }) => ({
      rank,
      device,
      host,
    }));
    const votes = block.certificate.votes.map(({ witness }) => witness);
    const diversity = found?.committee.diversity ?? null;
    const mode =
      Object.entries(CERTIFICATE_MODE).find(([, n]) => n === block.certificate.mode)?.[0] ?? 'unknown';
    return {
      json: { mode, members, missed, late, votes, diversity },
      lines: [
        ...formatTable(
          [{ name: 'rank', right: true }, { name: 'device', right: true }, { name: 'role' }],
          members.map(({ rank, device, role }) => [String(rank), String(device), role]),
        ),
        ...formatFields([
          ['certified by', mode],
          ['passed over', missed.map(placed).join(', ') || 'nobody'],
          ['late', late.map(placed).join(', ') || 'nobody'],
          ['trust nodes', votes.join(', ')],
        ]),
      ],
    };
  });
}

const placed = ({ rank, device }: { readonly rank: number; readonly device: number }) =>
  `device ${device} at rank ${rank}`;

/** `iotw verify election <lane/height>`: the ranked list, drawn again, beside what the certificate says. */
export async function election(context: CommandContext, options: PublicOptions, text: string) {
  return ofBlock(context, options, text, ({ data, trust }, { block }) => {
    const { header, certificate } = block;
    const epoch = data.epochs.find(({ epoch }) => epoch === header.epoch);
    const base = trustFromGenesis(trust.genesis);
    if (epoch === undefined || !base.ok) return { json: { ranks: [] }, lines: [] };
    const snapshot = snapshotOfPublic(epoch);
    const drawn = verifyElection(
      { snapshot, lane: header.lane, height: header.height, attempts: certificate.attempt + 1 },
      base.value,
    );
    const answers = answersByRank(certificate, snapshot.parameters);
    const ranks = drawn.ranked.map(({ device, host, maker, region, owner }, rank) => ({
      ...{ rank, device, host, maker, region, owner },
      answer: answers.get(rank) ?? 'not asked, or removed',
    }));
    return {
      json: {
        epoch: epoch.epoch,
        mode: snapshot.mode,
        seed: toHex(epoch.seed),
        eligible: drawn.eligible,
        ranks,
      },
      lines: formatTable(
        ['rank', 'device', 'owner', 'maker', 'region', 'host']
          .map((name) => ({ name, right: true }))
          .concat({ name: 'answer', right: false }),
        ranks.map((r) => [...[r.rank, r.device, r.owner, r.maker, r.region, r.host].map(String), r.answer]),
      ),
    };
  });
}

/** `iotw verify beacon <epoch>`: the seed chain to the epoch, its pool and the votes for both. */
export async function beacon(
  context: CommandContext,
  options: PublicOptions,
  text: string,
): Promise<Result<Answer>> {
  if (!/^[0-9]{1,9}$/.test(text)) {
    return fail('epoch-number', 'An epoch is named by its number, counted from 0.');
  }
  const number = Number(text);
  const checked = await check(context, options, (server) =>
    fetchEpochData(server, number, options.seedEpoch),
  );
  if (!checked.ok) return checked;
  const epoch = checked.value.data.epochs.find((each) => each.epoch === number);
  if (epoch === undefined) return lacks(`epoch ${number}`);
  const servers = checked.value.trust.genesis.ledgerServers.length;
  const source = sourceOf(checked.value.data, epoch);
  const trusted = servers === 1 && (source === 'vrf' || source === 'threshold');
  const randomness = trusted ? 'operator-trusted' : source;
  const server = source === 'vrf' ? designatedServer(number, servers) : null;
  const shown = {
    json: { epoch: number, seed: toHex(epoch.seed), server, randomness, opened: epoch.opened },
    lines: formatFields([
      ['seed', toHex(epoch.seed)],
      [
        'made by',
        source === 'genesis' ? 'the genesis' : `${MADE_BY[source](server)}, in round ${epoch.opened}`,
      ],
      ['randomness', randomness],
      ['pool', `${epoch.pool.length} devices, signed by ${epoch.votes.length} trust nodes`],
    ]),
  };
  return answer(context, checked.value, shown, [`epoch ${number}`, `round ${epoch.opened}`]);
}

/** What opened an epoch: the signed rounds say it, and the check has verified the proof by that rule. */
function sourceOf({ rounds }: PublicData, { epoch }: PublicEpoch): SeedOriginName {
  const header = rounds.find((round) => round.header.epoch === epoch)?.header;
  return epoch === 0 || header === undefined ? 'genesis' : (seedOriginName(header.seedSource) ?? 'genesis');
}

const MADE_BY = {
  vrf: (server: number | null) => `the VRF of ledger server ${server}`,
  threshold: () => "the ledger servers' shared key",
  public: () => "a public beacon's round that a vote named",
} as const;

/** `iotw verify data <file>`. */
export async function data(context: CommandContext, options: PublicOptions): Promise<Result<Answer>> {
  const checked = await check(context, options, undefined);
  if (!checked.ok) return checked;
  const { epochs, rounds, blocks, transactions, committees } = checked.value.report;
  return answer(context, checked.value, {
    json: { epochs, rounds, blocks, transactions, committees },
    lines: formatFields([
      ['epochs', String(epochs)],
      ['rounds', String(rounds)],
      ['blocks', `${blocks}, with ${transactions} transactions`],
      [
        'committees',
        Object.entries(committees)
          .map(([name, n]) => `${n} ${name}`)
          .join(', '),
      ],
    ]),
  });
}

async function ofBlock(
  context: CommandContext,
  options: PublicOptions,
  text: string,
  show: (checked: Checked, block: PublicBlock) => Shown,
): Promise<Result<Answer>> {
  const place = readPlace(text);
  if (!place.ok) return place;
  const { lane, height } = place.value;
  const checked = await check(context, options, (server) =>
    fetchBlockData(server, lane, height, options.seedEpoch),
  );
  if (!checked.ok) return checked;
  const found = blockAt(checked.value.data, place.value);
  if (found === undefined) return lacks(`block ${text}`);
  const { header } = found.block;
  const rounds = checked.value.data.rounds.filter((each) => each.header.number === found.round);
  return answer(context, checked.value, show(checked.value, found), [
    `block ${header.lane}/${header.height}`,
    `round ${found.round}`,
    ...[header.epoch, ...rounds.map((round) => round.header.epoch)].map((epoch) => `epoch ${epoch}`),
  ]);
}

function blockAt({ blocks }: PublicData, { lane, height }: BlockPlace): PublicBlock | undefined {
  return blocks.find(({ block: { header } }) => header.lane === lane && header.height === height);
}

function lacks(what: string): Result<never> {
  return fail(
    'public-data-lacks',
    `The file does not hold ${what}: export it with --save, or ask the server.`,
  );
}

/** Fetches or reads the data, keeps it where asked, and verifies it. */
async function check(
  context: CommandContext,
  options: PublicOptions,
  fetch: ((server: ReturnType<typeof connection>) => Promise<Result<PublicData>>) | undefined,
): Promise<Result<Checked>> {
  const server = connection(context, options.network);
  const seed = options.seed === undefined ? undefined : fromHex(options.seed, 32);
  if (
    (options.seedEpoch === undefined) !== (options.seed === undefined) ||
    (options.seed !== undefined && seed === undefined)
  ) {
    return fail(
      'verify-seed',
      'A trusted seed is --seed-epoch n together with --seed and 64 characters of hex.',
    );
  }
  const genesis = await trustedGenesis(server, options);
  if (!genesis.ok) return genesis;
  const data = options.from === undefined ? await fetch!(server) : await readData(options.from);
  if (!data.ok) return data;
  if (options.save !== undefined) {
    const saved = await writeData(options.save, data.value);
    if (!saved.ok) return saved;
  }
  const trust = {
    ...genesis.value,
    ...(seed === undefined ? {} : { seed: { epoch: options.seedEpoch!, seed } }),
  };
  const report = verifyPublicData(data.value, trust, fetch !== undefined);
  return report.ok ? ok({ data: data.value, trust, report: report.value }) : report;
}

/**
 * `subjects`: what was asked about. Of what only shows who signed, open checks are not told; without subjects all that is not
 * good is told.
 */
function answer(
  context: CommandContext,
  { report }: Checked,
  shown: Shown,
  subjects?: readonly string[],
): Result<Answer> {
  const { genuine, failed, all } = report;
  const asked = (subject: string) => subjects?.includes(subject) ?? true;
  const unchecked = report.unchecked.filter(({ subject }) => asked(subject));
  const complete = genuine && unchecked.length === 0;
  const checks =
    subjects === undefined
      ? [...failed, ...unchecked]
      : all.filter(({ subject, state }) => state === 'fail' || asked(subject));
  const first = failed[0];
  const style = styleOf(context.io.color && context.io.outIsTerminal);
  const verdict = complete
    ? 'everything was checked, and all of it is as it must be'
    : genuine
      ? `nothing is wrong; ${unchecked.length} checks lack what they take`
      : 'this is not genuine';
  return ok({
    json: { genuine, complete, ...shown.json, checks },
    text: () => [
      ...(checks.length === 0 ? [] : checkLines(checks, style)),
      '',
      ...shown.lines,
      ...formatFields([['verdict', verdict]]),
    ],
    ...(first === undefined
      ? {}
      : {
          failure: {
            code: 'public-data-not-genuine',
            message: `${first.subject}: the check ${first.name} fails${first.code === undefined ? '' : ` (${first.code})`}: ${first.reason}${first.expected === undefined ? '' : ` Expected ${first.expected}, found ${first.found}.`}`,
          },
        }),
  });
}

async function writeData(path: string, data: PublicData): Promise<Result<void>> {
  try {
    await writeFile(path, `${JSON.stringify(publicDataToJson(data))}\n`);
    return ok(undefined);
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail('file-unwritable', `${path} can't be written (${cause}): check it.`, { path });
  }
}
