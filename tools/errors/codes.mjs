// Finds the stable failure codes of the source and the rows of docs/errors.md, and compares them.
import ts from 'typescript';
import { readText, textFiles } from '../tidy/files.mjs';

const PRODUCT = /^packages\/[^/]+\/src\/.*(?<![.](test|bench)|conformance)[.]ts$/;
const CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const COMPOUND = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const ROW = /^\|\s*`([a-z0-9-]+)`\s*\|(.*)\|\s*$/;

/** The table of docs/errors.md. */
export const ERRORS_PAGE = 'docs/errors.md';

/**
 * Failure codes one source file defines: the first argument of `fail(...)` (each branch of a
 * conditional), a property `code: '...'` of two words or more, and the entries of a constant whose
 * name ends in CODES. `ok` is no failure.
 * @param {string} path from the root
 * @param {string} text TypeScript source
 * @returns {{codes: Map<string, string>, literals: Set<string>}} codes with the path that defines
 *   them, and every string literal of the file
 */
export function codesOf(path, text) {
  const codes = new Map();
  const literals = new Set();
  const add = (code) => {
    if (code !== 'ok' && CODE.test(code) && !codes.has(code)) codes.set(code, path);
  };
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const branches = (expression) => branchesOf(expression, source);
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    if (ts.isCallExpression(node) && isFail(node.expression)) branches(node.arguments[0]).forEach(add);
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

function isFail(callee) {
  return (
    (ts.isIdentifier(callee) && callee.text === 'fail') ||
    (ts.isPropertyAccessExpression(callee) && callee.name.text === 'fail')
  );
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
  for (const { path, text } of sources) {
    const file = codesOf(path, text);
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
