// What the app uses of the library has its styles: a component without them looks broken and fails nothing else.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../tidy/files.mjs';

const SOURCES = join(ROOT, 'packages/web/src');
const CORE = join(ROOT, 'node_modules/@mantine/core');
const ALWAYS = ['baseline', 'default-css-variables', 'global'];
const read = (file: string) => readFileSync(file, 'utf8');

/** Values that the app's sources import from the library. */
function used(): Set<string> {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((f) =>
    /\.tsx?$/.test(f),
  );
  const imports = sources.flatMap((file) => [
    ...read(join(SOURCES, file)).matchAll(/import \{([^}]*)\} from '@mantine\/core'/g),
  ]);
  const names = imports.flatMap(([, list]) => list!.split(',').map((name) => name.trim()));
  return new Set(names.filter((name) => name !== '' && !name.startsWith('type ')));
}

/** Files of the library by the values that they export. */
function exportsOf(index: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, list, path] of read(index).matchAll(/import \{([^}]*)\} from "([^"]+)"/g))
    for (const name of list!.split(',')) found.set(name.trim(), join(dirname(index), path!));
  return found;
}

/** Style sheets that a file of the library and all it imports stand on. */
function sheetsOf(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const inner = [...read(file).matchAll(/from "(\.[^"]+)"/g)].flatMap(([, path]) =>
    sheetsOf(join(dirname(file), path!), seen),
  );
  const name = basename(file, '.module.mjs');
  return existsSync(join(CORE, 'styles', `${name}.css`)) && file.endsWith('.module.mjs')
    ? [name, ...inner]
    : inner;
}

it('every component in use has its styles, in the order of the library, and no other', () => {
  const files = exportsOf(join(CORE, 'esm/index.mjs'));
  const seen = new Set<string>();
  const needed = [...used()].flatMap((name) => {
    const file = files.get(name);
    // A type that is imported among types.
    return file === undefined ? [] : sheetsOf(file, seen);
  });
  const whole = read(join(CORE, 'styles.css'));
  const place = (name: string) => whole.indexOf(read(join(CORE, 'styles', `${name}.css`)).trim());
  const expected = [...ALWAYS, ...new Set(needed)];
  expect(expected.filter((name) => place(name) < 0)).toEqual([]);
  const imported = [...read(join(SOURCES, 'app/styles.ts')).matchAll(/styles\/([^.]+)\.css/g)];
  expect(imported.map(([, name]) => name)).toEqual(expected.sort((a, b) => place(a) - place(b)));
});
