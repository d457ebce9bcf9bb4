/** Every text of the app stands in every language. */
import { describe, expect, it } from 'vitest';

const files = import.meta.glob<{ default: object }>('./*/*.json', { eager: true });
const LANGUAGES = ['en', 'zh-Hant'];

function areasOf(language: string): string[] {
  return Object.keys(files).flatMap((path) => {
    const [, found, area] = path.split('/');
    return found === language ? [area!] : [];
  });
}

function texts(language: string, area: string): Map<string, string> {
  const found = new Map<string, string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'string') found.set(path, value);
    else for (const [key, inner] of Object.entries(value as object)) collect(inner, `${path}.${key}`);
  };
  collect(files[`./${language}/${area}`]?.default ?? {}, '');
  return found;
}

/** Chinese has one form for every count: where English has several, the general one is enough. */
const withoutPlurals = (keys: Iterable<string>): string[] =>
  [...new Set([...keys].map((key) => key.replace(/_(one|other)$/, '')))].sort();

const places = (text: string): string[] =>
  [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, name]) => name!).sort();

it.each(LANGUAGES)('%s has every area', (language) => {
  expect(areasOf(language)).toEqual(areasOf('en'));
});

describe.each(areasOf('en'))('%s', (area: string) => {
  const english = texts('en', area);
  it.each(LANGUAGES)('%s has its keys, none empty, with the same values in them', (language: string) => {
    const own = texts(language, area);
    expect(withoutPlurals(own.keys())).toEqual(withoutPlurals(english.keys()));
    for (const [key, text] of own) {
      expect(text.trim(), key).not.toBe('');
      const same = english.get(key) ?? english.get(`${key}_other`);
      if (same !== undefined) expect(places(text), key).toEqual(places(same));
    }
  });
});
