import { connect, type Fetch } from '@iotw/sdk/client/connection';
import type { Compare, FromWorker, Shown, ToWorker } from './report.ts';

/**
 * Verifies beside the page: all signatures are off its thread. What it stands on waits for WebAssembly at its top level, and a
 * message that comes to a worker before it listens is lost: so that is imported when the first message has come.
 */

const TIMEOUT_MS = 8_000;

let proven: Promise<Compare<Shown>> | undefined;

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  try {
    if ('begin' in data) {
      const { url, network, begin } = data;
      const connection = connect({
        ...{ url, retries: 1, timeoutMs: TIMEOUT_MS, fetch: watched },
        ...(network === undefined ? {} : { network }),
      });
      proven = import('./prove.ts').then(({ prove }) => prove(connection, begin));
      await proven;
      return;
    }
    const compare = await proven;
    if (compare !== undefined) tell({ report: compare(data.shown) });
  } catch (error) {
    // A bug, or memory that ran out: the page says that nothing was verified.
    tell({ broken: String(error) });
  }
};

const awaits = new Set<string>();

/** Tells what is waited for, so that a page whose patience ends can name it. */
const watched: Fetch = async (url, init) => {
  const { pathname } = new URL(url);
  awaits.add(pathname);
  tell({ awaits: [...awaits] });
  try {
    return await fetch(url, init);
  } finally {
    awaits.delete(pathname);
    tell({ awaits: [...awaits] });
  }
};

function tell(message: FromWorker): void {
  self.postMessage(message);
}
