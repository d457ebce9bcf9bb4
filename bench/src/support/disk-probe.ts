import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from './statistics.js';

/** What the disk alone does: p50 and p99 of a 4 kB write and fdatasync, ms, in the directory of the store. */
export function diskProbe(dir: string, count = 400): { readonly p50Ms: number; readonly p99Ms: number } {
  const path = join(dir, 'disk-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4_096, 7);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    writeSync(file, block, 0, block.length, i * block.length);
    fdatasyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  unlinkSync(path);
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}
