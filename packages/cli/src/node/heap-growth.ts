import { setFlagsFromString } from 'node:v8';

/**
 * How far the heap of a node grows between two collections of the whole of it, percent of what was live after the
 * last. V8's own choice for a heap of 60 MB that is changed slowly is a tenth: under load each 40,000 transactions
 * then pay for marking 60 MB of code, strings and sessions that hardly ever die (docs/results/2026-11-23.md).
 */
const GROWTH_PERCENT = 100;

/** Lets this process' heap grow further than V8 would. To be called once, by what serves for long. */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
