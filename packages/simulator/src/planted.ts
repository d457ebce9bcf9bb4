/**
 * Looks for every planted bug: runs seeds of a small network with it until an invariant catches it. The last
 * line counts; `--write FILE` keeps the list, `--check FILE` fails where the list names other bugs than there are, a bug
 * has lost its place in the code, or too few are caught. Which seed catches a bug may change with the protocol: the
 * list's is only tried first.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ALL_MUTATIONS } from './plants/all-mutations.js';
import { type Catch, hintsOf, LEAST_CAUGHT, namesListed, pageOf, SEEDS, SIZE } from './plants/list-page.js';
import { PLANTS } from './plants/plants.js';

const WORKERS = 2;

/** A process of its own for one bug: what is loaded wrong stays wrong. `first`: the seed to begin with. */
async function look(name: string, first: number): Promise<Catch> {
  const mutation = ALL_MUTATIONS.find((known) => known.name === name);
  const plant = PLANTS.find((known) => known.name === name);
  if (mutation !== undefined) register('./plants/mutate-hook.js', import.meta.url, { data: mutation });
  const { Simulation } = await import('./simulation.js');
  const seeds = [first, ...Array.from({ length: SEEDS }, (_, i) => i + 1).filter((seed) => seed !== first)];
  for (const seed of seeds) {
    const adversary = mutation?.adversary ?? 'mix';
    const more = plant === undefined ? {} : { plant };
    const { violation } = new Simulation({ ...SIZE, seed, adversary, ...mutation?.options, ...more }).run();
    if (violation !== undefined) return { name, seed, ...violation };
  }
  return { name, seed: undefined, invariant: '', message: '' };
}

/** Catches by name; undefined: the bug could not be planted. */
async function lookForAll(
  names: readonly string[],
  hints: ReadonlyMap<string, number>,
): Promise<Map<string, Catch | undefined>> {
  const caught = new Map<string, Catch | undefined>();
  const left = [...names];
  const worker = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const current = name;
      const found = await new Promise<Catch | undefined>((resolve) => {
        const hint = String(hints.get(current) ?? 1);
        const child = fork(fileURLToPath(import.meta.url), ['--look', current, hint]);
        let heard: Catch | undefined;
        child.on('message', (message: Catch) => {
          heard = message;
        });
        child.on('exit', () => resolve(heard));
      });
      const end = found?.seed === undefined ? 'WENT BY' : `${found.invariant}, seed ${found.seed}`;
      console.log(`${current}: ${found === undefined ? 'COULD NOT BE PLANTED' : end}`);
      caught.set(current, found);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return caught;
}

async function main(args: readonly string[]): Promise<void> {
  const [option, value] = args;
  if (option === '--look') {
    process.send!(await look(value!, Number(args[2])), () => process.disconnect());
    return;
  }
  const all = [...PLANTS, ...ALL_MUTATIONS].map(({ name }) => name);
  const names = option === '--only' ? value!.split(',') : all;
  const listed = option === '--check' ? readFileSync(value!, 'utf8') : '';
  const found = await lookForAll(names, hintsOf(listed));
  const broken = names.filter((name) => found.get(name) === undefined);
  const catches = names.flatMap((name) => found.get(name) ?? []);
  const missed = catches.filter(({ seed }) => seed === undefined);
  for (const { name } of missed) console.log(`no seed caught ${name}`);
  if (option === '--write' && broken.length === 0) writeFileSync(value!, pageOf(catches));
  let stale = 0;
  if (option === '--check' && namesListed(listed).join() !== all.join()) {
    stale = 1;
    console.log(`${value} lists other bugs: npm run planted -- --write ${value}`);
  }
  const caught = catches.length - missed.length;
  const enough = caught >= LEAST_CAUGHT * names.length;
  const failed = (enough ? 0 : missed.length) + broken.length + stale;
  console.log(`\n${caught} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
