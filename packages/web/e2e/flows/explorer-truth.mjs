// A server that lies: between the real server and the page somebody changes one answer, and the page says so and names what
// failed. What nobody changed is verified.
import { ReceiptType } from '@iotw/protocol/receipt';

const VERDICT = '[data-verdict]:not([data-verdict=running])';

/** @type {import('../../../../tools/web/flows.mjs').Flow[]} */
export const flows = [
  { name: 'explorer: a server that lies is found out', sizes: ['desktop'], run: lies },
  { name: 'explorer: a server that is silent is not believed', sizes: ['phone'], run: silences },
];

/** A bit of bytes, turned. */
const flip = (bytes, at = 0) => bytes.with(at, bytes[at] ^ 1);
/** Another hex digit at the end. */
const another = (hex) => hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0');
const first = (list, change) => list.with(0, { ...list[0], ...change });

/**
 * @typedef {object} Lie
 * @property {string} kind what is changed
 * @property {'tx' | 'block' | 'epoch'} on the page
 * @property {Record<string, (answer: any, other: any) => any>} tell what becomes of an answer, by its address
 * @property {string} failed the check that must fail, as one of perhaps several
 * @property {RegExp} [reason] what it must say
 */

/** @param {(operation: any) => object} change of a transaction's first operation, as the page is told it */
const operation = (change) => ({
  transaction: ({ transaction, ...rest }) => {
    const operations = first(transaction.operations, change(transaction.operations[0]));
    return { ...rest, transaction: { ...transaction, operations } };
  },
});
/** @param {(receipt: any) => object} change of what proves the transaction */
const receipt = (change) => ({ receipt: (made) => ({ ...made, ...change(made) }) });
const certificate = (change) =>
  receipt(({ certificate: made }) => ({ certificate: { ...made, ...change(made) } }));

