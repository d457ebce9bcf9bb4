import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, with a trailing slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const PASSED_OVER = new Set(['.git', 'node_modules', 'dist', 'coverage', '.iotw']);
const TEXT =
  /[.](ts|tsx|mts|mjs|cjs|js|json|md|yml|yaml|sh|html|css|c|h|txt)$|^[.]ci\/|^[.][a-z]+$|^LICENSE$/;

/**
 * Every text file of the repository that is written by hand or committed: build products,
 * installed packages and a local ledger's data are passed over.
 * @returns {string[]} paths from the root with forward slashes, sorted
 */
export function textFiles() {
  const found = [];
  const visit = (folder) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      if (PASSED_OVER.has(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile() && TEXT.test(path)) found.push(path);
    }
  };
  visit('');
  return found.sort();
}

/**
 * @param {string} path from the root
 * @returns {string} the file's text
 */
export function readText(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}
