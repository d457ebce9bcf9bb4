import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import house from '../../.dependency-cruiser.mjs';
import { ROOT } from '../tidy/files.mjs';

/** A file of a made-up repository that breaks one rule. */
const BROKEN: [rule: string, path: string, text: string][] = [
  [
    'order-kernel',
    'packages/kernel/src/a.ts',
    "import { leaf } from '@iotw/protocol/leaf'; export const a = leaf;",
  ],
  [
    'order-protocol',
    'packages/protocol/src/a.ts',
    "import { leaf } from '@iotw/ledger/leaf'; export const a = leaf;",
  ],
  [
    'order-ledger',
    'packages/ledger/src/a.ts',
    "import { leaf } from '@iotw/nodes/leaf'; export const a = leaf;",
  ],
  [
    'order-assignment',
    'packages/assignment/src/a.ts',
    "import { leaf } from '@iotw/ledger/leaf'; export const a = leaf;",
  ],
  [
    'order-nodes',
    'packages/nodes/src/a.ts',
    "import { leaf } from '@iotw/adapters/leaf'; export const a = leaf;",
  ],
  [
    'order-simulator',
    'packages/simulator/src/a.ts',
    "import { leaf } from '@iotw/adapters/leaf'; export const a = leaf;",
  ],
  [
    'order-adapters',
    'packages/adapters/src/a.ts',
    "import { leaf } from '@iotw/api/leaf'; export const a = leaf;",
  ],
  [
    'order-micro-miner',
    'packages/micro-miner/src/a.ts',
    "import { leaf } from '@iotw/ledger/leaf'; export const a = leaf;",
  ],
  [
    'order-sdk',
    'packages/sdk/src/a.ts',
    "import type { Leaf } from '@iotw/nodes/leaf'; export type A = Leaf;",
  ],
  [
    'order-runtime',
    'packages/runtime/src/a.ts',
    "import { leaf } from '@iotw/cli/leaf'; export const a = leaf;",
  ],
  ['order-web', 'packages/web/src/a.ts', "import { leaf } from '@iotw/api/leaf'; export const a = leaf;"],
  ['order-api', 'packages/api/src/a.ts', "import { leaf } from '@iotw/cli/leaf'; export const a = leaf;"],
  ['no-cycle', 'packages/kernel/src/b.ts', "import { c } from './c.js'; export const b = () => c;"],
  [
    'pure-core-no-node',
    'packages/nodes/src/b.ts',
    "import { readFileSync } from 'node:fs'; export const b = readFileSync;",
  ],
  [
    'sdk-no-node',
    'packages/sdk/src/b.ts',
    "import { readFileSync } from 'node:fs'; export const b = readFileSync;",
  ],
  ['native-crypto-in-kernel', 'packages/api/src/b.ts', "import s from 'sodium-native'; export const b = s;"],
  [
    'adapters-apart',
    'packages/adapters/src/mqtt/b.ts',
    "import { b } from '../store/b.js'; export const m = b;",
  ],
  ['no-test-in-product', 'packages/api/src/c.ts', "import { t } from './t.test.js'; export const c = t;"],
  [
    'no-dev-dependency-in-product',
    'packages/api/src/d.ts',
    "import fc from 'fast-check'; export const d = fc;",
  ],
  [
    'nothing-stands-on-tools',
    'packages/cli/src/b.ts',
    "import { x } from '../../../tools/x.mjs'; export const b = x;",
  ],
  [
    'examples-stand-alone',
    'examples/device.mjs',
    "import { leaf } from '@iotw/kernel/leaf'; export const d = leaf;",
  ],
  ['resolvable', 'packages/api/src/e.ts', "import { gone } from './gone.js'; export const e = gone;"],
];

/** Files that look alike and break nothing. */
const SOUND: [path: string, text: string][] = [
  ['packages/kernel/src/c.ts', "import { b } from './b.js'; export const c = () => b;"],
  [
    'packages/kernel/src/crypto/sign.ts',
    "import s from 'sodium-native'; import { hash } from 'node:crypto'; export const c = [s, hash];",
  ],
  [
    'packages/nodes/src/machine.test.ts',
    "import { readFileSync } from 'node:fs'; export const t = readFileSync;",
  ],
  ['packages/nodes/src/machine.ts', "import { leaf } from '@iotw/ledger/leaf'; export const m = leaf;"],
  [
    'packages/adapters/src/store/b.ts',
    "import { readFileSync } from 'node:fs'; export const b = readFileSync;",
  ],
  ['packages/adapters/src/mqtt/b.test.ts', "import { b } from '../store/b.js'; export const t = b;"],
  ['packages/api/src/t.test.ts', "import fc from 'fast-check'; export const t = fc;"],
  ['tools/x.mjs', 'export const x = 1;'],
];

const PACKAGES = [
  'kernel',
  'protocol',
  'ledger',
  'assignment',
  'nodes',
  'simulator',
  'adapters',
  'micro-miner',
  'sdk',
  'web',
  'api',
  'cli',
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('the import rules', () => {
  let folder: string;
  let violations: Violation[];

  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'iotw-imports-'));
    write(
      'package.json',
      JSON.stringify({
        name: 'x',
        type: 'module',
        workspaces: ['packages/*'],
        devDependencies: { 'fast-check': '*' },
      }),
    );
    mkdirSync(join(folder, 'node_modules/@iotw'), { recursive: true });
    for (const name of PACKAGES) {
      const exports = { './*': { source: './src/*.ts' } };
      const dependencies = { 'sodium-native': '*' };
      write(
        `packages/${name}/package.json`,
        JSON.stringify({ name: `@iotw/${name}`, type: 'module', exports, dependencies }),
      );
      write(`packages/${name}/src/leaf.ts`, 'export const leaf = 1; export type Leaf = number;');
      symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@iotw', name));
    }
    for (const name of ['sodium-native', 'fast-check'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    for (const [, path, text] of BROKEN) write(path, text);
    for (const [path, text] of SOUND) write(path, text);
    const cruise = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = join(ROOT, '.dependency-cruiser.mjs');
    const result = spawnSync(
      process.execPath,
      [cruise, '--config', config, '--output-type', 'json', 'packages', 'tools', 'examples'],
      { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 },
    );
    violations = JSON.parse(result.stdout).summary.violations;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(BROKEN)('%s is found', (rule, path) => {
    expect(
      violations.filter((violation) => violation.from === path).map((violation) => violation.rule.name),
    ).toContain(rule);
  });

  it.each(SOUND.filter(([path]) => !path.endsWith('kernel/src/c.ts')))('%s breaks none', (path) => {
    expect(violations.filter((violation) => violation.from === path)).toEqual([]);
  });

  it('each have a test and a comment that says what to do instead', () => {
    const rules = house.forbidden as { name: string; comment: string }[];
    expect(BROKEN.map(([rule]) => rule).sort()).toEqual(rules.map((rule) => rule.name).sort());
    for (const rule of rules) expect(rule.comment).toMatch(/[:;] .{20,}/);
  });
});
