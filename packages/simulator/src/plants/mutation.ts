import type { SimulationOptions } from '../simulation.js';

/** A bug planted in the network's own code: one stretch of a compiled file is replaced as it is loaded. */
export interface Mutation {
  readonly name: string;
  /** What the code does wrong then. */
  readonly bug: string;
  /** Package and path of the source without its ending, as `ledger/removal`. */
  readonly file: string;
  /** What is replaced, as it stands in the source. */
  readonly find: string;
  /** The same as the compiler leaves it, where that is another text. */
  readonly compiled?: string;
  /** How often it occurs; 1 by default. */
  readonly times?: number;
  readonly replace: string;
  /** Why no invariant sees it, where none does. */
  readonly unseen?: string;
  /** Who takes part in the runs that look for it; the mix by default. */
  readonly adversary?: string;
  /** How those runs differ from those of other bugs. */
  readonly options?: Partial<Pick<SimulationOptions, 'parameters' | 'scenario' | 'epochs'>>;
}

/** The stretch as the compiler leaves it: assertions that a value is there are gone. */
export function compiledFind({ find, compiled }: Pick<Mutation, 'find' | 'compiled'>): string {
  return compiled ?? find.replaceAll(/(?<=[\])])!/g, '');
}
