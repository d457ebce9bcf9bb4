/** `npm run sim`: runs seeds and prints what happened; the last line counts them. */
import { fileURLToPath } from 'node:url';
import { type CommandOptions, readArguments } from './options.js';
import { Simulation, type SimulationResult } from './simulation.js';
import { serveJobs, shareOut } from './worker-pool.js';

/** Failures that are printed in full. */
const SHOWN_FAILURES = 10;

function runSeed(options: CommandOptions, seed: number): SimulationResult {
  return new Simulation({
    ...options.size,
    adversary: options.adversary,
    calm: options.calm,
    ...(options.plain ? {} : { scenario: 'drawn' as const }),
    seed,
    ...(options.plant === undefined ? {} : { plant: options.plant }),
    ...(options.trace ? { trace: (line: string) => console.log(line) } : {}),
  }).run();
}

/** Runs the seeds in this process or in several; `each` hears of every result. */
async function runAll(
  options: CommandOptions,
  args: readonly string[],
  each: (result: SimulationResult) => void,
): Promise<void> {
  if (options.workers === 1) {
    for (const seed of options.seeds) each(runSeed(options, seed));
    return;
  }
  const module = fileURLToPath(import.meta.url);
  const { seeds: jobs, workers } = options;
  await shareOut<number, SimulationResult>(
    { module, args: [...args, '--worker'], workers, jobs },
    (_, result) => each(result!),
  );
}

function print(
  options: CommandOptions,
  results: readonly SimulationResult[],
  failed: readonly SimulationResult[],
) {
  const coverage = new Map<string, number>();
  for (const result of results)
    for (const [name, n] of Object.entries(result.coverage))
      coverage.set(name, (coverage.get(name) ?? 0) + n);
  const names = [...coverage.keys()].sort();
  const width = Math.max(...names.map((name) => name.length));
  console.log(`\ncoverage of ${results.length} seeds`);
  for (const name of names) console.log(`  ${name.padEnd(width)} ${coverage.get(name)}`);
  for (const { seed, violation } of failed.slice(0, SHOWN_FAILURES)) {
    const plant = options.plant === undefined ? '' : ` --plant ${options.plant.name}`;
    console.log(
      `\nseed ${seed}: ${violation!.message}\n  again: npm run sim -- --seed ${seed}${plant} --trace`,
    );
  }
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = readArguments(args);
  if (!options.ok) {
    console.error(options.error.message);
    process.exitCode = 2;
    return;
  }
  if (options.value.worker) {
    serveJobs((seed: number) => runSeed(options.value, seed));
    return;
  }
  const results: SimulationResult[] = [];
  await runAll(options.value, args, (result) => {
    results.push(result);
    const end = result.violation === undefined ? 'ok' : `FAILED ${result.violation.invariant}`;
    const { seed, digest, events, simulatedMs } = result;
    console.log(`seed ${seed} ${digest} ${events} events ${simulatedMs} ms ${end}`);
  });
  results.sort((a, b) => a.seed - b.seed);
  const failed = results.filter(({ violation }) => violation !== undefined);
  print(options.value, results, failed);
  process.exitCode = failed.length > 0 || results.length === 0 ? 1 : 0;
}

await main(process.argv.slice(2));
