import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { NOUNS } from './commands/nouns.js';
import { version, wholeProgram } from './program.js';
import { iotw } from './test-io.js';

describe('wrong usage', () => {
  const table: [words: string, code: number, says: RegExp][] = [
    ['walet', 2, /unknown command 'walet' \(Did you mean wallet\?\)/],
    ['wallet creat', 2, /unknown command 'creat' \(Did you mean create\?\)/],
    ['wallet', 2, /A verb is missing/],
    ['', 2, /A verb is missing/],
    ['send', 2, /missing required argument 'to'/],
    ['send a', 2, /missing required argument 'amount'/],
    ['send a 1 b', 2, /too many arguments/],
    ['send a 1 --wait soon', 2, /It must be one of accepted, certified, final/],
    ['account show x --colour', 2, /unknown option '--colour'/],
    ['account history x --limit 0', 2, /integer of 1 to 100000/],
    ['account history x --limit 1e3', 2, /integer of 1 to 100000/],
    ['devnet --rate 0', 2, /number above 0/],
    ['devnet --rate -1', 2, /number above 0/],
    ['node', 2, /required option '--config <file>' not specified/],
    ['maker batch', 2, /required option '--maker <n>' not specified/],
  ];
  for (const [words, code, says] of table) {
    it(`iotw ${words}`, async () => {
      const ran = await iotw(words.split(' ').filter(Boolean));
      expect(ran.err).toMatch(says);
      expect(ran.out).toBe('');
      expect(ran.code).toBe(code);
    });
  }

  it('with --json it is one object on stdout', async () => {
    const ran = await iotw(['walet', '--json']);
    expect(ran.err).toBe('');
    expect(JSON.parse(ran.out)).toEqual({
      error: {
        code: 'command-usage',
        message: "unknown command 'walet' (Did you mean wallet?). See iotw --help.",
      },
    });
    expect(ran.code).toBe(2);
  });
});

describe('help', () => {
  it('names every noun without loading one', async () => {
    const { code, out } = await iotw(['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of NOUNS)
      expect(out).toMatch(new RegExp(`\n  ${name} +${literally(summary)}\n`));
  });

  it('every command explains itself with an example that parses', async () => {
    const program = await wholeProgram(silent);
    const leaves = program.commands.flatMap((noun) =>
      noun.commands.length > 0 ? [...noun.commands] : [noun],
    );
    expect(leaves.length).toBeGreaterThan(25);
    for (const leaf of leaves) {
      const words = wordsOf(leaf);
      const { code, out } = await iotw([...words, '--help']);
      expect(code, words.join(' ')).toBe(0);
      const examples = [...out.matchAll(/^ {2}\$ (.*)$/gm)].map((match) => match[1]!);
      expect(examples.length, words.join(' ')).toBeGreaterThan(0);
      for (const example of examples)
        expect(example.startsWith(`iotw ${words.join(' ')}`), example).toBe(true);
      for (const example of examples) {
        for (const flag of example.split(' && ')[0]!.match(/--[a-z-]+/g) ?? []) {
          expect(out, `${example}: ${flag}`).toContain(flag);
        }
      }
    }
  });

  it('--version is the package', async () => {
    expect(await iotw(['--version'])).toEqual({ code: 0, out: `${version()}\n`, err: '' });
    expect(version()).toMatch(/^\d+\.\d+\.\d+$/);
    const { code, out } = await iotw(['--version', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, { version: version(), protocolVersions: [1] }]);
  });
});

describe('options before the noun', () => {
  it('--json and --api count for the command', async () => {
    const ran = await iotw(['--json', '--api', 'ftp://x', 'account', 'show', '1']);
    expect(JSON.parse(ran.out).error.code).toBe('client-url');
    expect(ran.code).toBe(1);
  });

  it('IOTW_API is the default', async () => {
    const ran = await iotw(['account', 'show', '1', '--json'], { IOTW_API: 'gopher://x' });
    expect(JSON.parse(ran.out).error.message).toContain('gopher');
  });
});

const silent = {
  out: () => {},
  err: () => {},
  outIsTerminal: false,
  errIsTerminal: false,
  inIsTerminal: false,
  color: false,
  env: {},
  stopRequested: () => new Promise<void>(() => {}),
};

function wordsOf(command: Command): string[] {
  const { parent } = command;
  return parent?.parent == null ? [command.name()] : [...wordsOf(parent), command.name()];
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
