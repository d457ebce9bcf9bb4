/** One thing that was tried, and what was wrong with it (nothing, when it passed). */
export interface Finding {
  readonly name: string;
  readonly wrong: readonly string[];
}

/** Counts findings and prints a line for each. */
export class Findings {
  passed = 0;
  failed = 0;
  skipped = 0;

  readonly add = ({ name, wrong }: Finding): void => {
    if (wrong.length === 0) this.passed += 1;
    else this.failed += 1;
    console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const line of wrong) console.log(`       ${line}`);
  };

  /** As tools/test counts it. */
  get lastLine(): string {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : '';
    return `${this.passed} passed, ${this.failed} failed${skipped}`;
  }
}
