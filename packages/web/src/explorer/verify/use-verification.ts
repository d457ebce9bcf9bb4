import { useEffect, useRef, useState } from 'react';
import { pinNetwork, pinnedNetwork } from '../../data/pinned-network.ts';
import type { FromWorker, Shown, Subject, ToWorker, VerifyReport } from './report.ts';

/** What a verification may take before the page says that it could not be made, ms. */
export const LONGEST_MS = 20_000;

/** What is waited for: the program, what the page itself shows, or paths of the API (none: it computes). */
export type Awaits = 'program' | 'page' | readonly string[];

export type Verification =
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly report: VerifyReport; readonly tookMs: number }
  | { readonly state: 'late'; readonly awaits: Awaits }
  /** A message only where the program itself failed: the browser gives none where it could not be loaded. */
  | { readonly state: 'broken'; readonly message: string | undefined };

/** How a verification ended, and of what: an end of something else is none. */
interface End {
  readonly of: string;
  /** What the page showed, where it was compared. */
  readonly content: string | undefined;
  readonly verification: Verification;
}

const RUNNING: Verification = { state: 'running' };

/**
 * Verifies in a worker of its own, anew whenever `key` or the subject changes; what is shown may come later than the proofs, and is
 * compared with them again whenever it changes. The first network that this browser verifies something of is kept as the known one.
 */
export function useVerification(
  key: string,
  subject: Subject | undefined,
  shown: Shown | undefined,
): Verification {
  const [end, setEnd] = useState<End>();
  const running = useRef<{ readonly worker: Worker; readonly told: string[] } | undefined>(undefined);
  const about = subject === undefined ? undefined : JSON.stringify(subject);
  const content = shown === undefined ? undefined : JSON.stringify(shown);
  const of = `${key} ${about}`;
  const isShown = useRef(false);
  isShown.current = content !== undefined;

  useEffect(() => {
    if (about === undefined) return;
    const started = performance.now();
    let awaits: Awaits = 'program';
    const worker = new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' });
    const told: string[] = [];
    const ends = (verification: Verification, content?: string) => {
      clearTimeout(late);
      setEnd({ of, content, verification });
    };
    const late = setTimeout(() => {
      worker.terminate();
      const idle = awaits !== 'program' && awaits.length === 0;
      ends({ state: 'late', awaits: idle && !isShown.current ? 'page' : awaits });
    }, LONGEST_MS);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ('awaits' in data) {
        awaits = data.awaits;
        return;
      }
      if ('broken' in data) return ends({ state: 'broken', message: data.broken });
      const { report } = data;
      if (report.network !== undefined && pinnedNetwork() === undefined) pinNetwork(report.network);
      // Reports come in the order of what was told.
      ends({ state: 'done', report, tookMs: performance.now() - started }, told.shift());
    };
    worker.onerror = ({ message }) => ends({ state: 'broken', message: message || undefined });
    running.current = { worker, told };
    const begin = JSON.parse(about) as Subject;
    post(worker, { begin, url: window.location.origin, network: pinnedNetwork() });
    return () => {
      clearTimeout(late);
      worker.terminate();
      running.current = undefined;
    };
  }, [of, about]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a worker that began anew is told anew
  useEffect(() => {
    if (content === undefined || running.current === undefined) return;
    running.current.told.push(content);
    post(running.current.worker, { shown: JSON.parse(content) as Shown });
  }, [of, content]);

  if (end === undefined || end.of !== of) return RUNNING;
  // A report is of what was shown then: never of what came since.
  return end.verification.state === 'done' && end.content !== content ? RUNNING : end.verification;
}

function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
