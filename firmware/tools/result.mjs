// A run's figures as a page of docs/results, with date, commit and hardware.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../../tools/tidy/files.mjs';

/**
 * @param {string} folder
 * @param {{name: string, title: string, about: string, command: string, rows: [string, string][], tables?: string[]}} page
 * @returns {string} path of the page
 */
export function writeResult(folder, { name, title, about, command, rows, tables = [] }) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  const hardware = `${cpus().length} cores, ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const conditions = [
    ...[
      ['date', date],
      ['commit', commit],
      ['command', command],
    ],
    ...[
      ['hardware', hardware],
      ['system', `${process.platform} ${process.arch}, Node ${process.version}`],
    ],
  ];
  const text = [
    `# ${title}, ${date}`,
    about,
    table(['what', 'value'], conditions),
    table(['what', 'value'], rows),
    ...tables,
  ];
  mkdirSync(resolve(ROOT, folder), { recursive: true });
  const path = join(folder, `${name}-${date}.md`);
  writeFileSync(resolve(ROOT, path), `${text.join('\n\n')}\n`);
  return path;
}

/** @param {string[]} head @param {(string | number)[][]} rows @returns {string} of markdown */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
