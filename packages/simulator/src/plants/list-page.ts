import { ALL_MUTATIONS } from './all-mutations.js';
import { PLANTS } from './plants.js';

/** The network that planted bugs are looked for in. */
export const SIZE = { epochs: 4, devices: 30, transactions: 300, trustNodes: 4, ledgerServers: 4 };
/** Seeds a bug is looked for with, and the share of bugs that must be caught. */
export const SEEDS = 30;
export const LEAST_CAUGHT = 0.95;

/** What became of the search for one bug. */
export interface Catch {
  readonly name: string;
  /** undefined: went by. */
  readonly seed: number | undefined;
  readonly invariant: string;
  readonly message: string;
}

const ROW = /^\| ([a-z-]+) \|.*\| ([a-z-]+) \| (\d+|-) \|$/gm;

/** Names of the bugs on a page, in its order. */
export function namesListed(page: string): string[] {
  return [...page.matchAll(ROW)].map(([, name]) => name!);
}

/** The seeds that caught them when the page was written. */
export function hintsOf(page: string): Map<string, number> {
  const rows = [...page.matchAll(ROW)].filter(([, , , seed]) => seed !== '-');
  return new Map(rows.map(([, name, , seed]) => [name!, Number(seed)]));
}

/** Of the bugs that one invariant caught the first, for each invariant. */
export function firstOfEach(page: string): string[] {
  const seen = new Set<string>();
  const rows = [...page.matchAll(ROW)].filter(([, , , seed]) => seed !== '-');
  return rows.filter(([, , by]) => !seen.has(by!) && seen.add(by!)).map(([, name]) => name!);
}

/** docs/planted-bugs.md. */
export function pageOf(catches: readonly Catch[]): string {
  const bugs = new Map([
    ...PLANTS.map(({ name, bug }) => [name, { bug, file: '' }] as const),
    ...ALL_MUTATIONS.map(({ name, bug, file }) => [name, { bug, file }] as const),
  ]);
  const caught = catches.filter(({ seed }) => seed !== undefined).length;
  const rows = catches.map(({ name, seed, invariant }) => {
    const { bug, file } = bugs.get(name)!;
    const by = seed === undefined ? 'nothing' : invariant;
    return `| ${name} | ${bug} | ${file === '' ? 'behaviour' : file} | ${by} | ${seed ?? '-'} |`;
  });
  const unseen = catches
    .filter(({ seed }) => seed === undefined)
    .map(
      ({ name }) =>
        `- ${name}: ${ALL_MUTATIONS.find((each) => each.name === name)?.unseen ?? 'no reason is known.'}`,
    );
  const reasons = unseen.length === 0 ? '' : `\nNot caught:\n\n${unseen.join('\n')}\n`;
  const percent = Math.floor((1000 * caught) / catches.length) / 10;
  return `# Planted bugs

Bugs planted on purpose, to see that the rules the simulator checks catch them. Most replace one stretch of the
network's own compiled code as it is loaded; the rest change what a node does at a seam of the simulator. Each is
looked for with up to ${SEEDS} seeds of a network of ${SIZE.trustNodes} trust nodes, ${SIZE.ledgerServers} ledger servers, ${SIZE.devices} devices and
${SIZE.transactions} transactions over ${SIZE.epochs} epochs (more where its row in packages/simulator/src/plants says so), with faults and
adversaries. The invariants read the rules once more from the spec (packages/simulator/src/reference) and share no code
with what they check.

Caught: ${caught} of ${catches.length} (${percent}%). The list holds every bug that was ever planted, those that went by as well. Written by
\`npm run planted -- --write docs/planted-bugs.md\`; \`npm run test:long -- planted\` looks again, beginning with the seed that
is named here; \`npm test\` looks for the first bug of each invariant. Both fail below ${100 * LEAST_CAUGHT}%.

| bug | what is wrong | where | caught by | seed |
|---|---|---|---|---|
${rows.join('\n')}
${reasons}`;
}
