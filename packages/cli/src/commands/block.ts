import { ok, type Result } from '@iotw/kernel/result';
import { type BlockInfo, getBlock } from '@iotw/sdk/client/chain';
import { type ElectionInfo, getElection } from '@iotw/sdk/client/elections';
import { iotw, time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields, formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { readPlace } from './place.js';
import { connection } from './submission.js';

interface ShowOptions {
  readonly election?: boolean;
}

/** `iotw block show <lane/height>`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<ShowOptions>(noun, run, {
    usage: 'show <lane/height>',
    summary: 'a block, its certificate and its transactions',
    examples: ['iotw block show 0/12', 'iotw block show 0/12 --election'],
    shared: ['api'],
    options: [{ flags: '--election', summary: 'also the ranks that were drawn and who answered' }],
    run: show,
  });
};

async function show(context: CommandContext, options: ShowOptions, text?: string): Promise<Result<Answer>> {
  const place = readPlace(text!);
  if (!place.ok) return place;
  const { lane, height } = place.value;
  const server = connection(context);
  const block = await getBlock(server, lane, height);
  if (!block.ok) return block;
  const election = options.election === true ? await getElection(server, lane, height) : undefined;
  if (election?.ok === false) return election;
  const { hash, round, timeMs, certificate, transactions, header, diversity } = block.value;
  const count = (name: string) =>
    Array.isArray(certificate[name]) ? (certificate[name] as unknown[]).length : 0;
  return ok({
    json: election === undefined ? block.value : { ...block.value, election: election.value },
    text: () => [
      ...formatFields([
        ['block', hash],
        ['lane', `${lane}, height ${height}, incarnation ${String(header.incarnation)}`],
        ['round', `${round} at ${time(timeMs)}`],
        ['epoch', String(header.epoch)],
        ['certificate', `${String(certificate.mode)}, attempt ${String(certificate.attempt)}`],
        [
          'answers',
          `${count('attestations')} attestations, ${count('misses')} misses, ${count('thresholdMisses')} by threshold, ${count('votes')} votes`,
        ],
        ['diversity', diversity === null ? 'its pool is not kept here' : diversityText(diversity)],
      ]),
      '',
      ...formatTable(
        [
          { name: 'place', right: true },
          { name: 'transaction' },
          { name: 'result' },
          { name: 'fee', right: true },
        ],
        transactions.map(({ id, code, fee }, i) => [String(i), id, code, iotw(fee)]),
      ),
      ...(election === undefined ? [] : ['', ...electionLines(election.value)]),
    ],
  });
}

function diversityText(d: NonNullable<BlockInfo['diversity']>): string {
  return `${d.seats} devices of ${d.owners} owners, ${d.makers} makers, ${d.regions} regions, ${d.hosts} hosts, ${d.clouds} clouds`;
}

function electionLines(election: ElectionInfo): string[] {
  const { mode, epoch, eligible, committeeSize, ranks } = election;
  return [
    `elected by mode ${mode} in epoch ${epoch}: ${eligible} eligible devices, committee of ${committeeSize}`,
    ...formatTable(
      ['rank', 'device', 'owner', 'maker', 'region', 'host']
        .map((name) => ({ name, right: true }))
        .concat({ name: 'answer', right: false }),
      ranks.map((r) => [...[r.rank, r.device, r.owner, r.maker, r.region, r.host].map(String), r.answer]),
    ),
  ];
}
