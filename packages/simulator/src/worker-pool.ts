/** Jobs shared among processes: what one main module hands out, its copies work off. */
import { fork } from 'node:child_process';

export interface WorkerPool<Job> {
  /** The module that calls `serveJobs`, as a path, and its arguments. */
  readonly module: string;
  readonly args: readonly string[];
  readonly workers: number;
  /** Taken in this order. */
  readonly jobs: readonly Job[];
  /** A new process for each job, whose end without a result is the result undefined. Otherwise a worker that ends early is an error. */
  readonly oneJobEach?: boolean;
}

/**
 * Runs all jobs, `workers` at a time; `each` hears of every result as it comes. Rejects where a worker ends before its work.
 * Jobs and results travel as JSON.
 */
export async function shareOut<Job, Outcome>(
  { module, args, workers, jobs, oneJobEach = false }: WorkerPool<Job>,
  each: (job: Job, result: Outcome | undefined) => void,
): Promise<void> {
  const left = [...jobs];
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(module, [...args]);
      let job: Job | undefined;
      const next = (): void => {
        job = left.shift();
        if (job === undefined) child.disconnect();
        else child.send(job as string);
      };
      child.on('message', (result: Outcome) => {
        each(job!, result);
        job = undefined;
        if (oneJobEach) child.disconnect();
        else next();
      });
      child.on('exit', (code) => {
        if (!oneJobEach && (code !== 0 || job !== undefined))
          reject(new Error(`a worker ended with ${code}`));
        else {
          if (job !== undefined) each(job, undefined);
          resolve();
        }
      });
      next();
    });
  const line = async (): Promise<void> => {
    do await worker();
    while (oneJobEach && left.length > 0);
  };
  await Promise.all(Array.from({ length: Math.min(workers, left.length) }, line));
}

/** The worker's side: what comes from the parent is worked off, one job after the other. */
export function serveJobs<Job, Outcome>(work: (job: Job) => Outcome | Promise<Outcome>): void {
  process.on('message', async (job: Job) => {
    const result = await work(job);
    process.send!(result);
  });
}
