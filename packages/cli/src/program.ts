import { readFileSync } from 'node:fs';
import type { Failure } from '@iotw/kernel/result';
import { KNOWN_VERSIONS } from '@iotw/protocol/versions';
import { Command, CommanderError } from 'commander';
import { type CommandContext, DEFAULT_API, type Runner } from './commands/command.js';
import { NOUNS } from './commands/nouns.js';
import { EXIT, type Io, printAnswer, printProblem } from './output/print.js';

/** Options before the noun that take a value. */
const VALUE_OPTIONS: readonly string[] = ['--api', '--data'];
const BREADTH = 100;

/** Version of this package. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Runs one command line (without node and script). Results go to `io.out`, everything else to `io.err`.
 * Returns the exit code: 0 done, 1 expected failure, 2 wrong usage, 130 interrupted.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes('--json');
  if (json && nounOf(argv) === undefined && (argv.includes('--version') || argv.includes('-V'))) {
    const versions = { version: version(), protocolVersions: KNOWN_VERSIONS };
    io.out(`${JSON.stringify(versions)}\n`);
    return EXIT.ok;
  }
  const state = { exitCode: EXIT.ok as number };
  const program = await buildProgram(nounOf(argv), io, state);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return state.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usageExit(error, io, json, helpOf(program, argv));
  }
}

/** The whole program with every noun loaded: for the manual. @public used by tools/docs/cli.mjs */
export async function wholeProgram(io: Io): Promise<Command> {
  return buildProgram(undefined, io, { exitCode: 0 }, true);
}

async function buildProgram(
  wanted: string | undefined,
  io: Io,
  state: { exitCode: number },
  all = false,
): Promise<Command> {
  const program = new Command('iotw')
    .description('Runs, uses and checks a Proof-of-Assignment network.')
    .version(version(), '-V, --version', 'print the version')
    .usage('<noun> <verb> [options]')
    .option('--json', 'answer as one JSON value')
    .option('--api <url>', `API server of the node (default: ${DEFAULT_API}, or IOTW_API)`)
    .option('--data <dir>', 'data directory of the node')
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ helpWidth: BREADTH })
    .configureOutput({
      writeOut: (text) => io.out(text),
      // Wrong usage is printed once, by usageExit.
      writeErr: () => {},
      getOutHelpWidth: () => BREADTH,
      getErrHelpWidth: () => BREADTH,
    });
  program.addHelpText('after', '\nEvery noun and verb explains itself: iotw wallet create --help');
  const run = runner(program, io, state);
  for (const noun of NOUNS) {
    const command = program
      .command(noun.name)
      .summary(noun.summary)
      .description(noun.summary)
      .helpCommand(false);
    if (all || noun.name === wanted) (await noun.load()).addCommands(command, run);
    // Never run: it only stands in the help and in suggestions.
    else command.action(() => {});
  }
  return program;
}

/** First word that is neither an option nor an option's value. */
function nounOf(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('-')) return word;
    if (VALUE_OPTIONS.includes(word)) i++;
  }
  return undefined;
}

function runner(program: Command, io: Io, state: { exitCode: number }): Runner {
  return async (command, work) => {
    const given = { ...program.opts(), ...command.opts() } as { json?: boolean; api?: string; data?: string };
    const json = given.json === true;
    const context: CommandContext = {
      io,
      json,
      api: given.api ?? io.env.IOTW_API ?? DEFAULT_API,
      data: given.data,
    };
    const result = await work(context);
    if (!result.ok) {
      printProblem(io, json, result.error);
      state.exitCode = result.error.code === 'interrupted' ? EXIT.interrupted : EXIT.failure;
      return;
    }
    if (result.value !== undefined) state.exitCode = printAnswer(io, json, result.value);
  };
}

/** The most special help for what was typed: `iotw tx list --help`, or of the noun alone, or of all. */
function helpOf(program: Command, argv: readonly string[]): string {
  const words = ['iotw'];
  let command = program;
  for (const word of argv) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) continue;
    words.push(word);
    command = next;
  }
  return [...words, '--help'].join(' ');
}

function usageExit(error: CommanderError, io: Io, json: boolean, help: string): number {
  if (error.exitCode === 0) return EXIT.ok;
  const text = error.code === 'commander.help' ? 'A verb is missing.' : error.message;
  const failure: Failure = {
    code: 'command-usage',
    message: `${text.replace(/^error: /, '').replace('\n', ' ')}${text.endsWith('.') ? '' : '.'} See ${help}.`,
  };
  printProblem(io, json, failure);
  return EXIT.usage;
}
