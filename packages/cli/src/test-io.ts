/** One command line run in this process with its streams caught, for tests. */
import type { Io } from './output/print.js';
import { run } from './program.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `iotw` with these words; no terminal anywhere. `env` replaces the environment. */
export async function iotw(
  words: readonly string[],
  env: Io['env'] = {},
  stop?: Promise<void>,
): Promise<Ran> {
  const said = { out: '', err: '' };
  const code = await run(words, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    color: false,
    env,
    stopRequested: () => stop ?? new Promise(() => {}),
  });
  return { code, ...said };
}

/** The one JSON value of a `--json` run. */
export async function iotwJson(
  words: readonly string[],
  env: Io['env'] = {},
): Promise<{ code: number; value: Record<string, unknown> }> {
  const { code, out } = await iotw([...words, '--json'], env);
  return { code, value: JSON.parse(out) };
}
