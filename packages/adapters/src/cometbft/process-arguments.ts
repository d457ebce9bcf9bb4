import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** The command line of a process of this machine, its words with spaces between; empty where there is none of that id. */
export function processArguments(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (line) => line.replaceAll('\0', ' ').trimEnd(),
    () => argumentsByPs(pid),
  );
}

/** For systems without /proc. */
function argumentsByPs(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-p', String(pid), '-o', 'args='], (error, out) =>
      resolve(error === null ? out.trimEnd() : ''),
    );
  });
}
