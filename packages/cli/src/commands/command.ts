import { fromHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { type Command, InvalidArgumentError } from 'commander';
import type { Answer, Io } from '../output/print.js';

/** What every command gets beside its own arguments and options. */
export interface CommandContext {
  readonly io: Io;
  /** Answer as one JSON value. */
  readonly json: boolean;
  /** Base URL of the node's API server. */
  readonly api: string;
  /** `--data` where it was given. */
  readonly data: string | undefined;
}

export const DEFAULT_API = 'http://127.0.0.1:8787';

/** One option: flags as commander reads them, what it says in the help, how its text is read. */
export interface OptionSpec {
  readonly flags: string;
  readonly summary: string;
  readonly parse?: (text: string, before?: never) => unknown;
  readonly required?: boolean;
}

/** Which of the options that many commands share one takes. */
export type SharedOption = 'api' | 'data';

export interface CommandSpec<O> {
  /** Name and arguments: `show <account>`. */
  readonly usage: string;
  readonly summary: string;
  /** Lines under the help, each a command that works. */
  readonly examples: readonly string[];
  readonly shared?: readonly SharedOption[];
  readonly options?: readonly OptionSpec[];
  /** Further explanation for the help. */
  readonly notes?: readonly string[];
  readonly run: (
    context: CommandContext,
    options: O,
    ...args: string[]
  ) => Promise<Result<Answer | undefined>>;
}

/** Runs a command's work and prints what comes of it; given by the program. */
export type Runner = (
  command: Command,
  work: (context: CommandContext) => Promise<Result<Answer | undefined>>,
) => Promise<void>;

/** Adds the commands of one noun to the program. */
export type AddCommands = (noun: Command, run: Runner) => void;

const SHARED: Readonly<Record<SharedOption, OptionSpec>> = {
  api: { flags: '--api <url>', summary: `API server of the node (default: ${DEFAULT_API}, or IOTW_API)` },
  data: { flags: '--data <dir>', summary: 'data directory of the node' },
};

/** Adds a verb to its noun. */
export function addVerb<O>(noun: Command, run: Runner, spec: CommandSpec<O>): void {
  const [name, ...words] = spec.usage.split(' ');
  const verb = noun.command(name!).summary(spec.summary);
  for (const word of words) verb.argument(word);
  define(verb, run, spec);
}

/** Makes the noun itself a command. */
export function defineNoun<O>(noun: Command, run: Runner, spec: CommandSpec<O>): void {
  for (const word of spec.usage.split(' ').slice(1)) noun.argument(word);
  define(noun, run, spec);
}

function define<O>(command: Command, run: Runner, spec: CommandSpec<O>): void {
  command.description(spec.summary);
  command.option('--json', 'answer as one JSON value');
  for (const shared of spec.shared ?? []) addOption(command, SHARED[shared]);
  for (const option of spec.options ?? []) addOption(command, option);
  const notes = spec.notes === undefined ? '' : `\n${spec.notes.join('\n')}\n`;
  const heading = spec.examples.length > 1 ? 'Examples' : 'Example';
  command.addHelpText('after', `${notes}\n${heading}:\n${spec.examples.map((e) => `  $ ${e}`).join('\n')}`);
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as (string | string[])[];
    const options = command.opts() as O;
    await run(command, (context) => spec.run(context, options, ...(args.flat() as string[])));
  });
}

function addOption(command: Command, option: OptionSpec): void {
  const { flags, summary, parse, required = false } = option;
  const made = command.createOption(flags, summary).makeOptionMandatory(required);
  if (parse !== undefined) made.argParser(parse as (text: string) => unknown);
  command.addOption(made);
}

/** Parser of an integer option within bounds; anything else is a usage error. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer of ${least} to ${most}.`);
  };
}

/** Parser of a hash: 64 characters of hex. */
export function hash(text: string): Uint8Array {
  const bytes = fromHex(text, 32);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('It must be 64 characters of hex.');
}

/** Parser of a decimal option above 0, such as a rate. */
export function positiveNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,9}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number above 0 and at most ${most}.`);
  };
}

/** Parser of an option with a few possible words. */
export function oneOf<const W extends string>(...words: readonly W[]): (text: string) => W {
  return (text) => {
    const word = words.find((w) => w === text);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
  };
}
