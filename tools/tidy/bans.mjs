// The house's own bans: what no general linter knows. Each message names the replacement.
import ts from 'typescript';

const CODE = /[.](ts|tsx|mts|mjs|cjs|js)$/;
const TEST = /([.](test|bench)|\/conformance)[.](ts|tsx|mts|mjs)$/;
const PURE = /^packages\/(kernel|protocol|ledger|assignment|nodes|simulator)\/src\//;
const SYNCHRONOUS = /^packages\/(protocol|ledger|assignment|nodes)\/src\//;
const NATIVE_CRYPTO = /^packages\/kernel\/src\/crypto\//;

/** Lines a hand-written source file may have; docs/house.md says why. */
export const LINE_LIMIT = 400;

/** Files that may be longer than LINE_LIMIT, each with its reason. A row that is no longer needed is a finding. */
export const LONGER_FILES = {};

/** Global names a deterministic machine may not touch, with what it uses instead. */
const GLOBALS = {
  Date: 'time is handed in: take timeMs from the event or the agreed round',
  performance: 'time is handed in: measure in the adapter or in bench/',
  setTimeout: 'machines have no timers: return an effect that asks to be woken at a time',
  setInterval: 'machines have no timers: return an effect that asks to be woken at a time',
  setImmediate: 'machines have no timers: return an effect, the driver steps the machine',
  queueMicrotask: 'machines have no timers: return an effect, the driver steps the machine',
  fetch: 'machines have no I/O: return an effect and let an adapter carry it out',
};

/** Members of globals a deterministic machine may not touch, with what it uses instead. */
const MEMBERS = {
  'Math.random': 'randomness is handed in: use the seeded generator of kernel or a seed from the event',
  'process.env': 'configuration is handed in: read it in cli and pass the value',
  'process.hrtime': 'time is handed in: measure in the adapter or in bench/',
  'crypto.getRandomValues': 'randomness is handed in: draw it in kernel/src/crypto or an adapter',
  'crypto.randomUUID': 'randomness is handed in: draw it in kernel/src/crypto or an adapter',
};

const RUNNERS = new Set(['it', 'test', 'describe', 'suite']);
const SWITCHED = new Set(['only', 'skip', 'todo']);

/**
 * @typedef {{path: string, line: number, message: string}} Finding
 */

/**
 * Checks one file's name and text against every ban.
 * @param {string} path from the root with forward slashes
 * @param {string} text the file's text
 * @returns {Finding[]} in the order of the lines
 */
export function findingsOf(path, text) {
  const findings = [...nameFindings(path), ...textFindings(path, text)];
  if (CODE.test(path)) findings.push(...syntaxFindings(path, text));
  return findings.sort((a, b) => a.line - b.line);
}

function nameFindings(path) {
  const name = path.split('/').at(-1);
  const findings = [];
  if (!CODE.test(path)) return findings;
  if (/^index[.]/.test(name))
    findings.push(
      at(path, 1, 'no barrel files: import the file that defines the name, e.g. @iotw/kernel/result'),
    );
  if (/(^|[-.])(utils?|helpers?|common|misc)([-.])/i.test(name))
    findings.push(
      at(
        path,
        1,
        'no drawer for odds and ends: name the file after its one job and put it where that job lives',
      ),
    );
  return findings;
}

function textFindings(path, text) {
  const findings = [];
  const lines = text.split('\n');
  const generated = path === 'package-lock.json' || path.startsWith('spec/vectors/');
  for (let i = 0; i < lines.length && !generated; i++) {
    const line = lines[i];
    if (/\b(TO[D]O|FIX[M]E)\b/.test(line))
      findings.push(at(path, i + 1, 'no notes to self: finish it now, or open an issue and delete the note'));
    if (/(^|[^\w.$}~-])\/(work|home|root)\//.test(line))
      findings.push(
        at(
          path,
          i + 1,
          'no path of one machine: use a path relative to the file (import.meta.url) or the working folder',
        ),
      );
  }
  if (CODE.test(path) && !TEST.test(path) && !generated)
    findings.push(...lengthFindings(path, lines.length - 1));
  return findings;
}

function lengthFindings(path, count) {
  const reason = LONGER_FILES[path];
  if (count > LINE_LIMIT && reason === undefined)
    return [
      at(
        path,
        count,
        `${count} lines: one job per file, split it (limit ${LINE_LIMIT}), or give a reason in LONGER_FILES of tools/tidy/bans.mjs`,
      ),
    ];
  if (count <= LINE_LIMIT && reason !== undefined)
    return [at(path, 1, `only ${count} lines: remove its row from LONGER_FILES in tools/tidy/bans.mjs`)];
  return [];
}

function syntaxFindings(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const test = TEST.test(path);
  const pure = PURE.test(path) && !test;
  const synchronous = SYNCHRONOUS.test(path) && !test;
  const findings = [];
  const add = (node, message) => findings.push(at(path, lineOf(source, node), message));
  const visit = (node) => {
    if (pure && ts.isIdentifier(node)) checkGlobal(node, path, add);
    if (test && ts.isPropertyAccessExpression(node)) checkSwitch(node, add);
    if (synchronous && isAsync(node))
      add(
        node,
        'protocol to nodes are synchronous: return an effect, the adapter awaits and steps the machine with the answer',
      );
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) checkSpecifier(node, path, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** Flags a use of a banned global; a property or a declared name that happens to be called so is fine. */
function checkGlobal(node, path, add) {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return;
  if (ts.isDeclaration?.(parent) || (parent.name === node && !ts.isPropertyAccessExpression(parent))) return;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return;
  const name = node.text;
  if (Object.hasOwn(GLOBALS, name)) add(node, `${name}: ${GLOBALS[name]}`);
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) return;
  const member = `${name}.${parent.name.text}`;
  if (name === 'crypto' && NATIVE_CRYPTO.test(path)) return;
  if (Object.hasOwn(MEMBERS, member)) add(node, `${member}: ${MEMBERS[member]}`);
}

function checkSwitch(node, add) {
  if (!SWITCHED.has(node.name.text)) return;
  let runner = node.expression;
  while (ts.isPropertyAccessExpression(runner)) runner = runner.expression;
  if (ts.isIdentifier(runner) && RUNNERS.has(runner.text))
    add(
      node,
      `${runner.text}.${node.name.text}: every test runs: delete it, mend it, or use skipIf with the missing capability`,
    );
}

function isAsync(node) {
  if (ts.isAwaitExpression(node)) return true;
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)
  );
}

function checkSpecifier(node, path, add) {
  const specifier = node.moduleSpecifier?.text;
  if (specifier === undefined) return;
  const home = /^(packages\/[^/]+|bench)\//.exec(path)?.[1];
  if (home !== undefined && specifier.startsWith('.') && !join(path, specifier).startsWith(`${home}/`))
    add(node, `${specifier}: relative imports stay inside a package: write @iotw/<package>/<file>`);
  const selfName = home?.startsWith('packages/') ? `@iotw/${home.slice('packages/'.length)}/` : undefined;
  if (selfName !== undefined && specifier.startsWith(selfName))
    add(node, `${specifier}: inside a package imports are relative and end in .js`);
}

function join(from, specifier) {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function lineOf(source, node) {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

function at(path, line, message) {
  return { path, line, message };
}
