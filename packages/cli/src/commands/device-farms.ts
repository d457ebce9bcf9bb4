import { ok, type Result } from '@iotw/kernel/result';
import { callJson } from '@iotw/sdk/client/request';
import { short } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer, oneOf } from './command.js';
import { connection } from './submission.js';

const KINDS = ['owner', 'batch', 'maker', 'host', 'cohort'] as const;

interface FarmsOptions {
  readonly by?: (typeof KINDS)[number];
  readonly epoch?: number;
  readonly threshold?: number;
  readonly flagged?: boolean;
  readonly limit?: number;
}

interface Farm {
  readonly name: string;
  readonly devices: number;
  readonly owners: number;
  readonly hosts: number;
  readonly poolPpm: number;
  readonly weightPpm: number;
  readonly earnedPpm: number;
  readonly answers: number;
  readonly equalAnswers: number;
  readonly missed: number;
  readonly flags: readonly string[];
}

interface Report {
  readonly epoch: number;
  readonly devices: number;
  readonly by: string;
  readonly threshold: number;
  readonly farms: { readonly items: readonly Farm[]; readonly next: string | null };
}

const DEFAULT_LIMIT = 50;
const PAGE = 500;

/** `iotw device farms`. */
export const addDeviceFarms: AddCommands = (noun, run) => {
  addVerb<FarmsOptions>(noun, run, {
    usage: 'farms',
    summary: 'who holds how much of a pool, and which devices move as one',
    examples: ['iotw device farms --by batch', 'iotw device farms --by cohort --epoch 12 --json'],
    shared: ['api'],
    options: [
      {
        flags: '--by <kind>',
        summary: `${KINDS.join(', ')} (default: owner)`,
        parse: oneOf(...KINDS),
      },
      {
        flags: '--epoch <n>',
        summary: 'an ended epoch (default: the last one)',
        parse: integer(0, 0xffff_ffff),
      },
      {
        flags: '--threshold <ppm>',
        summary: 'share that is concentrated, parts per million (default: 100000)',
        parse: integer(0, 1_000_000),
      },
      { flags: '--flagged', summary: 'only groups with a flag' },
      {
        flags: '--limit <n>',
        summary: `at most this many (default: ${DEFAULT_LIMIT})`,
        parse: integer(1, 1_000_000),
      },
    ],
    notes: ['From public ledger data alone. What the flags mean: docs/operate/farms.md.'],
    run: farms,
  });
};

async function farms(context: CommandContext, options: FarmsOptions): Promise<Result<Answer>> {
  const { limit = DEFAULT_LIMIT, flagged, ...asked } = options;
  const items: Farm[] = [];
  let page: Report | undefined;
  let cursor: string | undefined;
  do {
    const query = {
      ...asked,
      // A report that goes on is of the epoch it began with.
      ...(page === undefined ? {} : { epoch: page.epoch }),
      ...(flagged === true ? { flagged: 'true' } : {}),
      ...(cursor === undefined ? {} : { cursor }),
      limit: Math.min(limit - items.length, PAGE),
    };
    const answer = await callJson(connection(context), { path: '/v1/farms', query });
    if (!answer.ok) return answer;
    page = answer.value as unknown as Report;
    for (const item of page.farms.items) items.push(item);
    cursor = page.farms.next ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  const { epoch, devices, by, threshold } = page;
  return ok({
    json: { epoch, devices, by, threshold, items },
    text: () => [
      `${devices} devices in the pool of epoch ${epoch}`,
      ...(items.length === 0 ? ['No group to tell of.'] : table(by, items)),
    ],
  });
}

function table(by: string, items: readonly Farm[]): string[] {
  return formatTable(
    [
      { name: by },
      ...['devices', 'owners', 'hosts', 'pool', 'weight', 'pay', 'answers', 'equal', 'missed'].map(
        (name) => ({
          name,
          right: true,
        }),
      ),
      { name: 'flags' },
    ],
    items.map((f) => [
      by === 'owner' ? short(f.name) : f.name,
      ...[f.devices, f.owners, f.hosts].map(String),
      ...[f.poolPpm, f.weightPpm, f.earnedPpm].map(percent),
      ...[f.answers, f.equalAnswers, f.missed].map(String),
      f.flags.join(' '),
    ]),
  );
}

/** Parts per million as a percentage with two decimals, floored. */
function percent(ppm: number): string {
  return `${Math.floor(ppm / 10_000)}.${String(Math.floor(ppm / 100) % 100).padStart(2, '0')}%`;
}
