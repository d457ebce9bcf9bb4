/** What a `round` event of the stream tells. */
export interface RoundNews {
  readonly number: number;
  /** Agreed time. */
  readonly timeMs: number;
  readonly transactions: number;
  readonly blocks: readonly { readonly lane: number; readonly height: number; readonly count: number }[];
}

/** More blocks of one round than this are counted, not drawn. */
const MOST_BLOCKS = 256;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Reads the data of a `round` event; undefined: it is of no form that is known here. */
export function readRoundNews(data: unknown): RoundNews | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { number, timeMs, transactions, blockList } = data as Record<string, unknown>;
  if (!isCount(number) || !isCount(timeMs) || !isCount(transactions) || !Array.isArray(blockList))
    return undefined;
  const blocks: RoundNews['blocks'][number][] = [];
  for (const entry of blockList.slice(0, MOST_BLOCKS)) {
    if (!Array.isArray(entry)) return undefined;
    const [lane, height, count] = entry as unknown[];
    if (!isCount(lane) || !isCount(height) || !isCount(count)) return undefined;
    blocks.push({ lane, height, count });
  }
  return { number, timeMs, transactions, blocks };
}
