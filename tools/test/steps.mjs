// Runs a list of test steps one after the other, streams their output, goes on after a failure and
// counts. The last line stands alone: `N passed, N failed`; what was skipped and the names of what
// failed stand above it, for a reader who sees only the end of a long log.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from '../tidy/files.mjs';

/**
 * How a step's tests are counted:
 * - `one`: the step is one test; its exit code decides
 * - `vitest`: from vitest's JSON report; `--reporter` arguments are added to the command
 * - `last-line`: the command's own last line reads `N passed, N failed[, N skipped]`
 * A step whose exit code is nonzero without a failed test counts one failure; so does one without any test.
 * @typedef {'one' | 'vitest' | 'last-line'} Counted
 *
 * @typedef {object} Step
 * @property {string} name one word or two
 * @property {string[]} command arguments of node, paths from the root
 * @property {Counted} counted
 * @property {boolean} [beside] runs at the lowest priority beside the steps that follow, one after the other with its like; what it
 *   prints comes when it has ended. For steps that only compute: their results don't depend on how long they take
 *
 * @typedef {{passed: number, failed: number, skipped: number}} Count
 */

/** Failures of one step whose names are repeated at the end. */
const NAMED_FAILURES = 20;
/** Lines of standard error repeated at the end for a step that named no failure. */
const LAST_WORDS = 12;
/** Characters of a step's output kept to be read at its end. */
const KEPT_OUTPUT = 100_000;
const LOWEST_PRIORITY = ['nice', '-n', '19'];
const LAST_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/**
 * @param {string} output everything a command printed
 * @returns {Count | undefined} undefined when the last line that is not blank is no count
 */
export function countOfLastLine(output) {
  const match = LAST_LINE.exec(output.trimEnd().split('\n').at(-1)?.trim() ?? '');
  return match
    ? { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) }
    : undefined;
}

/**
 * @param {{numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests?: number,
 *   testResults: {status: string, assertionResults: {status: string}[]}[]}} report vitest's JSON report
 * @returns {Count} a file that could not be loaded counts one failure
 */
export function countOfVitest(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

/**
 * The count of a step that ended, never without a trace of a failure.
 * @param {Count | undefined} counted what its own report says
 * @param {number} exitCode
 * @returns {Count}
 */
export function settle(counted, exitCode) {
  const count = counted ?? { passed: 0, failed: 0, skipped: 0 };
  const silent = count.failed === 0 && (exitCode !== 0 || count.passed === 0);
  return silent ? { ...count, failed: 1 } : count;
}

/**
 * @param {{testResults: {name: string, status: string, message?: string,
 *   assertionResults: {status: string, fullName?: string, failureMessages?: string[]}[]}[]}} report vitest's JSON report
 * @returns {string[]} a line for each failed test: file, name, first line of the error
 */
export function failuresOfVitest(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [`${file}: ${firstLine(message)}`];
    return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
  });
}

/**
 * @param {string} output everything a command printed
 * @param {string} errors everything it printed to standard error
 * @returns {string[]} its lines with the word FAILED: what a `last-line` step prints for each failure; of a step that
 *   broke without one, what it said last
 */
export function failuresOfOutput(output, errors) {
  const told = output.split('\n').filter((line) => /\bFAILED\b/.test(line));
  return told.length > 0 ? told : errors.trimEnd().split('\n').slice(-LAST_WORDS).filter(Boolean);
}

/** @param {string | undefined} text */
function firstLine(text) {
  return text?.split('\n', 1)[0] ?? '';
}

/** @param {Count} count */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Runs the steps (those named on the command line, else all) and sets the process' exit code:
 * nonzero after any failure and when there was no test.
 * @param {readonly Step[]} steps
 * @param {readonly string[]} [only] names of steps to run
 */
export async function runSteps(steps, only = process.argv.slice(2)) {
  const unknown = only.filter((name) => !steps.some((step) => step.name === name));
  const total = { passed: 0, failed: unknown.length, skipped: 0 };
  for (const name of unknown)
    console.log(`no step is called ${name}: ${steps.map((step) => step.name).join(', ')}`);
  const summary = [];
  const report = (step, { count, failures }, seconds) => {
    summary.push(
      `${count.failed === 0 ? 'ok    ' : 'FAILED'} ${step.name}: ${lastLine(count)} (${seconds} s)`,
      ...failures.slice(0, NAMED_FAILURES).map((line) => `         ${line.trim()}`),
    );
    for (const key of Object.keys(total)) total[key] += count[key];
  };
  let beside = Promise.resolve();
  for (const step of steps.filter(({ name }) => only.length === 0 || only.includes(name))) {
    if (step.beside) {
      beside = beside.then(async () => {
        const chunks = [];
        const ended = await timed(step, (chunk) => chunks.push(chunk));
        console.log(`\n== ${step.name}`);
        for (const chunk of chunks) process.stdout.write(chunk);
        report(step, ...ended);
      });
      continue;
    }
    console.log(`\n== ${step.name}`);
    report(step, ...(await timed(step, (chunk) => process.stdout.write(chunk))));
  }
  await beside;
  console.log(`\n${summary.join('\n')}`);
  if (total.skipped > 0) console.log(`${total.skipped} skipped: their steps say how to get what they need`);
  console.log(lastLine({ ...total, skipped: 0 }));
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function timed(step, tell) {
  const began = performance.now();
  const ended = await runStep(step, tell);
  return [ended, Math.round((performance.now() - began) / 1000)];
}

async function runStep(step, tell) {
  const folder = mkdtempSync(join(tmpdir(), 'iotw-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const command = [...step.command, ...(step.counted === 'vitest' ? reporters : [])];
    const program = step.beside ? [...LOWEST_PRIORITY, process.execPath] : [process.execPath];
    const { exitCode, output, errors } = await run([...program, ...command], tell);
    const json =
      step.counted === 'vitest' && existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
    const count = settle(countOf(step.counted, exitCode, output, json), exitCode);
    if (count.failed === 0) return { count, failures: [] };
    return { count, failures: json ? failuresOfVitest(json) : failuresOfOutput(output, errors) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countOf(counted, exitCode, output, json) {
  if (counted === 'one')
    return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  if (counted === 'last-line') return countOfLastLine(output);
  return json && countOfVitest(json);
}

function run([program, ...words], tell) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      tell(chunk);
      output = (output + chunk).slice(-KEPT_OUTPUT);
    });
    child.stderr.on('data', (chunk) => {
      process.stderr.write(chunk);
      errors = (errors + chunk).slice(-KEPT_OUTPUT);
    });
    child.on('error', (error) => resolve({ exitCode: 1, output, errors: String(error) }));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output, errors }));
  });
}
