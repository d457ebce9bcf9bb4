import { describe, expect, it } from 'vitest';
import { findingsOf, LINE_LIMIT } from '../tidy/bans.mjs';
import {
  completed,
  entriesWithHost,
  lockfileFindings,
  missingOptional,
  platformOf,
} from '../tidy/lockfile.mjs';

const PURE = 'packages/ledger/src/apply.ts';
const home = ['', 'home', 'someone'].join('/');
const note = ['TO', 'DO'].join('');

const BANNED: [what: string, path: string, text: string, message: RegExp][] = [
  ['the clock', PURE, 'const t = Date.now();', /timeMs/],
  ['a new Date', 'packages/simulator/src/world.ts', 'const t = new Date();', /timeMs/],
  ['chance', PURE, 'const r = Math.random();', /seeded generator/],
  ['a timer', 'packages/nodes/src/device.ts', 'setTimeout(() => 1, 5);', /effect/],
  ['an interval', 'packages/nodes/src/device.ts', 'setInterval(step, 5);', /effect/],
  ['the environment', PURE, 'const p = process.env.PORT;', /cli/],
  ['a stopwatch', PURE, 'const t = performance.now();', /bench/],
  ['platform randomness', PURE, 'crypto.getRandomValues(b);', /kernel\/src\/crypto/],
  ['an async machine', 'packages/nodes/src/device.ts', 'export async function step() {}', /synchronous/],
  ['a barrel', 'packages/api/src/index.ts', '', /barrel/],
  ['a drawer', 'packages/api/src/string-utils.ts', '', /one job/],
  ['a drawer by another name', 'packages/api/src/helpers.ts', '', /one job/],
  ['a third drawer', 'packages/api/src/common.ts', '', /one job/],
  ['a long file', PURE, '\n'.repeat(LINE_LIMIT + 1), /split it/],
  ['a focused test', 'packages/api/src/a.test.ts', "it.only('x', () => {});", /every test runs/],
  ['a skipped suite', 'packages/api/src/a.test.ts', "describe.skip('x', () => {});", /every test runs/],
  ['a skipped table', 'packages/api/src/a.test.ts', "it.skip.each([1])('x', () => {});", /every test runs/],
  ['a note to self', 'docs/house.md', `${note}: later`, /open an issue/],
  ['a path of one machine', 'docs/house.md', `cd ${home}/iotw`, /relative/],
  ['a way into another package', PURE, "import { ok } from '../../kernel/src/result.js';", /@iotw/],
  ['its own name', PURE, "import { a } from '@iotw/ledger/state';", /relative/],
];

const FREE: [what: string, path: string, text: string][] = [
  [
    'the clock in an adapter',
    'packages/adapters/src/mqtt/broker.ts',
    'const t = Date.now(); setTimeout(f, 1);',
  ],
  ['the clock in a test', 'packages/ledger/src/apply.test.ts', 'const t = Date.now();'],
  ['a banned name in a comment', PURE, '// never Date.now() or setTimeout()\nexport const a = 1;'],
  ['a banned name in a string', PURE, "export const a = 'Math.random() and process.env';"],
  ['a field that is called so', PURE, 'export const a = (b: { Date: number }) => b.Date;'],
  [
    'platform randomness in native crypto',
    'packages/kernel/src/crypto/random.ts',
    'crypto.getRandomValues(b);',
  ],
  ['a conditional skip', 'packages/api/src/a.test.ts', "it.skipIf(!linux)('x', () => {});"],
  ['a web address', 'docs/house.md', 'https://example.org/home/x and a/root/b'],
  ['a long test', 'packages/ledger/src/a.test.ts', '\n'.repeat(2 * LINE_LIMIT)],
];

describe("the house's bans", () => {
  it.each(BANNED)('find %s and name the replacement', (_, path, text, message) => {
    const findings = findingsOf(path, text);
    expect(findings.map((finding) => finding.message).join('\n')).toMatch(message);
  });

  it.each(FREE)('let pass %s', (_, path, text) => {
    expect(findingsOf(path, text)).toEqual([]);
  });

  it('say the line', () => {
    expect(findingsOf(PURE, 'const a = 1;\n\nconst t = Date.now();')).toMatchObject([
      { path: PURE, line: 3 },
    ]);
  });
});

describe('the lockfile', () => {
  const host = ['https:', '', 'registry.example', 'a.tgz'].join('/');
  const lock = {
    packages: {
      'node_modules/a': {
        version: '1.0.0',
        resolved: host,
        dev: true,
        optionalDependencies: { '@b/linux-x64-musl': '1.0.0' },
      },
      'node_modules/@iotw/kernel': { resolved: 'packages/kernel', link: true },
    },
  };

  it('finds a registry and a missing platform package', () => {
    expect(entriesWithHost(lock)).toEqual(['node_modules/a']);
    expect(missingOptional(lock)).toEqual([{ name: '@b/linux-x64-musl', version: '1.0.0', dev: true }]);
    expect(lockfileFindings(lock)).toHaveLength(2);
  });

  it('is completed for every platform', () => {
    const mended = completed(lock);
    expect(missingOptional(mended)).toEqual([]);
    expect(mended.packages['node_modules/@b/linux-x64-musl']).toEqual({
      version: '1.0.0',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    });
  });

  it.each([
    ['@x/cli-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@x/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@x/binding-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
    ['@x/fsevents', undefined],
  ])('reads the platform of %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
