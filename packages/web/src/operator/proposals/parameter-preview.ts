import { brokenParameter, PARAMETER_BOUNDS } from '@iotw/protocol/parameter-rules';
import {
  ASSIGNER,
  ELECTION_MODE,
  HOST_POLICY,
  type Parameters,
  ParametersType,
  SEED_SOURCE,
} from '@iotw/protocol/parameters';

export type ParameterName = keyof Parameters;
export const PARAMETER_NAMES = Object.keys(ParametersType.fields) as readonly ParameterName[];

const TRUTH = { no: 0, yes: 1 } as const;

/** Parameters whose numbers stand for names. */
export const NAMED: { readonly [P in ParameterName]?: Readonly<Record<string, number>> } = {
  electionMode: ELECTION_MODE,
  seedSource: SEED_SOURCE,
  assigner: ASSIGNER,
  hostPolicy: HOST_POLICY,
  adjudicate: TRUTH,
  ticketWeight: Object.fromEntries(Object.entries(ELECTION_MODE).filter(([name]) => name !== 'vrf')),
};

/** What the server tells of parameters, as numbers; undefined where a name or number is none that this software knows. */
export function readParameters(told: Readonly<Record<string, unknown>>): Parameters | undefined {
  const numbers: Record<string, number> = {};
  for (const name of PARAMETER_NAMES) {
    const value = told[name];
    const number =
      typeof value === 'boolean' ? Number(value) : typeof value === 'string' ? NAMED[name]?.[value] : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
    numbers[name] = number;
  }
  return numbers as unknown as Parameters;
}

export interface ChangeRow {
  readonly name: ParameterName;
  readonly before: number;
  /** Undefined: what was typed is no whole number. */
  readonly after: number | undefined;
  readonly least: number;
  readonly most: number;
  readonly fault: 'number' | 'bounds' | 'same' | undefined;
}

export interface Preview {
  readonly rows: readonly ChangeRow[];
  /** Why the ledger would refuse them together; undefined: it would not. */
  readonly broken: string | undefined;
  /** Whether there is something to propose, and nothing wrong with it. */
  readonly isGood: boolean;
}

/**
 * What a change of parameters comes to, by the very rule that the ledger asks (spec: 14.6). `typed`: texts of new values by name; `servers`: ledger
 * servers in service.
 */
export function previewChanges(
  before: Parameters,
  typed: Readonly<Partial<Record<ParameterName, string>>>,
  servers: number,
): Preview {
  const rows = Object.entries(typed).map(([key, text]): ChangeRow => {
    const name = key as ParameterName;
    const [least, most] = PARAMETER_BOUNDS[name];
    const trimmed = text.trim();
    const number = /^[0-9]{1,16}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
    const after = Number.isSafeInteger(number) ? number : undefined;
    const row = { name, before: before[name], after, least, most };
    if (after === undefined) return { ...row, fault: 'number' };
    if (after < least || after > most) return { ...row, fault: 'bounds' };
    return { ...row, fault: after === before[name] ? 'same' : undefined };
  });
  const isWhole = rows.length > 0 && rows.every(({ fault }) => fault === undefined);
  const after = { ...before, ...Object.fromEntries(rows.map(({ name, after }) => [name, after])) };
  // Whether there is an API server the ledger knows; it is asked again there.
  const broken = isWhole ? brokenParameter(after as Parameters, servers, 1) : undefined;
  return { rows, broken, isGood: isWhole && broken === undefined };
}

/** The changes as a proposal's JSON has them: the election mode by its name. */
export function changesToJson(rows: readonly ChangeRow[]): Record<string, string | number> {
  return Object.fromEntries(
    rows.map(({ name, after }) => {
      const mode = Object.entries(ELECTION_MODE).find(([, number]) => number === after)?.[0];
      return [name, name === 'electionMode' ? mode! : after!];
    }),
  );
}

/** How a parameter's number is to be read: the unit that its name ends in, or what it stands for. */
export function unitOf(name: ParameterName): 'ms' | 'bps' | 'ppm' | 'ppt' | 'iotw' | 'named' | 'count' {
  if (NAMED[name] !== undefined) return 'named';
  if (/^(fee(Floor|PerOperation)|issuancePerDevice|leftOutPay)$/.test(name)) return 'iotw';
  const end = /(Ms|Bps|Ppm|Ppt)$/.exec(name)?.[1]?.toLowerCase();
  return (end as 'ms' | 'bps' | 'ppm' | 'ppt' | undefined) ?? 'count';
}

/** Share that one unit of such a number is. */
export const SHARES = { bps: 1e-4, ppm: 1e-6, ppt: 1e-12 } as const;
