// Finds the stable failure codes of the source and the rows of docs/errors.md, and compares them.
import ts from 'typescript';
import { readText, textFiles } from '../tidy/files.mjs';

/** Source that people run: no tests, no benchmarks. */
export const PRODUCT = /^packages\/[^/]+\/src\/.*(?<![.](test|bench)|conformance)[.]tsx?$/;
const CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const COMPOUND = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const ROW = /^\|\s*`([a-z0-9-]+)`\s*\|(.*)\|\s*$/;

/** The table of docs/errors.md. */
export const ERRORS_PAGE = 'docs/errors.md';

/**
 * Failure codes one source file defines: the first argument of `fail(...)` (each branch of a
 * conditional), the argument that a function of `passers` hands on as a code, a property `code: '...'`
 * of two words or more, and the entries of a constant whose name ends in CODES. `ok` is no failure.
 * @param {string} path from the root
 * @param {string} text TypeScript source
 * @param {ReadonlyMap<string, number>} passers functions that hand a code on, see passersOf; those of the file are found
 * @returns {{codes: Map<string, string>, literals: Set<string>}} codes with the path that defines
 *   them, and every string literal of the file
 */
export function codesOf(path, text, passers = new Map()) {
  const codes = new Map();
  const literals = new Set();
  const add = (code) => {
    if (code !== 'ok' && CODE.test(code) && !codes.has(code)) codes.set(code, path);
  };
  const source = parsed(path, text);
  const known = passersOf([source], false, passers);
  const branches = (expression) => branchesOf(expression, source);
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    if (ts.isCallExpression(node) && isFail(node.expression)) branches(node.arguments[0]).forEach(add);
    const passed = passedCode(node, known);
    if (passed !== undefined)
      branches(passed)
        .filter((code) => COMPOUND.test(code))
        .forEach(add);
    if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'code')
      branches(node.initializer)
        .filter((code) => COMPOUND.test(code))
        .forEach(add);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && /CODES$/.test(node.name.text))
      tableCodes(node.initializer).forEach(add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { codes, literals };
}

/** The tree of a text, made once. */
const TREES = new Map();

function parsed(path, text) {
  if (!TREES.has(text)) TREES.set(text, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return TREES.get(text);
}

function isFail(callee) {
  return (
    (ts.isIdentifier(callee) && callee.text === 'fail') ||
    (ts.isPropertyAccessExpression(callee) && callee.name.text === 'fail')
  );
}

/**
 * Functions that hand one of their parameters on as a failure code: to `fail(...)`, as a property `code`,
 * or to another such function.
 * @param {readonly ts.SourceFile[]} sources
 * @param {boolean} exportedOnly leave out what other files can't call
 * @param {ReadonlyMap<string, number>} before those known already
 * @returns {Map<string, number>} name to place of the parameter
 */
export function passersOf(sources, exportedOnly, before = new Map()) {
  const passers = new Map(before);
  for (let size = -1; size !== passers.size; ) {
    size = passers.size;
    for (const source of sources) {
      const visit = (node) => {
        const name = codeNameOf(node, passers);
        const owner = name === undefined ? undefined : ownerOf(node, name);
        if (owner !== undefined && !passers.has(owner.name) && (owner.exported || !exportedOnly))
          passers.set(owner.name, owner.place);
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
  }
  return passers;
}

/** The identifier that stands where a code stands, if it is one. */
function codeNameOf(node, passers) {
  if (ts.isShorthandPropertyAssignment(node)) return node.name.text === 'code' ? 'code' : undefined;
  let code;
  if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'code') code = node.initializer;
  else if (ts.isCallExpression(node) && isFail(node.expression)) code = node.arguments[0];
  else code = passedCode(node, passers);
  return code !== undefined && ts.isIdentifier(code) ? code.text : undefined;
}

/** The named function around `node` whose parameter `name` is. */
function ownerOf(node, name) {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (!ts.isFunctionDeclaration(at) && !ts.isArrowFunction(at)) continue;
    const place = at.parameters.findIndex((each) => ts.isIdentifier(each.name) && each.name.text === name);
    if (place < 0) continue;
    const declared = ts.isArrowFunction(at) ? at.parent : at;
    if (!ts.isFunctionDeclaration(declared) && !ts.isVariableDeclaration(declared)) return undefined;
    if (declared.name === undefined || !ts.isIdentifier(declared.name)) return undefined;
    const statement = ts.isArrowFunction(at) ? declared.parent.parent : declared;
    const exported =
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some((each) => each.kind === ts.SyntaxKind.ExportKeyword);
    return { name: declared.name.text, place, exported };
  }
  return undefined;
}

/** What a call of one of `passers` gives for the code. */
function passedCode(node, passers) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const place = passers.get(node.expression.text);
  return place === undefined ? undefined : node.arguments[place];
}

