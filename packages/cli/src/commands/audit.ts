import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { encodeAttestation } from '@iotw/protocol/attestation';
import { fetchWitnessData } from '@iotw/sdk/client/witness-data';
import { trustFromGenesis } from '@iotw/sdk/verify/trust';
import { auditWitness, type WitnessAudit } from '@iotw/sdk/verify/witness/audit';
import type { Answer } from '../output/print.js';
import { styleOf } from '../output/style.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';
import { signersOf, trustedGenesis } from './verify-trust.js';

interface AuditOptions extends SubmissionOptions {
  readonly genesis?: string;
  readonly from?: number;
  readonly to?: number;
  readonly blocks?: number;
  readonly submit?: boolean;
}

const DEFAULT_BLOCKS = 500;

/** `iotw audit witness`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<AuditOptions>(noun, run, {
    usage: 'witness <device>',
    summary: "audit a device's own chain of attestations from public data",
    examples: [
      'iotw audit witness 41 --network 91ab...07',
      'iotw audit witness 41 --from 1200 --to 1800 --json',
      'iotw audit witness 41 --submit --wallet owner',
    ],
    shared: ['api'],
    options: [
      {
        flags: '--genesis <file>',
        summary: 'genesis to trust (default: ask the server, which --network must vouch for)',
      },
      { flags: '--from <round>', summary: 'first round to look at (default: 1)', parse: integer(1) },
      { flags: '--to <round>', summary: 'last round to look at (default: the newest)', parse: integer(1) },
      {
        flags: '--blocks <n>',
        summary: `most blocks to look at, the newest of the range (default: ${DEFAULT_BLOCKS})`,
        parse: integer(1, 100_000),
      },
      { flags: '--submit', summary: 'send the evidence that was found, from the wallet named below' },
      ...SUBMISSION_OPTIONS,
    ],
    notes: [
      'Looks at every answer of the device in certificates and failed attempts, and those that evidence, appeals and',
      'left-out answers showed. A gap is legal: not every answer is certified, and power may fail.',
      'Without --network and --genesis the server names its own keys: that only shows that it is consistent.',
    ],
    run: witness,
  });
};

async function witness(
  context: CommandContext,
  options: AuditOptions,
  device?: string,
): Promise<Result<Answer>> {
  const server = connection(context, options.network);
  const genesis = await trustedGenesis(server, options);
  if (!genesis.ok) return genesis;
  const trust = trustFromGenesis(genesis.value.genesis, genesis.value.network);
  if (!trust.ok) return trust;
  const { from, to, blocks: mostBlocks = DEFAULT_BLOCKS } = options;
  const data = await fetchWitnessData(server, device!, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    mostBlocks,
  });
  if (!data.ok) return data;
  const signersAt = await signersOf(server, genesis.value);
  if (!signersAt.ok) return signersAt;
  const audit = auditWitness(data.value, trust.value, signersAt.value);
  const shown = answer(context, data.value.record.device, audit);
  const [proof] = audit.evidence;
  if (options.submit !== true || proof === undefined) return ok(shown);
  const sent = await act(context, options, () => ok([{ type: 'evidence', ...proof }]));
  if (!sent.ok) return sent;
  const { failure, json, text } = sent.value;
  return ok({
    json: { ...(shown.json as object), submitted: json },
    text: () => [...shown.text(), '', 'evidence sent', ...text()],
    ...(failure === undefined ? {} : { failure }),
  });
}

function answer(context: CommandContext, device: number, audit: WitnessAudit): Answer {
  const { sound, deviceAtFault, findings, statements, evidence } = audit;
  const style = styleOf(context.io.color && context.io.outIsTerminal);
  const marks = {
    good: style.good('good     '),
    note: style.dim('note     '),
    unchecked: style.dim('unchecked'),
    bad: style.bad('BAD      '),
  };
  const verdict = sound
    ? 'nothing contradicts itself'
    : deviceAtFault
      ? 'the device contradicts itself'
      : 'what the server gave is not genuine';
  const first = findings.find((finding) => finding.verdict === 'bad');
  return {
    json: {
      device,
      sound,
      deviceAtFault,
      attestations: statements.map(({ round, lane, height, source, attestation }) => {
        const { boot, counter } = attestation;
        return {
          round,
          lane,
          height,
          source,
          boot,
          counter,
          attestation: toHex(encodeAttestation(attestation)),
        };
      }),
      findings,
      evidence: evidence.map((proof) => ({
        kind: proof.kind,
        first: toHex(proof.first),
        second: toHex(proof.second),
      })),
    },
    text: () => [
      ...findings.map(
        ({ verdict, name, sentence, lane, height }) =>
          `${marks[verdict]}  ${name}: ${sentence}${lane === undefined ? '' : ` (block ${lane}/${height})`}`,
      ),
      ...evidence.flatMap((proof) => [
        '',
        `evidence of kind ${proof.kind}`,
        ...formatFields([
          ['first', toHex(proof.first)],
          ['second', toHex(proof.second)],
        ]),
      ]),
      '',
      ...formatFields([
        ['attestations', String(statements.length)],
        ['verdict', verdict],
      ]),
    ],
    ...(sound || first === undefined
      ? {}
      : {
          failure: {
            code: deviceAtFault ? 'witness-at-fault' : 'witness-data-not-genuine',
            message: first.sentence,
          },
        }),
  };
}
