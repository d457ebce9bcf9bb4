import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { LOCAL_CODES } from '@iotw/nodes/intake/local-codes';
import { UNDECIDED } from '@iotw/nodes/intake/submission';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { RESULT_CODES } from '@iotw/protocol/result';
import { checkEnvelopeFrame, ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import { envelopeFromJson } from '@iotw/protocol/transaction-json';
import { z } from 'zod';
import type { WaitFor } from './backend.js';
import { provingCommits, untilProvable } from './commits.js';
import type { ApiContext } from './context.js';
import { WAIT_TIMEOUT_MS } from './limits.js';
import { isDecisive } from './round-layout.js';
import type { RoundWaiters } from './round-waiters.js';
import { Count, Hex32, SpecObject } from './views/forms.js';
import { receiptOf } from './views/receipts.js';
import { codeName, type Found, findTransaction } from './views/transactions.js';

export const SubmitSchema = z
  .object({
    id: Hex32,
    status: z.enum(['accepted', 'certified', 'final', 'failed']).describe('only `final` survives everything'),
    code: z.string().optional().describe('why it failed; `ok` where final'),
    round: Count.optional(),
    position: Count.optional(),
    receipt: SpecObject.optional().describe('with wait=final or provable'),
    provable: z
      .boolean()
      .optional()
      .describe('with wait=provable: whether the receipt is, by now, checkable by anybody'),
  })
  .meta({ id: 'Submitted' });
export type SubmitView = z.infer<typeof SubmitSchema>;

/** The submission as a client writes it. */
export const SubmitBody = z
  .union([
    z.object({ transaction: SpecObject, signature: z.string(), id: z.string().optional() }),
    z.object({ envelope: z.string().describe('the signed envelope (SSZ) in hex') }),
  ])
  .meta({ id: 'SignedTransaction' });

/** The envelope out of a JSON body. Errors: `transaction-json`, `transaction-too-large`, `transaction-malformed`. */
export function readSubmission(
  context: ApiContext,
  body: unknown,
): Result<{ readonly id: Uint8Array; readonly envelope: Uint8Array }> {
  const text =
    typeof body === 'object' && body !== null ? (body as { envelope?: unknown }).envelope : undefined;
  if (text === undefined) return envelopeFromJson(context.backend.network, body, context.prefix);
  const envelope = typeof text === 'string' ? fromHex(text) : undefined;
  if (envelope === undefined) {
    return fail('transaction-json', 'The field /envelope must be the signed envelope in hex.', {
      pointer: '/envelope',
    });
  }
  const frame = checkEnvelopeFrame(envelope);
  if (!frame.ok) return frame;
  return ok({
    id: transactionId(context.backend.network, envelope.subarray(ENVELOPE.transaction)),
    envelope,
  });
}

const ENTRANCE_NAMES = new Map<number, string>(Object.entries(LOCAL_CODES).map(([name, n]) => [n, name]));

/** Codes that no round will ever tell: the transaction went no further than the entrance. */
const NEVER_TAKEN: ReadonlySet<number> = new Set([
  LOCAL_CODES['intake-full'],
  LOCAL_CODES['fee-unpaid'],
  LOCAL_CODES['fee-promised'],
  LOCAL_CODES['lane-suspended'],
]);

/** What a client is told of a code that kept its transaction out of every block. */
const REFUSALS: Readonly<Record<string, string>> = {
  'intake-full': 'The node has as many transactions waiting as it may hold: try again in a moment.',
  'transaction-malformed': 'The envelope can not be read: encode it as spec clause 4 says.',
  'signature-invalid':
    'The signature does not match: sign the transaction id for this network with the key of the sender.',
  'transaction-duplicate': 'This transaction was handed in already: look it up by its id.',
  'transaction-expired': 'Its expiry lies before the agreed time: sign it again with a later one.',
  'sequence-used': 'The sender has used this sequence: read the account for the next one and sign again.',
  'sender-unknown': 'The sender has no account yet: have it credited first, then send these bytes again.',
  'fee-promised':
    'Your transactions on their way may spend what the floor fee needs: wait until they are final, then send these bytes again.',
  'fee-unpaid': 'The sender can not pay the floor fee: have it credited first, then send these bytes again.',
};

/** Name of a code of the entrance or of the ledger. */
export function outcomeName(code: number): string {
  return ENTRANCE_NAMES.get(code) ?? codeName(code);
}

/**
 * Hands one transaction in and waits as far as the client asked. A transaction that was handed in before
 * is waited for like a new one, so that a retry is safe. Errors: those of the entrance, `wait-timeout`.
 */
export async function submitOne(
  context: ApiContext,
  waiters: RoundWaiters,
  id: Uint8Array,
  envelope: Uint8Array,
  wait: WaitFor,
): Promise<Result<SubmitView>> {
  const after = context.rounds.latest;
  const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  const outcome = await withTimeout(context.backend.submit(run, wait), WAIT_TIMEOUT_MS);
  if (outcome === undefined) return timeout(id);
  if (!outcome.ok) return outcome;
  const code = outcome.value.codes[0]!;
  const text = toHex(id);
  if (code === LOCAL_CODES['transaction-duplicate']) {
    return submittedBefore(context, waiters, id, after, wait, deadline);
  }
  if (code === RESULT_CODES['sequence-used']) {
    // A retry of what became final long ago is told its result.
    const known = findTransaction(context, id);
    if (known.ok) return ok(finalView(context, text, known.value));
  }
  if (wait === 'final' && !NEVER_TAKEN.has(code)) {
    const found = await whereAbouts(context, waiters, id, after, deadline, code === 0 || isDecisive(code));
    if (found !== undefined) return ok(finalView(context, text, found));
    if (code === 0) return timeout(id);
  }
  if (code === UNDECIDED || code === 0) {
    return ok({
      id: text,
      status: wait === 'certified' ? 'certified' : wait === 'final' ? 'final' : 'accepted',
    });
  }
  const name = outcomeName(code);
  if (isDecisive(code) && !ENTRANCE_NAMES.has(code)) return ok({ id: text, status: 'failed', code: name });
  return { ok: false, error: refusal(name, text) };
}

function refusal(code: string, id: string) {
  const message = REFUSALS[code] ?? `The transaction was refused: ${code}. See docs/errors.md.`;
  return { code, message, data: { id } };
}

async function submittedBefore(
  context: ApiContext,
  waiters: RoundWaiters,
  id: Uint8Array,
  after: number,
  wait: WaitFor,
  deadline: number,
): Promise<Result<SubmitView>> {
  const text = toHex(id);
  const known = findTransaction(context, id);
  if (known.ok) return ok(finalView(context, text, known.value));
  if (wait !== 'final') return { ok: false, error: refusal('transaction-duplicate', text) };
  const found = await whereAbouts(context, waiters, id, after, deadline, true);
  return found === undefined ? timeout(id) : ok(finalView(context, text, found));
}

/** The place of a transaction in a round after `after`: one that is in memory already, or the next to come. */
async function whereAbouts(
  context: ApiContext,
  waiters: RoundWaiters,
  id: Uint8Array,
  after: number,
  deadline: number,
  mayCome: boolean,
): Promise<Found | undefined> {
  for (const layout of context.rounds.newestAbove(after)) {
    const position = layout.find(id);
    if (position >= 0 && equalBytes(layout.id(position), id)) return { layout, position };
  }
  return mayCome ? waiters.wait(id, deadline - Date.now()) : undefined;
}

function finalView(context: ApiContext, id: string, { layout, position }: Found): SubmitView {
  const code = layout.code(position);
  return {
    id,
    status: code === 0 ? 'final' : 'failed',
    code: codeName(code),
    round: layout.number,
    position,
    receipt: receiptToJson(receiptOf(context, layout, position)),
  };
}

/**
 * The answer to wait=provable: what became final, with a receipt that carries the commit once that is there. Where it does not come
 * in time, the transaction is final all the same. Errors: `cometbft-rpc`.
 */
export async function provenView(context: ApiContext, view: SubmitView): Promise<Result<SubmitView>> {
  const layout = view.round === undefined ? undefined : context.rounds.layout(view.round);
  if (layout === undefined || view.position === undefined) return ok(view);
  const provable = await untilProvable(context.backend, layout.number, Date.now() + WAIT_TIMEOUT_MS);
  const commits = await provingCommits(context.backend, layout.number);
  if (!commits.ok) return commits;
  const receipt = receiptToJson(receiptOf(context, layout, view.position, commits.value));
  return ok({ ...view, provable, receipt });
}

/** Receipts are large and can be made again: an answer is remembered without its. */
export function withoutReceipt<T extends SubmitView>(view: T): T {
  const { receipt, ...rest } = view;
  return rest as T;
}

/** The answer with its receipt again, where it had one. */
export function withReceipt<T extends SubmitView>(context: ApiContext, view: T): T {
  if (view.round === undefined || view.position === undefined) return view;
  const layout = context.rounds.layout(view.round);
  return layout === undefined
    ? view
    : { ...view, receipt: receiptToJson(receiptOf(context, layout, view.position)) };
}

function timeout(id: Uint8Array): Result<never> {
  return fail(
    'wait-timeout',
    `The transaction was handed in but is not decided after ${WAIT_TIMEOUT_MS / 1000} s: look it up by its id, or send the very same bytes again.`,
    { id: toHex(id) },
  );
}

/** `undefined` where the promise has not settled in time; it is then left to itself. */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
