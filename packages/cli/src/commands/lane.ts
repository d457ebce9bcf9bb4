import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeHeader } from '@iotw/protocol/header';
import { getCertifiedBlock } from '@iotw/sdk/client/certified-block';
import { getLane, getLanes, type WitnessCountsInfo } from '@iotw/sdk/client/chain';
import { leftOutAnswer } from '@iotw/sdk/transaction/node-operations';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields, formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { readPlace } from './place.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface ReportOptions extends SubmissionOptions {
  readonly answer: string;
}

/** `iotw lane list|show|report`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'list',
    summary: 'every lane: where it stands, what it passed over',
    examples: ['iotw lane list'],
    shared: ['api'],
    run: list,
  });
  addVerb(noun, run, {
    usage: 'show <lane>',
    summary: 'one lane and its trust node as a host: diversity, misses, skip rates',
    examples: ['iotw lane show 2', 'iotw lane show 2 --json'],
    shared: ['api'],
    run: show,
  });
  addVerb<ReportOptions>(noun, run, {
    usage: 'report <lane/height>',
    summary: "show an answer that a block's certificate left out",
    examples: ['iotw lane report 2/118 --answer 0200...ff --wallet owner'],
    shared: ['api'],
    options: [
      {
        flags: '--answer <hex>',
        summary: 'the attestation of the device, 189 bytes in hex',
        required: true,
      },
      ...SUBMISSION_OPTIONS,
    ],
    notes: [
      'Anyone may, until the end of the epoch after the block’s. The lane pays the device out of its bond.',
    ],
    run: report,
  });
};

/** Misses in a hundred questions, with two places; `-` where nobody was asked. */
function rate(misses: number, answers: number): string {
  const asked = misses + answers;
  return asked === 0 ? '-' : `${((100 * misses) / asked).toFixed(2)}%`;
}

/** Of all questions that came to an end, those in which a device gave its place away for being late. */
function softRate(c: WitnessCountsInfo): string {
  return rate(c.softMisses, c.misses + c.answers);
}

async function list(context: CommandContext): Promise<Result<Answer>> {
  const lanes = await getLanes(connection(context));
  if (!lanes.ok) return lanes;
  const right = (name: string) => ({ name, right: true });
  return ok({
    json: lanes.value,
    text: () =>
      formatTable(
        [
          ...['lane', 'height', 'incarnation', 'bond'].map(right),
          ...['passed over', 'softly', 'unheard', 'left out', 'missed as host', 'softly'].map(right),
        ],
        lanes.value.map(({ lane, height, incarnation, bond, suspended, witnessing: { running } }) => [
          `${lane}${suspended ? ' suspended' : ''}`,
          String(height),
          String(incarnation),
          iotw(bond),
          String(running.passedOver),
          String(running.passedOverSoftly),
          String(running.unheard),
          String(running.leftOut),
          rate(running.misses, running.answers),
          softRate(running),
        ]),
      ),
  });
}

async function show(context: CommandContext, _options: unknown, text?: string): Promise<Result<Answer>> {
  if (!/^[0-9]{1,5}$/.test(text!))
    return fail('block-place', 'A lane is named by its number, counted from 0.');
  const lane = await getLane(connection(context), Number(text));
  if (!lane.ok) return lane;
  const { height, incarnation, bond, credit, suspended, witnessing } = lane.value;
  return ok({
    json: lane.value,
    text: () => [
      ...formatFields([
        ['lane', `${text}${suspended ? ', suspended' : ''}`],
        ['stands at', `height ${height}, incarnation ${incarnation}`],
        ['credit and bond', `${iotw(credit)} and ${iotw(bond)}`],
      ]),
      '',
      'running epoch',
      ...epochLines(witnessing.running),
      '',
      'epoch before',
      ...epochLines(witnessing.last),
    ],
  });
}

function epochLines(c: WitnessCountsInfo): string[] {
  const mean = (sum: number) => (c.committees === 0 ? '-' : (sum / c.committees).toFixed(2));
  return formatFields([
    ['committees', `${c.committees}, ${mean(c.seats)} devices each`],
    ['distinct', `${mean(c.owners)} owners, ${mean(c.makers)} makers, ${mean(c.regions)} regions`],
    ['', `${mean(c.hosts)} hosts, ${mean(c.clouds)} clouds`],
    [
      'as lane',
      `${c.passedOver} ranks passed over, ${c.passedOverSoftly} softly, ${c.unheard} unheard, ${c.failedAttempts} attempts failed`,
    ],
    ['', `${c.leftOut} answers left out, ${c.selfAssigned} attempts assigned by itself`],
    [
      'as host',
      `${c.answers} answers, ${c.misses} misses (${rate(c.misses, c.answers)}), ${c.silences} silences`,
    ],
    ['', `${c.softMisses} soft misses (${softRate(c)}), ${c.answersLeftOut} answers passed over and shown`],
  ]);
}

async function report(
  context: CommandContext,
  options: ReportOptions,
  text?: string,
): Promise<Result<Answer>> {
  const place = readPlace(text!);
  if (!place.ok) return place;
  const answer = fromHex(options.answer, 189);
  if (answer === undefined)
    return fail('answer-form', 'An answer is 189 bytes in hex: what the device sent as its attestation.');
  const block = await getCertifiedBlock(connection(context), place.value.lane, place.value.height);
  if (!block.ok) return block;
  return act(context, options, () => ok([leftOutAnswer(encodeHeader(block.value.header), answer)]));
}
