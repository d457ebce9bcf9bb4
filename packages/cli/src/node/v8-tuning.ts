import { setFlagsFromString } from 'node:v8';

/**
 * How far the heap of a node grows between two collections of the whole of it, percent of what was live after the
 * last. V8's own choice for a heap of 60 MB that is changed slowly is a tenth: under load each 40,000 transactions
 * then pay for marking 60 MB of code, strings and sessions that hardly ever die (docs/results/2026-11-23.md).
 */
const GROWTH_PERCENT = 200;
/** Bytes of bytecode after which a function is looked at for compilation; V8 waits for 132 KiB. A node runs for long. */
const INTERRUPT_BUDGET = 30_000;

/** Tunes V8 for a process that serves for long; to be called at its start. */
export function tuneForService(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
