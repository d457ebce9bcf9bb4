// npm run firmware [-- COMMAND [OPTIONS]]: without a command everything that run.mjs does.
const [command, ...words] = process.argv.slice(2);

/** @type {Record<string, () => Promise<unknown>>} */
const COMMANDS = {
  'end-to-end': async () => (await import('./end-to-end-command.mjs')).endToEndCommand(words),
  figures: async () => (await import('./figures-page.mjs')).figuresCommand(words),
  hostile: async () => (await import('./hostile.mjs')).hostileCommand(words),
  soak: async () => (await import('./soak.mjs')).soakCommand(words),
};

try {
  if (command === undefined) await import('./run.mjs');
  else if (Object.hasOwn(COMMANDS, command)) await COMMANDS[command]();
  else throw new Error(`no command is called ${command}: ${Object.keys(COMMANDS).join(', ')}`);
} catch (error) {
  console.log(`FAILED ${error.message}`);
  process.exitCode = 1;
}
