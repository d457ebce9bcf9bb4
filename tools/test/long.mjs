// npm run test:long: the suites that take minutes to hours, one line each as in tools/test/run.mjs.
// Their results are kept in docs/results/ with commit, hardware and date.
import { runSteps } from './steps.mjs';

/** @type {import('./steps.mjs').Step[]} */
const STEPS = [
  {
    name: 'beacon',
    command: ['packages/simulator/dist/beacon/beacon-main.js', '--epochs', '1000'],
    counted: 'last-line',
  },
  {
    name: 'beacon-drills',
    command: ['packages/simulator/dist/beacon/beacon-main.js', '--epochs', '1000', '--corrupt', '2'],
    counted: 'last-line',
  },
  {
    name: 'durability',
    command: [
      'bench/dist/durability.js',
      '--kills',
      '200',
      '--failpoints',
      'all',
      '--full-disk',
      '--result',
      'docs/results',
    ],
    counted: 'last-line',
  },
  {
    name: 'verify',
    command: ['bench/dist/verify-run.js', '--blocks', '10000'],
    counted: 'last-line',
  },
  {
    name: 'fairness',
    command: ['bench/dist/fairness.js', '--result', 'docs/results'],
    counted: 'one',
  },
  // Every page of the app in each theme at each size, and in the other language.
  { name: 'web', command: ['tools/web/main.mjs', '--every-look'], counted: 'last-line' },
  {
    name: 'planted',
    command: ['packages/simulator/dist/planted.js', '--check', 'docs/planted-bugs.md'],
    counted: 'last-line',
  },
  // Devices in C on four instruction sets join a devnet, mine, witness and are paid.
  {
    name: 'firmware',
    command: ['firmware/tools/main.mjs', 'end-to-end', '--result', 'docs/results'],
    counted: 'last-line',
  },
  // The same four against a broker that lies, breaks off and says nothing, and without power.
  {
    name: 'firmware-hostile',
    command: ['firmware/tools/main.mjs', 'hostile'],
    counted: 'last-line',
  },
  // An hour of the Cortex-M3's image at more than one assignment a second.
  {
    name: 'firmware-soak',
    command: ['firmware/tools/main.mjs', 'soak', '--result', 'docs/results'],
    counted: 'last-line',
  },
  // A mesh of processes under faults, one site at a time, while a bank works at it; needs CometBFT, and root for all kinds.
  {
    name: 'perturbations',
    command: ['bench/dist/perturbations.js', '--count', '120', '--result', 'docs/results'],
    counted: 'last-line',
  },
  // The device's codec and parsers: 10 million executions by own mutations, as many by libFuzzer where there is clang; planted bugs.
  {
    name: 'firmware-fuzz',
    command: ['firmware/tools/fuzz.mjs', '--executions', '10000000', '--result', 'docs/results'],
    counted: 'last-line',
  },
  {
    name: 'beacon-processes',
    command: ['bench/dist/beacon-run.js', '--epochs', '200'],
    counted: 'last-line',
  },
  // Four ledger servers on CometBFT as processes, killed at every point; needs CometBFT (iotw doctor).
  {
    name: 'mesh',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.long.config.ts'],
    counted: 'vitest',
  },
];

await runSteps(STEPS);
