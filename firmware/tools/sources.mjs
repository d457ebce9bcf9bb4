// The libraries' sources, from Debian's source packages: apt checks their signatures. The system's own list of
// sources is left alone: a list beside it is handed to apt by option.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCES } from './places.mjs';

/** Source packages, and a pattern of the versions that were measured. */
const PACKAGES = {
  lwip: /^lwip-2\.1\./,
  bearssl: /^bearssl-0\.6/,
  libsodium: /^libsodium-1\.0\./,
};

/**
 * Fetches what is not there yet.
 * @param {(keyof typeof PACKAGES)[]} names
 * @returns {Record<string, string> | undefined} folders by name; undefined, said in one line: they are not to be had
 */
export function sources(names) {
  mkdirSync(SOURCES, { recursive: true });
  const absent = names.filter((name) => folderOf(name) === undefined);
  if (absent.length > 0 && !fetchSources(absent)) {
    console.log(
      `skipped: the sources of ${absent.join(', ')} need apt with Debian's source packages (apt-get source)`,
    );
    return undefined;
  }
  return Object.fromEntries(names.map((name) => [name, join(SOURCES, folderOf(name))]));
}

function folderOf(name) {
  return readdirSync(SOURCES, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && PACKAGES[name].test(entry.name),
  )?.name;
}

function fetchSources(names) {
  const lists = join(SOURCES, 'apt');
  for (const folder of ['parts', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(lists, folder), { recursive: true });
  const binary = spawnSync(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(CREATED_BY)'],
    {
      encoding: 'utf8',
    },
  );
  const lines = (binary.stdout ?? '').split('\n').flatMap((line) => {
    const [uri, release, component, origin, kind] = line.split(' ');
    const ours =
      kind === 'Packages' && /^(Debian|Ubuntu)$/.test(origin) && /^(main|universe)$/.test(component);
    return ours ? [`deb-src ${uri} ${release} ${component}`] : [];
  });
  if (lines.length === 0) return false;
  writeFileSync(join(lists, 'parts', 'sources.list'), `${[...new Set(lines)].join('\n')}\n`);
  const options = Object.entries({
    'Dir::Etc::SourceList': join(lists, 'parts', 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(lists, 'lists'),
    'Dir::Cache': join(lists, 'cache'),
    // The folders are the caller's own, which apt's own user may not read.
    'APT::Sandbox::User': '',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...words) =>
    spawnSync('apt-get', ['-q', ...options, ...words], {
      cwd: SOURCES,
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0;
  const done =
    apt('update') && apt('source', ...names) && names.every((name) => folderOf(name) !== undefined);
  rmSync(lists, { recursive: true, force: true });
  return done;
}
