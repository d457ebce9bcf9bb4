// Writes docs/cli.md from the commands themselves:
//   npm run build && node tools/docs/cli.mjs
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../tidy/files.mjs';

/** The page, from the root. */
export const CLI_PAGE = 'docs/cli.md';

const INTRODUCTION = `# The command line

\`iotw <noun> <verb>\`; from a checkout after \`npm ci && npm run build\`: \`npx iotw\`. This page is made
from the commands by \`node tools/docs/cli.mjs\`; a test fails when it is old.

- Results go to stdout, everything else to stderr. \`--json\` gives one JSON value; a failure is then
  \`{"error":{"code","message","data"}}\`. Codes: [errors.md](errors.md).
- Exit codes: 0 done, 1 an expected failure (its code and mend are printed), 2 wrong usage, 130
  interrupted. \`devnet\` and \`node\` run until Ctrl-C or SIGTERM, stop in order and end with 0; a
  second Ctrl-C ends them at once.
- Amounts are IOTW with a point and at most six decimals. Passwords and words come from a hidden
  prompt or a file, never from the command line. \`NO_COLOR\` is respected.
- The API server is \`--api URL\`, else the variable \`IOTW_API\`, else \`http://127.0.0.1:8787\`.
`;

/**
 * The page's text.
 * @param {{commands: readonly any[]}} program commander's, every noun loaded
 * @param {(words: string[]) => Promise<string>} help what `iotw <words> --help` prints
 * @returns {Promise<string>}
 */
export async function cliPage(program, help) {
  const parts = [INTRODUCTION];
  for (const noun of program.commands) {
    parts.push(`## ${noun.name()}\n\n${sentence(noun.summary())}\n`);
    // One that has options of its own is a command, too.
    const itself = noun.commands.length === 0 || noun.options.length > 0;
    const verbs = [...(itself ? [noun] : []), ...noun.commands];
    for (const verb of verbs) {
      const words = verb === noun ? [noun.name()] : [noun.name(), verb.name()];
      if (verb !== noun) parts.push(`### ${words.join(' ')}\n`);
      parts.push(`\`\`\`text\n${(await help(words)).trimEnd()}\n\`\`\`\n`);
    }
  }
  return parts.join('\n');
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { run, wholeProgram } = await import(`${ROOT}packages/cli/dist/program.js`);
  const io = (out) => ({
    out,
    err: () => {},
    env: {},
    color: false,
    stopRequested: () => new Promise(() => {}),
  });
  const help = async (words) => {
    let text = '';
    await run(
      [...words, '--help'],
      io((more) => {
        text += more;
      }),
    );
    return text;
  };
  writeFileSync(ROOT + CLI_PAGE, await cliPage(await wholeProgram(io(() => {})), help));
}