/** @type {Lie[]} */
const LIES = [
  {
    kind: 'another amount',
    on: 'tx',
    tell: operation(({ amount }) => ({ amount: amount + 1_000_000 })),
    failed: 'shown-content',
    reason: /\/transaction\/operations\/0\/amount/,
  },
  {
    kind: 'another recipient',
    on: 'tx',
    tell: operation(() => ({
      counterparty: 'tiotw1qzpq8vpfw5ydqrz8uwuxf9ytnj4ec6mjfxjjz0r9s2zw0wpmef3vuc4crc6',
    })),
    failed: 'shown-content',
    reason: /counterparty/,
  },
  {
    kind: 'another item',
    on: 'tx',
    tell: operation(() => ({ item: 'Gold, 1 kg' })),
    failed: 'shown-content',
    reason: /item/,
  },
  {
    kind: 'a failure instead of the result',
    on: 'tx',
    tell: { transaction: (said) => ({ ...said, status: 'failed', code: 'balance-too-low' }) },
    failed: 'shown-result',
  },
  {
    kind: 'another result, on the page and in its receipt',
    on: 'tx',
    tell: {
      transaction: (said) => ({ ...said, status: 'failed', code: 'balance-too-low' }),
      ...receipt(() => ({ code: 33 })),
    },
    failed: 'result-path',
  },
  {
    kind: "another transaction's page, genuine by itself",
    on: 'tx',
    tell: { transaction: (_, { transaction }) => transaction },
    failed: 'shown-content',
    reason: /\/id is/,
  },
  {
    kind: 'another device in the committee',
    on: 'tx',
    tell: {
      election: (said) => {
        const taken = new Set(said.ranks.map(({ device }) => device));
        const device = Array.from({ length: 60 }, (_, n) => n).find((n) => !taken.has(n));
        return { ...said, ranks: first(said.ranks, { device }) };
      },
    },
    failed: 'shown-committee',
  },
  {
    kind: 'other owners in the committee, so that it looks diverse',
    on: 'tx',
    tell: {
      election: (said) => ({ ...said, ranks: said.ranks.map((rank) => ({ ...rank, owner: rank.rank })) }),
    },
    failed: 'shown-committee',
    reason: /owner/,
  },
  {
    kind: "another transaction's receipt",
    on: 'tx',
    tell: { receipt: (_, { receipt: other }) => other },
    failed: 'receipt',
  },
  {
    kind: 'a forged vote in the certificate',
    on: 'tx',
    tell: certificate(({ votes }) => ({
      votes: first(votes, { signature: flip(votes[0].signature) }),
    })),
    failed: 'votes',
  },
  {
    kind: "a device's answer with another counter",
    on: 'tx',
    tell: certificate(({ attestations }) => ({
      attestations: first(attestations, { counter: attestations[0].counter + 1 }),
    })),
    failed: 'committee',
  },
  {
    kind: 'a certificate in which one device answered for another',
    on: 'tx',
    tell: certificate(({ attestations }) => ({
      attestations: first(attestations, { device: attestations[1].device }),
    })),
    failed: 'committee',
  },
  {
    kind: "another epoch's seed, so another committee",
    on: 'tx',
    tell: { epoch: (said) => ({ ...said, seed: another(said.seed) }) },
    failed: 'pool-anchor',
  },
  {
    kind: 'another pool of devices',
    on: 'tx',
    tell: { pool: (bytes) => bytes.slice(0, bytes.length / 2) },
    failed: 'pool',
  },
  {
    kind: 'a Merkle path that leads elsewhere',
    on: 'tx',
    tell: receipt(({ path }) => ({ path: path.with(0, flip(path[0])) })),
    failed: 'transaction-path',
  },
  {
    kind: 'a round that nobody signed',
    on: 'tx',
    tell: receipt(({ round }) => ({ round: { ...round, timeMs: round.timeMs + 1 } })),
    failed: 'round-signatures',
  },
  {
    kind: "another network's genesis",
    on: 'tx',
    tell: { genesis: (said) => ({ ...said, name: 'another' }) },
    failed: 'network',
  },
  {
    kind: "another block's hash",
    on: 'block',
    tell: { block: (said) => ({ ...said, hash: another(said.hash) }) },
    failed: 'shown-result',
    reason: /\/hash/,
  },
  {
    kind: 'another block, genuine by itself',
    on: 'block',
    tell: { block: (_, { block }) => block },
    failed: 'shown-result',
  },
  {
    kind: 'a certificate with fewer votes than are shown',
    on: 'block',
    tell: {
      block: ({ certificate: made, ...said }) => ({
        ...said,
        certificate: { ...made, votes: [...made.votes, made.votes[0]] },
      }),
    },
    failed: 'shown-result',
    reason: /votes/,
  },
  {
    kind: 'another fee in the block, on the page and in its proof',
    on: 'block',
    tell: {
      block: ({ transactions, ...said }) => ({ ...said, transactions: first(transactions, { fee: 1 }) }),
      blockProof: ({ fees, ...made }) => ({ ...made, fees: fees.with(0, 1) }),
    },
    failed: 'results',
  },
  {
    kind: 'another seed of the epoch',
    on: 'epoch',
    tell: { epoch: (said) => ({ ...said, seed: another(said.seed) }) },
    failed: 'shown-content',
  },
  {
    kind: 'another seed of the epoch, on the page and in its proof',
    on: 'epoch',
    tell: {
      epoch: (said) => ({ ...said, seed: another(said.seed) }),
      epochProof: (made) => ({ ...made, seed: another(made.seed) }),
    },
    failed: 'seed-chain',
  },
];

