import { range, type Section, table } from '../format.js';
import type { SybilRow } from '../jobs/arena-jobs.js';

/** A farm behind a captured batch. */
export function sybilSection(sybil: readonly SybilRow[]): Section {
  const markdown = `## Sybil farm with a captured batch

30% of the devices are a farm's: one captured batch of one maker, divided among k owners. Its pay over a share by number, ${sybil[0]!.seeds} seeds:

${table(
  '| election | owners | pay over its share |',
  sybil.map(({ mode, owners, share }) => `| ${mode} | ${owners} | ${range(share)} |`),
)}`;
  return { markdown, plots: [] };
}