/** The literals an expression may be; a call of a function of the same file counts its returned literals. */
function branchesOf(expression, source) {
  if (expression === undefined) return [];
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression))
    return branchesOf(expression.expression, source);
  if (ts.isConditionalExpression(expression))
    return [...branchesOf(expression.whenTrue, source), ...branchesOf(expression.whenFalse, source)];
  if (ts.isCallExpression(expression) && ts.isIdentifier(expression.expression))
    return returnedLiterals(expression.expression.text, source);
  return [];
}

function returnedLiterals(name, source) {
  const found = [];
  const visit = (node) => {
    if (ts.isReturnStatement(node) && node.expression && !ts.isCallExpression(node.expression))
      found.push(...branchesOf(node.expression, source));
    ts.forEachChild(node, visit);
  };
  for (const statement of source.statements)
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) visit(statement);
  return found;
}

function tableCodes(initializer) {
  let table = initializer;
  while (table && (ts.isAsExpression(table) || ts.isSatisfiesExpression(table))) table = table.expression;
  if (!table) return [];
  if (ts.isNewExpression(table)) return tableCodes(table.arguments?.[0]);
  if (ts.isArrayLiteralExpression(table)) return table.elements.flatMap((element) => branchesOf(element));
  if (!ts.isObjectLiteralExpression(table)) return [];
  return table.properties.flatMap((property) => {
    if (!ts.isPropertyAssignment(property)) return [];
    return ts.isStringLiteralLike(property.initializer)
      ? branches(property.initializer)
      : [nameOf(property.name)];
  });
}

function nameOf(name) {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';
}

/**
 * The rows of the errors page: `| code | where | what it means | how to mend |`.
 * @param {string} markdown
 * @returns {{code: string, cells: string[]}[]}
 */
export function rowsOf(markdown) {
  return markdown.split('\n').flatMap((line) => {
    const match = ROW.exec(line);
    return match ? [{ code: match[1], cells: match[2].split('|').map((cell) => cell.trim()) }] : [];
  });
}

/**
 * Compares sources with rows.
 * @param {{path: string, text: string}[]} sources
 * @param {string} markdown the errors page
 * @returns {{missing: {code: string, path: string}[], stale: string[], doubled: string[], unfilled: string[]}}
 *   codes without a row, rows whose code is nowhere in the source, codes with two rows, rows with an empty cell
 */
export function compareErrors(sources, markdown) {
  const codes = new Map();
  const literals = new Set();
  const passers = passersOf(
    sources.map(({ path, text }) => parsed(path, text)),
    true,
  );
  for (const { path, text } of sources) {
    const file = codesOf(path, text, passers);
    for (const [code, where] of file.codes) if (!codes.has(code)) codes.set(code, where);
    for (const literal of file.literals) literals.add(literal);
  }
  const rows = rowsOf(markdown);
  const named = rows.map((row) => row.code);
  return {
    missing: [...codes].filter(([code]) => !named.includes(code)).map(([code, path]) => ({ code, path })),
    stale: named.filter((code) => !codes.has(code) && !literals.has(code)),
    doubled: named.filter((code, i) => named.indexOf(code) !== i),
    unfilled: rows.filter((row) => row.cells.length !== 3 || row.cells.includes('')).map((row) => row.code),
  };
}

/** compareErrors over the repository. */
export function compareRepository() {
  const sources = textFiles()
    .filter((path) => PRODUCT.test(path))
    .map((path) => ({ path, text: readText(path) }));
  return compareErrors(sources, readText(ERRORS_PAGE));
}
