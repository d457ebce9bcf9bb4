/** Tests of frequencies. Floating point: it judges draws, it takes part in none. */

/** Upper tail of the standard normal distribution (Numerical Recipes' erfc, relative error below 1.2e-7). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ];
  const polynomial = series.reduceRight((sum, c) => sum * t + c, 0);
  const erfc = t * Math.exp(-x * x + polynomial);
  return z >= 0 ? erfc / 2 : 1 - erfc / 2;
}

/** Chance that a chi-square variable of `dof` degrees of freedom exceeds `statistic` (Wilson and Hilferty; for 30 and more). */
export function chiSquareTail(statistic: number, dof: number): number {
  const spread = 2 / (9 * dof);
  return normalTail((Math.cbrt(statistic / dof) - (1 - spread)) / Math.sqrt(spread));
}

/** Sums over independent draws of one of several, each with its own chances. */
export class Frequencies {
  statistic = 0;
  dof = 0;
  /** Hits of the marked half, what is expected of it, and its variance. */
  #half = 0;
  #expected = 0;
  #variance = 0;

  /**
   * Adds `counts` of draws whose chances are in proportion to `weights`; `marked` says which belong to
   * the half that is looked at on its own.
   */
  add(counts: readonly number[], weights: readonly number[], marked: (i: number) => boolean): void {
    const draws = counts.reduce((sum, n) => sum + n, 0);
    const total = weights.reduce((sum, w) => sum + w, 0);
    // Cells of fewer than 5 expected are put together: the statistic's distribution needs that many.
    let cells = 0;
    let pooledExpected = 0;
    let pooledCount = 0;
    let share = 0;
    const cell = (count: number, expected: number): void => {
      this.statistic += (count - expected) ** 2 / expected;
      cells += 1;
    };
    for (let i = 0; i < counts.length; i++) {
      if (marked(i)) {
        this.#half += counts[i]!;
        share += weights[i]! / total;
      }
      const expected = (draws * weights[i]!) / total;
      if (expected >= 5) {
        cell(counts[i]!, expected);
        continue;
      }
      pooledExpected += expected;
      pooledCount += counts[i]!;
      if (pooledExpected < 5) continue;
      cell(pooledCount, pooledExpected);
      pooledExpected = 0;
      pooledCount = 0;
    }
    if (pooledExpected > 0) cell(pooledCount, pooledExpected);
    this.dof += cells - 1;
    this.#expected += draws * share;
    this.#variance += draws * share * (1 - share);
  }

  /** How far the marked half is from what it should have, in standard deviations. */
  get halfZ(): number {
    return (this.#half - this.#expected) / Math.sqrt(this.#variance);
  }
}
