// node tools/errors/list.mjs: what docs/errors.md lacks and what it has too much.
import { compareRepository, ERRORS_PAGE } from './codes.mjs';

const { missing, stale, doubled, unfilled } = compareRepository();
for (const { code, path } of missing) console.log(`missing   ${code}   (${path})`);
for (const code of stale) console.log(`stale     ${code}   (nowhere in the source: delete its row)`);
for (const code of doubled) console.log(`doubled   ${code}   (delete one row)`);
for (const code of unfilled) console.log(`unfilled  ${code}   (code | where | what it means | how to mend)`);
const count = missing.length + stale.length + doubled.length + unfilled.length;
console.log(count === 0 ? `${ERRORS_PAGE} is complete` : `${count} rows of ${ERRORS_PAGE} to mend`);
process.exitCode = count === 0 ? 0 : 1;
