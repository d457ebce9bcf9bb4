/**
 * Looks for every planted bug: runs seeds of a small network with it until an invariant catches it. The last
 * line counts; `--write FILE` keeps the list, `--check FILE` compares it by names and catches.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { LEDGER_MUTATIONS } from './plants/ledger-mutations.js';
import type { Mutation } from './plants/mutation.js';
import { PLANTS } from './plants/plants.js';
import { WITNESS_MUTATIONS } from './plants/witness-mutations.js';

const MUTATIONS: readonly Mutation[] = [...WITNESS_MUTATIONS, ...LEDGER_MUTATIONS];
const SIZE = { epochs: 4, devices: 30, transactions: 300, trustNodes: 4, ledgerServers: 4 };
/** Seeds a bug is looked for with, and the share of bugs that must be caught. */
const SEEDS = 30;
const LEAST_CAUGHT = 0.95;
const WORKERS = 2;

interface Catch {
  readonly name: string;
  /** undefined: went by. */
  readonly seed: number | undefined;
  readonly invariant: string;
  readonly message: string;
}

/** A process of its own for one bug: what is loaded wrong stays wrong. */
async function look(name: string): Promise<Catch> {
  const mutation = MUTATIONS.find((known) => known.name === name);
  const plant = PLANTS.find((known) => known.name === name);
  if (mutation !== undefined) register('./plants/mutate-hook.js', import.meta.url, { data: mutation });
  const { Simulation } = await import('./simulation.js');
  for (let seed = 1; seed <= SEEDS; seed++) {
    const adversary = mutation?.adversary ?? 'mix';
    const options = { ...SIZE, seed, adversary, ...(plant === undefined ? {} : { plant }) };
    const { violation } = new Simulation(options).run();
    if (violation !== undefined) return { name, seed, ...violation };
  }
  return { name, seed: undefined, invariant: '', message: '' };
}

async function lookForAll(names: readonly string[]): Promise<Catch[]> {
  const caught = new Map<string, Catch>();
  const left = [...names];
  const worker = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const current = name;
      const found = await new Promise<Catch>((resolve, reject) => {
        const child = fork(fileURLToPath(import.meta.url), ['--look', current]);
        let heard: Catch | undefined;
        child.on('message', (message: Catch) => {
          heard = message;
        });
        child.on('exit', (code) =>
          heard === undefined ? reject(new Error(`${current} ended with ${code}`)) : resolve(heard),
        );
      });
      const end = found.seed === undefined ? 'WENT BY' : `${found.invariant}, seed ${found.seed}`;
      console.log(`${current}: ${end}`);
      caught.set(current, found);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return names.map((name) => caught.get(name)!);
}

function page(catches: readonly Catch[]): string {
  const bugs = new Map([
    ...PLANTS.map(({ name, bug }) => [name, { bug, file: '' }] as const),
    ...MUTATIONS.map(({ name, bug, file }) => [name, { bug, file }] as const),
  ]);
  const caught = catches.filter(({ seed }) => seed !== undefined).length;
  const rows = catches.map(({ name, seed, invariant }) => {
    const { bug, file } = bugs.get(name)!;
    const by = seed === undefined ? 'nothing' : invariant;
    return `| ${name} | ${bug} | ${file === '' ? 'behaviour' : file} | ${by} | ${seed ?? '-'} |`;
  });
  return `# Planted bugs

Bugs planted on purpose, to see that the rules the simulator checks catch them. Most replace one stretch of the
network's own compiled code as it is loaded; the rest change what a node does at a seam of the simulator. Each is
looked for with up to ${SEEDS} seeds of a network of ${SIZE.trustNodes} trust nodes, ${SIZE.ledgerServers} ledger servers, ${SIZE.devices} devices and
${SIZE.transactions} transactions over ${SIZE.epochs} epochs, with faults and adversaries. The invariants read the rules once more
from the spec (packages/simulator/src/reference) and share no code with what they check.

Caught: ${caught} of ${catches.length}. Written by \`npm run planted -- --write docs/planted-bugs.md\`;
\`npm test -- planted\` looks again.

| bug | what is wrong | where | caught by | seed |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--look') {
    process.send!(await look(args[1]!), () => process.disconnect());
    return;
  }
  const all = [...PLANTS, ...MUTATIONS].map(({ name }) => name);
  const only = args[0] === '--only' ? args[1]!.split(',') : all;
  const catches = await lookForAll(only);
  const missed = catches.filter(({ seed }) => seed === undefined);
  for (const { name } of missed) console.log(`no seed caught ${name}`);
  const [option, file] = args;
  if (option === '--write') writeFileSync(file!, page(catches));
  let stale = 0;
  if (option === '--check' && readFileSync(file!, 'utf8') !== page(catches)) {
    stale = 1;
    console.log(`${file} is out of date: npm run planted -- --write ${file}`);
  }
  const caught = catches.length - missed.length;
  const enough = caught >= LEAST_CAUGHT * catches.length;
  console.log(`\n${caught} passed, ${(enough ? 0 : missed.length) + stale} failed`);
  process.exitCode = enough && stale === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
