import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { wholeProgram } from './program.js';
import { iotw } from './test-io.js';

interface Tool {
  readonly CLI_PAGE: string;
  cliPage(program: unknown, help: (words: string[]) => Promise<string>): Promise<string>;
}

const root = new URL('../../../', import.meta.url);

it('docs/cli.md is what the commands say: else run node tools/docs/cli.mjs', async () => {
  const { CLI_PAGE, cliPage } = (await import(new URL('tools/docs/cli.mjs', root).href)) as Tool;
  const silent = { out: () => {}, err: () => {}, outIsTerminal: false, errIsTerminal: false };
  const io = {
    ...silent,
    inIsTerminal: false,
    color: false,
    env: {},
    stopRequested: () => new Promise<void>(() => {}),
  };
  const help = async (words: string[]) => (await iotw([...words, '--help'])).out;
  expect(await cliPage(await wholeProgram(io), help)).toBe(readFileSync(new URL(CLI_PAGE, root), 'utf8'));
});