async function lies(t) {
  const { transaction, lane, height, epoch } = t.facts;
  const pages = { tx: `/tx/${transaction}`, block: `/block/${lane}/${height}`, epoch: `/epoch/${epoch}` };
  const other = await others(t);
  for (const [name, path] of Object.entries(pages)) {
    await t.open(path, VERDICT);
    const { verdict } = await seen(t);
    // What a block or an epoch alone can't show (what other rounds hold) is left open.
    const good = name === 'tx' ? ['true'] : ['true', 'partly'];
    t.check(`the page of a ${name} that nobody changed is verified`, good.includes(verdict), verdict);
  }
  let tell = {};
  await t.context.route(/\/v1\//, (route) => answer(route, tell, other));
  // What the page itself asks for comes with the page, all else when it verifies again.
  let attempt = 0;
  let isHonest = false;
  for (const { kind, on, failed, reason, tell: lie } of LIES) {
    const isOfPage = on !== 'tx' || 'transaction' in lie || 'election' in lie;
    if (isOfPage || !isHonest) {
      tell = isOfPage ? lie : {};
      await t.open(pages[on], VERDICT);
      attempt = 0;
      isHonest = !isOfPage;
    }
    if (!isOfPage) {
      tell = lie;
      attempt += 1;
      await t.page.getByRole('button', { name: 'Verify again' }).click();
      await t.page.locator(`${VERDICT}[data-attempt="${attempt}"]`).waitFor();
    }
    const told = await seen(t);
    t.check(`${kind}: the page is not to be trusted`, told.verdict === 'false', told.verdict);
    t.check(`${kind}: ${failed} failed`, told.failed.includes(failed), told.failed);
    const line = t.page.locator(`[role=alert] [data-check=${failed}]`).first();
    t.check(`${kind}: it is named`, await line.isVisible());
    const words = await line.textContent();
    t.check(`${kind}: it says what is wrong`, (reason ?? /./).test(words), words);
  }
  await t.context.unroute(/\/v1\//);
}

/** What the page says of its verification. */
async function seen(t) {
  const panel = t.page.locator(VERDICT);
  return {
    verdict: await panel.getAttribute('data-verdict'),
    failed: (await panel.getAttribute('data-failed'))?.split(' ') ?? [],
  };
}

/** Genuine answers about something else, for a server that gives them away as what was asked for. */
async function others(t) {
  const { transaction, account, lane, height } = t.facts;
  const { items } = await t.network.get(`/v1/accounts/${account}/transactions?limit=20`);
  const one = items.find(({ id }) => id !== transaction) ?? (await anyOther(t));
  const response = await fetch(`${t.network.url}/v1/transactions/${one.id}/receipt`, {
    headers: { accept: 'application/octet-stream' },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const next = { lane, height: height === 1 ? 2 : height - 1 };
  return {
    transaction: one,
    receipt: ReceiptType.deserialize(bytes),
    block: await t.network.get(`/v1/blocks/${next.lane}/${next.height}`),
  };
}

/** A transaction of somebody else. */
async function anyOther(t) {
  const { items } = await t.network.get('/v1/blocks?limit=50');
  for (const { lane, height } of items) {
    const { transactions } = await t.network.get(`/v1/blocks/${lane}/${height}`);
    const found = transactions.find(({ id }) => id !== t.facts.transaction);
    if (found !== undefined) return t.network.get(`/v1/transactions/${found.id}`);
  }
  throw new Error('the network has one transaction only');
}

/** The answers that a lie may change, by name. */
const ANSWERS = {
  receipt: /^\/v1\/transactions\/[0-9a-f]{64}\/receipt$/,
  transaction: /^\/v1\/transactions\/[0-9a-f]{64}$/,
  election: /^\/v1\/elections\/\d+\/\d+$/,
  epoch: /^\/v1\/epochs\/\d+$/,
  epochProof: /^\/v1\/epochs\/\d+\/proof$/,
  pool: /^\/v1\/epochs\/\d+\/pool$/,
  genesis: /^\/v1\/genesis$/,
  block: /^\/v1\/blocks\/\d+\/\d+$/,
  blockProof: /^\/v1\/blocks\/\d+\/\d+\/proof$/,
};

/** Passes an answer of the real server on, changed where the lie says so. */
async function answer(route, tell, other) {
  const { pathname } = new URL(route.request().url());
  const name = Object.keys(ANSWERS).find((each) => ANSWERS[each].test(pathname));
  const change = tell[name];
  if (change === undefined) return route.continue();
  const response = await route.fetch();
  const bytes = new Uint8Array(await response.body());
  const isBytes = /octet-stream/.test(response.headers()['content-type']);
  if (name === 'receipt' && isBytes) {
    const made = change(ReceiptType.deserialize(bytes), other.receipt && other);
    return route.fulfill({ response, body: Buffer.from(ReceiptType.serialize(made)) });
  }
  const changed = isBytes ? change(bytes, other) : change(JSON.parse(Buffer.from(bytes).toString()), other);
  return route.fulfill({ response, body: isBytes ? Buffer.from(changed) : JSON.stringify(changed) });
}

/** What a server does not give is not held for true, and the page names it. */
async function silences(t) {
  const { transaction } = t.facts;
  t.expectFault(/status of (404|503)|Failed to load resource/);
  for (const [name, open] of [
    ['pool', 'committee'],
    ['election', 'shown-committee'],
  ]) {
    await t.context.route(
      ({ pathname }) => ANSWERS[name].test(pathname),
      (route) =>
        route.fulfill({
          status: 404,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: 'about:blank',
            title: 'gone',
            status: 404,
            code: 'epoch-not-found',
            detail: 'Gone.',
          }),
        }),
    );
    await t.open(`/tx/${transaction}`, VERDICT);
    const { verdict } = await seen(t);
    t.check(`without ${name} it is verified in part only`, verdict === 'partly', verdict);
    await t.page.getByRole('button', { name: 'Every check' }).click();
    await t.page.locator(`[data-check=${open}][data-state=unchecked]`).waitFor();
    await t.context.unroute(({ pathname }) => ANSWERS[name].test(pathname));
    await t.context.unrouteAll();
  }
}
