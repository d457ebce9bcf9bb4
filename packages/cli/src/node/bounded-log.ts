/** What a process tells whoever runs it: a sentence, and what belongs to it. */
type Log = (line: string, data: Readonly<Record<string, unknown>>) => void;

/** Lines of one kind in one minute; the rest is counted. */
const LINES = 20;
const MINUTE_MS = 60_000;

/**
 * Hands lines on, at most 20 of a kind in a minute: a peer that sends nonsense, or a CometBFT that can't reach the others,
 * fills no disk. A kind is the line's `code`. How many were left out is told with the first line of a later minute.
 */
export function boundedLog(log: Log, nowMs: () => number = () => performance.now()): Log {
  const kinds = new Map<unknown, { since: number; told: number; leftOut: number }>();
  return (line, data) => {
    const now = nowMs();
    let kind = kinds.get(data.code);
    if (kind === undefined || now - kind.since >= MINUTE_MS) {
      const leftOut = kind?.leftOut ?? 0;
      kind = { since: now, told: 0, leftOut: 0 };
      kinds.set(data.code, kind);
      if (leftOut > 0) log(`${leftOut} lines like the next were left out`, { code: data.code });
    }
    if (kind.told === LINES) kind.leftOut += 1;
    else {
      kind.told += 1;
      log(line, data);
    }
  };
}
