// npm test: every step below, in this order, those marked `beside` under the ones after them. A step more is a line
// more: name, arguments of node, how it is counted (tools/test/steps.mjs). `npm test -- lint tidy` runs only the named steps.
import { installCometBft } from '../cometbft/install.mjs';
import { installChromium } from './chromium.mjs';
import { runSteps } from './steps.mjs';

const STEPS = [
  { name: 'lint', command: ['node_modules/@biomejs/biome/bin/biome', 'lint'], counted: 'one' },
  { name: 'format', command: ['node_modules/@biomejs/biome/bin/biome', 'format'], counted: 'one' },
  { name: 'types', command: ['node_modules/typescript/bin/tsc', '-b'], counted: 'one' },
  { name: 'web types', command: ['node_modules/typescript/bin/tsc', '-p', 'packages/web'], counted: 'one' },
  {
    name: 'web build',
    command: ['node_modules/vite/bin/vite.js', 'build', 'packages/web', '--logLevel', 'warn'],
    counted: 'one',
  },
  {
    name: 'signer build',
    command: [
      'node_modules/vite/bin/vite.js',
      'build',
      'packages/web',
      '--config',
      'packages/web/vite.signer.config.ts',
      '--logLevel',
      'warn',
    ],
    counted: 'one',
  },
  { name: 'tidy', command: ['tools/tidy/run.mjs'], counted: 'one' },
  // 500 seeds of a whole network with adversaries; reads the build that the step `types` made.
  {
    name: 'simulation',
    command: ['packages/simulator/dist/main.js', '--seeds', '1..500', '--workers', '2'],
    counted: 'last-line',
    beside: true,
  },
  // Of the planted bugs one for each invariant, looked for until it is caught; test:long looks for all.
  {
    name: 'planted',
    command: ['packages/simulator/dist/planted.js', '--check', 'docs/planted-bugs.md', '--first-of-each'],
    counted: 'last-line',
    beside: true,
  },
  { name: 'vitest', command: ['node_modules/vitest/vitest.mjs', 'run'], counted: 'vitest' },
  // Every page and flow of the app against a running network, in a real browser where there is one; else it says what it skipped.
  { name: 'web', command: ['tools/web/main.mjs'], counted: 'last-line' },
  // The device's images: vectors on three emulated chips, sizes against their ceilings. What is missing is said and skipped.
  { name: 'firmware', command: ['firmware/tools/run.mjs'], counted: 'last-line' },
  // A node under load: 20 kills, every failpoint once, a full store and a full disk.
  {
    name: 'durability',
    command: ['bench/dist/durability.js', '--kills', '20', '--failpoints', 'each', '--full-disk'],
    counted: 'last-line',
  },
  // Four sites of real processes, perturbed ten times under load; full disks belong to the step before and to test:long. Without
  // CometBFT it says what it skipped.
  {
    name: 'perturbations',
    command: [
      'bench/dist/perturbations.js',
      '--count',
      '10',
      '--kinds',
      'kill,kill-cometbft,kill-trust-node,pause,restart,partition,disconnect',
    ],
    counted: 'last-line',
  },
];

const only = process.argv.slice(2);
if (only.length === 0 || only.includes('web')) installChromium();
if (only.length === 0 || only.includes('vitest') || only.includes('perturbations')) installCometBft();
await runSteps(STEPS, only);
