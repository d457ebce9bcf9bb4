// npm run tidy: import rules (dependency-cruiser), the house's own bans, the lockfile, unused
// exports and files (knip). Every part runs; the exit code is nonzero when any has a finding.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findingsOf, LONGER_FILES } from './bans.mjs';
import { ROOT, readText, textFiles } from './files.mjs';
import { lockfileFindings } from './lockfile.mjs';

const FOLDERS = ['packages', 'bench', 'tools', 'examples'].filter((folder) => existsSync(ROOT + folder));

function house() {
  const findings = textFiles().flatMap((path) => findingsOf(path, readText(path)));
  for (const { path, line, message } of findings) console.log(`${path}:${line}: ${message}`);
  const gone = Object.keys(LONGER_FILES).filter((path) => !existsSync(ROOT + path));
  for (const path of gone)
    console.log(`tools/tidy/bans.mjs: ${path} is gone: remove its row from LONGER_FILES`);
  const lock = lockfileFindings(JSON.parse(readText('package-lock.json')));
  for (const finding of lock) console.log(finding);
  return findings.length + gone.length + lock.length === 0;
}

function command(name, ...args) {
  const result = spawnSync(process.execPath, [`${ROOT}node_modules/${name}`, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  return result.status === 0;
}

const parts = {
  'import rules': () =>
    command('dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'err-long', ...FOLDERS),
  'house bans': house,
  'unused files and dependencies': () =>
    command('knip/bin/knip.js', '--exclude', 'exports', '--no-progress', '--no-config-hints'),
  'exports that no product code uses': () =>
    command(
      'knip/bin/knip.js',
      '--production',
      '--include',
      'exports,files',
      '--no-progress',
      '--no-config-hints',
    ),
};

let clean = true;
for (const [name, run] of Object.entries(parts)) {
  const good = run();
  console.log(`tidy: ${name}: ${good ? 'clean' : 'findings above'}`);
  clean &&= good;
}
process.exitCode = clean ? 0 : 1;
