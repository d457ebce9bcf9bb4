// What the main thread of a page does for each frame, read from Chromium's own trace.

/** Trace categories that `frameWork` reads. */
export const CATEGORIES = ['toplevel', 'devtools.timeline'];

/**
 * Work per frame, from one animation frame to the next, ms: `cpu` by the thread's own clock, so that what other processes of the machine
 * take is not counted; `wall` by the clock on the wall.
 * @param {Buffer} trace of Playwright's `stopTracing`
 * @returns {{cpu: number[], wall: number[]}} sorted
 */
export function frameWork(trace) {
  const { traceEvents } = JSON.parse(trace.toString());
  const frames = traceEvents.filter(({ name, ph }) => name === 'FireAnimationFrame' && ph === 'X');
  const thread = mostOf(frames.map(({ pid, tid }) => `${pid}:${tid}`));
  const here = ({ pid, tid }) => `${pid}:${tid}` === thread;
  const starts = frames
    .filter(here)
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const tasks = traceEvents
    .filter((event) => here(event) && event.ph === 'X' && /RunTask$/.test(event.name))
    .sort((a, b) => a.ts - b.ts);
  const cpu = new Array(Math.max(0, starts.length - 1)).fill(0);
  const wall = [...cpu];
  let frame = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    // A task within a task is in its figure already.
    if (ts < free) continue;
    free = ts + dur;
    while (frame < cpu.length && free > starts[frame + 1]) frame += 1;
    if (frame >= cpu.length) break;
    if (free < starts[0]) continue;
    cpu[frame] += tdur / 1_000;
    wall[frame] += dur / 1_000;
  }
  const ascending = (a, b) => a - b;
  return { cpu: cpu.sort(ascending), wall: wall.sort(ascending) };
}

/** @param {number[]} ascending @param {number} share 0 .. 1 */
export function quantile(ascending, share) {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

function mostOf(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
