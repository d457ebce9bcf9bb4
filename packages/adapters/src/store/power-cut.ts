import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';

/** Pages 0 and 1 are LMDB's two meta pages. */
const META_PAGES = 2;

/**
 * Turns the file of a commit that just completed into what a power cut among its page writes leaves:
 * of the pages the commit changed the first half is there, the middle one up to its middle, the others
 * and both meta pages are as before (LMDB writes the meta page after the data is synced).
 * `before` is the file's content ahead of the commit.
 */
export function tearLastCommit(file: string, before: Buffer, pageSize: number): void {
  const after = readFileSync(file);
  const pages = Math.ceil(after.length / pageSize);
  const changed: number[] = [];
  for (let page = META_PAGES; page < pages; page++) {
    const [from, to] = [page * pageSize, (page + 1) * pageSize];
    if (!after.subarray(from, to).equals(before.subarray(from, to))) changed.push(page);
  }
  const torn = Buffer.alloc(after.length);
  before.copy(torn);
  const half = Math.floor(changed.length / 2);
  let end = before.length;
  for (const [i, page] of changed.slice(0, half + 1).entries()) {
    const bytes = i < half ? pageSize : pageSize >> 1;
    after.copy(torn, page * pageSize, page * pageSize, page * pageSize + bytes);
    end = Math.max(end, page * pageSize + bytes);
  }
  const descriptor = openSync(file, 'r+');
  for (let at = 0; at < end; ) at += writeSync(descriptor, torn, at, end - at, at);
  closeSync(descriptor);
  truncateSync(file, end);
}
