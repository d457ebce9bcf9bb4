// The text of the spec names what the code has: domains, parameters, operations, result codes, vector files.
import { readdirSync, readFileSync } from 'node:fs';
import { DOMAIN } from '@iotw/protocol/domains';
import { OPERATION_NAMES, OPERATION_TYPES } from '@iotw/protocol/operations';
import { ParametersType } from '@iotw/protocol/parameters';
import { RESULT_CODES } from '@iotw/protocol/result';
import { RoundHeaderType } from '@iotw/protocol/round';
import { expect, it } from 'vitest';

const folder = new URL('../../spec/', import.meta.url);
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const whole = pages.map(textOf).join('\n');
const protocol = textOf('protocol.md');

it('has a row for every signing domain, and no other', () => {
  const rows = [...protocol.matchAll(/^\| `(iotw\/v1\/[a-z-]+)` \|/gm)].map((m) => m[1]);
  expect(rows.sort()).toEqual(Object.values(DOMAIN).sort());
});

it('names every parameter in the order of the wire', () => {
  const table = protocol.slice(protocol.indexOf('3.4 **Parameters**'), protocol.indexOf('## 4.'));
  const named = [...table.matchAll(/^\| ([a-zA-Z, ]+) \| u/gm)].flatMap((m) => m[1]!.split(', '));
  expect(named).toEqual(Object.keys(ParametersType.fields));
});

it('names every operation with its number and fields in order', () => {
  for (const [selector, name] of OPERATION_NAMES.entries()) {
    const row = new RegExp(`^\\| ${selector} \\| ${name} \\| ([^|]*)\\|`, 'm').exec(protocol)?.[1] ?? '';
    const fields = Object.keys(OPERATION_TYPES[name].fields);
    const found = fields.map((field) => row.search(new RegExp(`\\b${field}\\b`)));
    expect(found, `${name}: ${row}`).toEqual([...found].sort((a, b) => a - b));
    expect(found, name).not.toContain(-1);
  }
});

it('names every result code with its number', () => {
  for (const [name, number] of Object.entries(RESULT_CODES)) {
    const inTable = new RegExp(`^\\| ${number} \\| ${name} \\|`, 'm').test(protocol);
    expect(inTable || protocol.includes(`\`${name}\` ${number}`), name).toBe(true);
  }
});

it('names every vector file, and every file names a clause of the text', () => {
  for (const name of readdirSync(new URL('vectors/', folder)).filter((file) => file.endsWith('.json'))) {
    expect(whole, name).toContain(`\`${name}\``);
    const { clause } = JSON.parse(textOf(`vectors/${name}`)) as { clause: string };
    const stands = clause.includes('.')
      ? new RegExp(`^${clause.replace('.', '\\.')} `, 'm').test(whole)
      : new RegExp(`^## ${clause}\\. `, 'm').test(whole);
    expect(stands, `clause ${clause} of ${name}`).toBe(true);
  }
});

it('gives the round header its length', () => {
  expect(RoundHeaderType.fixedSize).toBe(263);
  expect(whole).toContain('**Round header**, 263 bytes');
});
