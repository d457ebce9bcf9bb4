#!/usr/bin/env node
import { EXIT, type Io } from './output/print.js';
import { wantsColor } from './output/style.js';
import { run } from './program.js';

const SIGTERM_EXIT = 143;

function processIo(): Io {
  const outIsTerminal = process.stdout.isTTY === true;
  const errIsTerminal = process.stderr.isTTY === true;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal,
    errIsTerminal,
    inIsTerminal: process.stdin.isTTY === true,
    color: wantsColor(errIsTerminal, process.env),
    env: process.env,
    stopRequested,
  };
}

let stop: Promise<void> | undefined;
let announceStop: (() => void) | undefined;

function stopRequested(): Promise<void> {
  stop ??= new Promise((resolve) => {
    announceStop = resolve;
  });
  return stop;
}

for (const [signal, exitCode] of [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', SIGTERM_EXIT],
] as const) {
  process.on(signal, () => {
    // Nobody stops in order, or somebody takes too long for the person who presses Ctrl-C again.
    if (announceStop === undefined) process.exit(exitCode);
    announceStop();
    announceStop = undefined;
  });
}

// `iotw tx show ... | head` closes the pipe: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure);
});

const exitCode = await run(process.argv.slice(2), processIo());
// A pipe takes what its reader has not read yet only up to a point; what else is open (links, threads) must not hold the process.
await Promise.all([process.stdout, process.stderr].map((to) => new Promise((done) => to.write('', done))));
process.exit(exitCode);
