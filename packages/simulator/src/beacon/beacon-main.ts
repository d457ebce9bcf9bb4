/** `npm run beacon`: the shared key of ledger servers under corrupt members; the last line counts the claims that held. */
import { type BeaconReport, runBeaconDrill } from './beacon-drill.js';

const USAGE = 'npm run beacon -- [--epochs 1000] [--members 7] [--threshold 4] [--corrupt 3] [--seed 1]';

function readArguments(args: readonly string[]): Record<string, number> | undefined {
  const numbers: Record<string, number> = { epochs: 1_000, members: 7, threshold: 4, corrupt: 3, seed: 1 };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]!.replace(/^--/, '');
    const value = args[i + 1] ?? '';
    if (!(name in numbers) || !/^\d{1,6}$/.test(value)) return undefined;
    numbers[name] = Number(value);
  }
  const { members, threshold, corrupt } = numbers as Record<'members' | 'threshold' | 'corrupt', number>;
  const sound = threshold >= 1 && corrupt < threshold && members - corrupt >= threshold && members <= 64;
  return sound ? numbers : undefined;
}

/** What must hold, by name. Chi-square: 15 degrees of freedom, exceeded once in 1,000 by uniform seeds. */
function claims(report: BeaconReport): readonly (readonly [what: string, holds: boolean])[] {
  return [
    ['every seed is the one that the key gives without corruption', report.unique],
    ['seeds are uniform (chi-square below 37.70)', report.chiSquare < 37.7],
    ['no epoch was late while enough honest members ran', report.missed === 0],
    ['the group key outlived every ceremony', report.sameKey],
  ];
}

function main(args: readonly string[]): number {
  const numbers = readArguments(args);
  if (numbers === undefined) {
    console.error(`${USAGE}\nFewer than the threshold are corrupt, and at least the threshold is honest.`);
    return 2;
  }
  const { epochs, members, threshold, corrupt, seed } = numbers as Record<
    'epochs' | 'members' | 'threshold' | 'corrupt' | 'seed',
    number
  >;
  const report = runBeaconDrill({ epochs, members, threshold, corrupt, seed: String(seed) });
  console.log(JSON.stringify({ simulated: true, ...report }));
  const checked = claims(report);
  for (const [what, holds] of checked) console.log(`${holds ? 'ok' : 'FAILED'}  ${what}`);
  const failed = checked.filter(([, holds]) => !holds).length;
  console.log(`\n${checked.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
