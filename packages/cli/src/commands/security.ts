import { fail, ok, type Result } from '@iotw/kernel/result';
import { trustThreshold } from '@iotw/protocol/certificate';
import { chance } from '@iotw/sdk/security/chance';
import {
  compromisedOf,
  mixedRisk,
  riskOfBlocks,
  type SetRisk,
  type ShownChance,
  setRisk,
  shownChance,
  type WitnessSet,
} from '@iotw/sdk/security/witness-risk';
import type { Answer } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { type AddCommands, type CommandContext, defineNoun, integer } from './command.js';

interface SecurityOptions {
  readonly witnesses?: number;
  readonly compromised?: string;
  readonly threshold?: number;
  readonly pool?: number;
  readonly trustNodes?: number;
  readonly trustCompromised?: string;
  readonly trustThreshold?: number;
  readonly blocks?: number;
}

/** `iotw security`: the binomial analysis as a calculator. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<SecurityOptions>(noun, run, {
    usage: 'security',
    summary: 'how likely corrupt witnesses forge or stall a block',
    examples: [
      'iotw security --witnesses 4 --compromised 0.2 --threshold 4 --blocks 8640',
      'iotw security --trust-nodes 16 --trust-compromised 0.2',
      'iotw security --witnesses 4 --compromised 20% --trust-nodes 16 --trust-compromised 10% --blocks 8640',
      'iotw security --witnesses 4 --compromised 0.2 --pool 50',
    ],
    options: [
      { flags: '--witnesses <n>', summary: 'devices of a committee', parse: integer(1) },
      { flags: '--compromised <p>', summary: 'share of the devices that are the attacker’s: 0.2 or 20%' },
      {
        flags: '--threshold <t>',
        summary: 'devices that have to agree (default: all, as coherence wants)',
        parse: integer(1),
      },
      {
        flags: '--pool <n>',
        summary: 'devices are drawn from so many without replacement (default: independent draws)',
        parse: integer(1),
      },
      { flags: '--trust-nodes <n>', summary: 'trust nodes that vote', parse: integer(1) },
      { flags: '--trust-compromised <p>', summary: 'share of the trust nodes that are the attacker’s' },
      {
        flags: '--trust-threshold <t>',
        summary: 'votes that a certificate needs (default: floor(2n/3) + 1)',
        parse: integer(1),
      },
      {
        flags: '--blocks <n>',
        summary: 'also the risk of so many blocks, such as an epoch’s',
        parse: integer(1),
      },
    ],
    notes: [
      'Forging: the compromised witnesses reach the threshold alone. Stalling: the honest ones do not reach',
      'it. With devices and trust nodes a block needs both: it is forged if both are, it stalls if either does.',
      'A stalled device committee costs an attempt, not the block: the next ranks are asked.',
      'Sums are exact fractions; what is shown has six digits. Members are independent: farms, shared makers',
      'and regions are not in the formula (the draw spreads them; see docs/security.md for what is measured).',
    ],
    run: security,
  });
};

async function security(_context: CommandContext, options: SecurityOptions): Promise<Result<Answer>> {
  const sets = readSets(options);
  if (!sets.ok) return sets;
  const rows: Row[] = [];
  const risks: SetRisk[] = [];
  for (const [name, set] of sets.value) {
    const risk = setRisk(set);
    if (!risk.ok) return risk;
    risks.push(risk.value);
    const bad =
      set.pool === undefined ? {} : { pool: set.pool, inPool: compromisedOf(set.pool, set.compromised) };
    rows.push(rowOf(name, risk.value, options.blocks, { ...shape(set), ...bad }));
  }
  const [devices, trustNodes] = risks;
  if (trustNodes !== undefined) rows.push(rowOf('both', mixedRisk(devices!, trustNodes), options.blocks));
  return ok({
    json: { blocks: options.blocks ?? null, sets: rows },
    text: () => lines(rows, options.blocks),
  });
}

/** The sets that the options name, devices first. Code: `security-options`. */
function readSets(options: SecurityOptions): Result<[name: string, set: WitnessSet][]> {
  const { witnesses, compromised, pool, trustNodes, trustCompromised } = options;
  const sets: [string, WitnessSet][] = [];
  if ((witnesses === undefined) !== (compromised === undefined)) {
    return fail('security-options', 'Devices take --witnesses n together with --compromised p.');
  }
  if ((trustNodes === undefined) !== (trustCompromised === undefined)) {
    return fail('security-options', 'Trust nodes take --trust-nodes n together with --trust-compromised p.');
  }
  if (witnesses !== undefined) {
    const each = chance(compromised!);
    if (!each.ok) return each;
    const set = { members: witnesses, compromised: each.value, threshold: options.threshold ?? witnesses };
    sets.push(['devices', pool === undefined ? set : { ...set, pool }]);
  } else if (options.threshold !== undefined || pool !== undefined) {
    return fail(
      'security-options',
      'The options --threshold and --pool are about devices: add --witnesses n --compromised p.',
    );
  }
  if (trustNodes !== undefined) {
    const each = chance(trustCompromised!);
    if (!each.ok) return each;
    const threshold = options.trustThreshold ?? trustThreshold(trustNodes);
    sets.push(['trust nodes', { members: trustNodes, compromised: each.value, threshold }]);
  } else if (options.trustThreshold !== undefined) {
    return fail(
      'security-options',
      'The option --trust-threshold is about trust nodes: add --trust-nodes n --trust-compromised p.',
    );
  }
  if (sets.length === 0) {
    return fail(
      'security-options',
      'Whose risk? Give --witnesses n --compromised p, or --trust-nodes n --trust-compromised p, or all four.',
    );
  }
  return ok(sets);
}

function shape({ members, threshold, compromised }: WitnessSet) {
  return { members, threshold, compromised: shownChance(compromised).text };
}

interface Row {
  readonly set: string;
  readonly members?: number;
  readonly threshold?: number;
  readonly forging: ShownChance;
  readonly stalling: ShownChance;
  readonly forgingInBlocks?: ShownChance;
  readonly stallingInBlocks?: ShownChance;
}

function rowOf(set: string, risk: SetRisk, blocks: number | undefined, more: object = {}): Row {
  const one = { set, ...more, forging: shownChance(risk.forging), stalling: shownChance(risk.stalling) };
  if (blocks === undefined) return one;
  return {
    ...one,
    forgingInBlocks: riskOfBlocks(risk.forging, blocks),
    stallingInBlocks: riskOfBlocks(risk.stalling, blocks),
  };
}

function lines(rows: readonly Row[], blocks: number | undefined): string[] {
  const columns = ['witnesses', 'needs', 'forging', 'stalling'].concat(
    blocks === undefined ? [] : [`forging in ${blocks} blocks`, 'stalling'],
  );
  return formatTable(
    columns.map((name, i) => ({ name, right: i > 0 })),
    rows.map((row) => [
      row.members === undefined ? row.set : `${row.members} ${row.set}`,
      row.threshold === undefined ? '' : String(row.threshold),
      row.forging.text,
      row.stalling.text,
      ...(blocks === undefined ? [] : [row.forgingInBlocks!.text, row.stallingInBlocks!.text]),
    ]),
  );
}
