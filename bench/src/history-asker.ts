import { Agent, get } from 'node:http';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Prng } from '@iotw/kernel/prng';

/** What an explorer asks of the index. */
export const KINDS = ['search', 'account', 'deepHistory', 'transaction', 'receipt', 'block'] as const;

export interface AskOrder {
  readonly url: string;
  readonly kind: (typeof KINDS)[number];
  readonly asks: number;
  readonly client: number;
  readonly ids: readonly string[];
  readonly hashes: readonly string[];
  readonly addresses: readonly string[];
}

export interface AskResult {
  /** Milliseconds to the last byte. */
  readonly times: readonly number[];
  readonly wrong: readonly string[];
}

const WARM = 50;

/** One client: asks one thing after the other over one connection. */
async function ask(order: AskOrder): Promise<AskResult> {
  const prng = new Prng(`asker ${order.kind} ${order.client}`);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pick = (list: readonly string[]) => list[prng.below(list.length)]!;
  const times: number[] = [];
  const wrong: string[] = [];
  let cursor: string | undefined;
  const path = (): string => {
    switch (order.kind) {
      case 'search':
        return `/v1/search?q=${pick([order.ids, order.hashes, order.addresses][prng.below(3)]!)}`;
      case 'account':
        return `/v1/accounts/${pick(order.addresses)}/transactions?limit=50`;
      case 'deepHistory':
        // The one history that is a million long, page behind page.
        return `/v1/accounts/${order.addresses[0]}/transactions?limit=50${cursor === undefined ? '' : `&cursor=${cursor}`}`;
      case 'transaction':
        return `/v1/transactions/${pick(order.ids)}`;
      case 'receipt':
        return `/v1/transactions/${pick(order.ids)}/receipt`;
      case 'block':
        return `/v1/blocks/${pick(order.hashes)}`;
    }
  };
  for (let i = -WARM; i < order.asks; i++) {
    const where = path();
    const began = performance.now();
    const { status, body } = await fetched(order.url + where, agent);
    const ms = performance.now() - began;
    if (i >= 0) times.push(ms);
    const answer = JSON.parse(body) as { readonly items?: readonly unknown[]; readonly next?: string | null };
    const isList = order.kind === 'search' || order.kind === 'deepHistory';
    if (status !== 200 || (isList && answer.items?.length === 0))
      wrong.push(`${where}: ${body.slice(0, 200)}`);
    cursor = answer.next ?? undefined;
  }
  agent.destroy();
  return { times, wrong };
}

function fetched(url: string, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    }).on('error', reject);
  });
}

if (!isMainThread) parentPort?.postMessage(await ask(workerData as AskOrder));
