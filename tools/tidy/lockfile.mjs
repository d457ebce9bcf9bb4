// Checks package-lock.json, and mends what can be mended:
//   node tools/tidy/lockfile.mjs --mend
// npm leaves out the optional platform packages its registry would not show when the lockfile
// was written; `npm ci` then refuses the lockfile on every machine ("Missing: ... from lock
// file"), even where that platform package is never installed. Such an entry is added without
// an integrity value: the platform it names fetches it, every other platform passes it over.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const OPERATING_SYSTEMS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64'];

/**
 * Entries whose `resolved` names a registry or mirror instead of a folder of this repository.
 * @param {{packages: Record<string, {resolved?: string, link?: boolean}>}} lock parsed package-lock.json
 * @returns {string[]} lockfile keys, e.g. `node_modules/left-pad`
 */
export function entriesWithHost(lock) {
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved !== undefined && /^[a-z+]+:/i.test(entry.resolved))
    .map(([key]) => key);
}

/**
 * Optional dependencies that an entry names and the lockfile lacks.
 * @param {{packages: Record<string, object>}} lock parsed package-lock.json
 * @returns {{name: string, version: string, dev: boolean}[]}
 */
export function missingOptional(lock) {
  const missing = [];
  for (const [key, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`] || lock.packages[`${key}/node_modules/${name}`]) continue;
      missing.push({ name, version, dev: entry.dev === true });
    }
  }
  return missing;
}

/**
 * The platform a prebuilt package is for, read from its name.
 * @param {string} name e.g. `@biomejs/cli-linux-x64-musl`
 * @returns {{os: string[], cpu: string[], libc?: string[]} | undefined} undefined when the name says nothing
 */
export function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = OPERATING_SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (!os || !cpu) return undefined;
  const musl = words.some((word) => word.startsWith('musl'));
  const glibc = words.some((word) => word.startsWith('gnu'));
  const libc = os !== 'linux' ? undefined : musl ? ['musl'] : glibc ? ['glibc'] : undefined;
  return libc ? { os: [os], cpu: [cpu], libc } : { os: [os], cpu: [cpu] };
}

/**
 * The lockfile with an entry for every missing optional platform package. Throws when a missing
 * name tells no platform or its version is a range: then `npm install` has to be run instead.
 * @param {{packages: Record<string, object>}} lock parsed package-lock.json
 * @returns {object} a new lockfile, keys in npm's order
 */
export function completed(lock) {
  const packages = { ...lock.packages };
  for (const { name, version, dev } of missingOptional(lock)) {
    const platform = platformOf(name);
    if (!platform || !/^\d/.test(version))
      throw new Error(`can't complete ${name}@${version}: run npm install`);
    packages[`node_modules/${name}`] = { version, ...platform, ...(dev ? { dev } : {}), optional: true };
  }
  const keys = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(keys.map((key) => [key, packages[key]])) };
}

/**
 * Every finding about a lockfile, each with its mend.
 * @param {object} lock parsed package-lock.json
 * @returns {string[]}
 */
export function lockfileFindings(lock) {
  return [
    ...entriesWithHost(lock).map(
      (key) =>
        `package-lock.json: ${key} names a registry in "resolved"; .npmrc has omit-lockfile-registry-resolved: remove the line "resolved"`,
    ),
    ...missingOptional(lock).map(
      ({ name, version }) =>
        `package-lock.json: ${name}@${version} is missing, npm ci would refuse: run node tools/tidy/lockfile.mjs --mend`,
    ),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = new URL('../../package-lock.json', import.meta.url);
  let lock = JSON.parse(readFileSync(path, 'utf8'));
  if (process.argv.includes('--mend')) {
    lock = completed(lock);
    writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  }
  const findings = lockfileFindings(lock);
  for (const finding of findings) console.error(finding);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
