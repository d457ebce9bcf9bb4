/**
 * Looks for every planted bug: runs seeds of a small network with it until an invariant catches it. The last
 * line counts; `--write FILE` keeps the list, `--check FILE` fails where the list names other bugs than there are, a bug
 * has lost its place in the code, or too few are caught. Which seed catches a bug may change with the protocol: the
 * list's is only tried first. `--check FILE --first-of-each`: only the first bug that each invariant caught, by the list.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ALL_MUTATIONS } from './plants/all-mutations.js';
import {
  type Catch,
  firstOfEach,
  hintsOf,
  LEAST_CAUGHT,
  namesListed,
  pageOf,
  SEEDS,
  SIZE,
} from './plants/list-page.js';
import { PLANTS } from './plants/plants.js';
import { serveJobs, shareOut } from './worker-pool.js';

const WORKERS = 2;

/** A bug and the seed to begin with. */
interface Search {
  readonly name: string;
  readonly first: number;
}

/** A process of its own for one bug: what is loaded wrong stays wrong. */
async function look({ name, first }: Search): Promise<Catch> {
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
  const module = fileURLToPath(import.meta.url);
  const jobs = names.map((name): Search => ({ name, first: hints.get(name) ?? 1 }));
  await shareOut<Search, Catch>(
    { module, args: ['--look'], workers: WORKERS, jobs, oneJobEach: true },
    ({ name }, found) => {
      const end = found?.seed === undefined ? 'WENT BY' : `${found.invariant}, seed ${found.seed}`;
      console.log(`${name}: ${found === undefined ? 'COULD NOT BE PLANTED' : end}`);
      caught.set(name, found);
    },
  );
  return caught;
}

async function main(args: readonly string[]): Promise<void> {
  const [option, value, which] = args;
  if (option === '--look') {
    serveJobs(look);
    return;
  }
  const all = [...PLANTS, ...ALL_MUTATIONS].map(({ name }) => name);
  const listed = option === '--check' ? readFileSync(value!, 'utf8') : '';
  const some = option === '--only' ? value!.split(',') : which === '--first-of-each' && firstOfEach(listed);
  const names = some || all;
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
