// Reads the threat table of spec/threats.md and checks the tests it names.
import { existsSync } from 'node:fs';
import ts from 'typescript';
import { ROOT, readText } from '../tidy/files.mjs';

/** The threat model. */
export const THREATS_PAGE = 'spec/threats.md';

/** The issues whose rows must name a test by now; a test that another row names must be there too. */
export const COVERED_ISSUES = ['2'];

/**
 * @typedef {{id: string, attack: string, rule: string, issue: string, test: string}} Threat
 *
 * The rows of `| id | attack | rule | issue | test |`; an id is `T-` and letters, digits or dashes.
 * @param {string} markdown
 * @returns {Threat[]}
 */
export function threatsOf(markdown) {
  return markdown.split('\n').flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (cells.length !== 7 || !/^T-[A-Z0-9-]+$/.test(cells[1])) return [];
    const [, id, attack, rule, issue, test] = cells;
    return [{ id, attack, rule, issue, test }];
  });
}

/**
 * Titles of a test file, each with the titles of its suites before it, joined by ` > `; of a file of browser flows, their names.
 * @param {string} text TypeScript source
 * @returns {string[]}
 */
export function titlesOf(text) {
  if (!TITLES.has(text)) TITLES.set(text, readTitles(text));
  return TITLES.get(text);
}

/** Titles by text: a file that many rows name is read once. */
const TITLES = new Map();

function readTitles(text) {
  const titles = [];
  const visit = (node, above) => {
    const title = ts.isCallExpression(node) ? titleOf(node) : flowName(node);
    const path = title === undefined ? above : [...above, title];
    if (title !== undefined) titles.push(path.join(' > '));
    ts.forEachChild(node, (child) => visit(child, path));
  };
  visit(ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true), []);
  return titles;
}

/** Every string literal of a test file. */
function stringsOf(text) {
  if (!STRINGS.has(text)) STRINGS.set(text, readStrings(text));
  return STRINGS.get(text);
}

/** String literals by text, for the same reason. */
const STRINGS = new Map();

function readStrings(text) {
  const strings = [];
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true));
  return strings;
}

/** The `test-*.ts` beside a test file that it imports: long tables lie there. */
function importedBeside(text, path, read) {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return [...text.matchAll(/ from '\.\/(test-[a-z-]+)\.js'/g)].flatMap(
    ([, name]) => read(`${folder}${name}.ts`) ?? [],
  );
}

/** The cases of a file of firmware/test: its functions without arguments. */
function caseNames(text) {
  return [...text.matchAll(/^(?:static )?void (\w+)\(void\) \{/gm)].map(([, name]) => name);
}

/** The name of a flow (tools/web/flows.mjs): an object that has a name and is run. */
function flowName(node) {
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const property = (wanted) => node.properties.find(({ name }) => name?.getText() === wanted);
  const name = property('name')?.initializer;
  return name !== undefined && property('run') !== undefined && ts.isStringLiteralLike(name)
    ? name.text
    : undefined;
}

function titleOf(call) {
  let runner = call.expression;
  if (ts.isPropertyAccessExpression(runner) && /^(each|for|skipIf|runIf)$/.test(runner.name.text))
    return undefined;
  while (
    ts.isPropertyAccessExpression(runner) ||
    ts.isCallExpression(runner) ||
    ts.isTaggedTemplateExpression(runner)
  )
    runner = ts.isTaggedTemplateExpression(runner) ? runner.tag : runner.expression;
  if (!ts.isIdentifier(runner) || !['it', 'test', 'describe', 'suite'].includes(runner.text))
    return undefined;
  const first = call.arguments[0];
  if (first === undefined) return undefined;
  if (ts.isStringLiteralLike(first)) return first.text;
  return ts.isTemplateExpression(first) ? first.getText().slice(1, -1) : undefined;
}

/**
 * What is wrong with one test cell: `` `path/to/file.test.ts > part of its title` ``, or `` `path/to/program.c > function` ``,
 * several divided by `<br>`. A row of a table is named behind the title, ` [words of the row]`: they must stand in a string of the file
 * or of a `test-*.ts` beside it that it imports.
 * @param {string} cell
 * @param {(path: string) => string | undefined} read the text of a file, undefined when there is none
 * @returns {string | undefined} undefined when every named test exists
 */
export function testFinding(cell, read) {
  if (cell === '' || cell === 'MISSING') return 'names no test';
  for (const reference of cell.split('<br>').map((part) => part.trim().replace(/^`|`$/g, ''))) {
    const [, path, title, row] = /^(\S+) > (.+?)(?: \[([^\]]+)\])?$/.exec(reference) ?? [];
    if (path === undefined) return `"${reference}" is not of the form path/to/file.test.ts > test name`;
    const text = read(path);
    if (text === undefined) return `${path} does not exist`;
    if (!(path.endsWith('.c') ? caseNames(text) : titlesOf(text)).some((each) => each.includes(title)))
      return `${path} has no test "${title}"`;
    if (row === undefined) continue;
    const tables = [text, ...importedBeside(text, path, read)];
    if (!tables.flatMap(stringsOf).some((each) => each.includes(row))) return `${path} has no row "${row}"`;
  }
  return undefined;
}

/**
 * Findings over the threat table of the repository.
 * @param {readonly Threat[]} threats
 * @returns {string[]} `id attack: what is wrong`
 */
export function threatFindings(threats) {
  const read = (path) => (existsSync(ROOT + path) ? readText(path) : undefined);
  return threats
    .filter(({ issue, test }) => COVERED_ISSUES.includes(issue) || test !== '')
    .flatMap((threat) => {
      const finding = testFinding(threat.test, read);
      return finding === undefined ? [] : [`${threat.id} ${threat.attack}: ${finding}`];
    });
}
