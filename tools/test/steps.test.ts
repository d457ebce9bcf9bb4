import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../tidy/files.mjs';
import {
  countOfLastLine,
  countOfVitest,
  failuresOfOutput,
  failuresOfVitest,
  lastLine,
  settle,
} from './steps.mjs';

describe('counting a step', () => {
  it.each([
    ['a\n3 passed, 0 failed\n', { passed: 3, failed: 0, skipped: 0 }],
    ['3 passed, 1 failed, 2 skipped', { passed: 3, failed: 1, skipped: 2 }],
    ['3 passed, 0 failed\nand more', undefined],
    ['', undefined],
    ['x 3 passed, 0 failed', undefined],
  ])('reads the last line of %j', (output, count) => {
    expect(countOfLastLine(output)).toEqual(count);
  });

  it('counts a test file that did not load as one failure', () => {
    const file = (status: string, ...tests: string[]) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    });
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [file('passed', 'passed'), file('failed', 'passed', 'failed'), file('failed')],
    };
    expect(countOfVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 2 });
  });

  it('names what failed: test, file that did not load, line of a command', () => {
    const testResults = [
      {
        name: `${ROOT}/a.test.ts`,
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'adds' },
          { status: 'failed', fullName: 'sum subtracts', failureMessages: ['AssertionError: 1\n  at x'] },
        ],
      },
      { name: `${ROOT}/b.test.ts`, status: 'failed', message: 'no such module\n', assertionResults: [] },
    ];
    expect(failuresOfVitest({ testResults })).toEqual([
      'a.test.ts > sum subtracts: AssertionError: 1',
      'b.test.ts: no such module',
    ]);
    expect(failuresOfOutput('seed 1 ok\nseed 2 FAILED supply\n1 passed, 1 failed', 'a warning\n')).toEqual([
      'seed 2 FAILED supply',
    ]);
    expect(failuresOfOutput('ok a page\n', 'Error: the browser ended\n    at close\n')).toEqual([
      'Error: the browser ended',
      '    at close',
    ]);
    expect(failuresOfOutput('', '')).toEqual([]);
  });

  it.each([
    [{ passed: 2, failed: 0, skipped: 0 }, 0, '2 passed, 0 failed'],
    [{ passed: 2, failed: 0, skipped: 0 }, 1, '2 passed, 1 failed'],
    [{ passed: 2, failed: 3, skipped: 0 }, 1, '2 passed, 3 failed'],
    [{ passed: 0, failed: 0, skipped: 4 }, 0, '0 passed, 1 failed, 4 skipped'],
    [undefined, 0, '0 passed, 1 failed'],
  ])('never lets a failure pass in silence: %j with exit code %i', (count, exitCode, line) => {
    expect(lastLine(settle(count, exitCode))).toBe(line);
  });
});

describe('running steps', () => {
  const runner = new URL('./steps.mjs', import.meta.url).href;
  const says = (line: string, beside = false) => ({
    name: line.split(' ')[0],
    command: ['-e', `console.log('one line'); setTimeout(() => console.log('${line}'), ${beside ? 300 : 0})`],
    counted: 'last-line',
    beside,
  });
  const run = (...steps: object[]) => {
    const script = `import(${JSON.stringify(runner)}).then(({ runSteps }) => runSteps(${JSON.stringify(steps)}, []))`;
    return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  };

  it('tells what a step beside the others printed in one piece, and counts it', () => {
    const { stdout, status } = run(says('1 passed, 0 failed', true), says('2 passed, 0 failed'));
    expect(stdout.replace(/\d+ s\)/g, 'N s)')).toBe(
      [
        '\n== 2\none line\n2 passed, 0 failed',
        '\n== 1\none line\n1 passed, 0 failed',
        '\nok     2: 2 passed, 0 failed (N s)\nok     1: 1 passed, 0 failed (N s)',
        '3 passed, 0 failed\n',
      ].join('\n'),
    );
    expect(status).toBe(0);
  });

  it('fails with a step beside the others', () => {
    const { stdout, status } = run(says('1 passed, 2 failed', true), says('2 passed, 0 failed'));
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('3 passed, 2 failed');
    expect(status).toBe(1);
  });
});
