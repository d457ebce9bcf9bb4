import { utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type AddressPrefix, decodeAddress } from '@iotw/protocol/address';
import { MAX_MEMO_BYTES } from '@iotw/protocol/limits';
import { formatAmount, parseAmount } from '@iotw/sdk/transaction/amount';

/** What somebody asks for: `/pay?to=…&amount=…&memo=…&until=…`. */
export interface PaymentRequest {
  readonly to: string;
  /** Base units; undefined: whoever pays says how much. */
  readonly amount: number | undefined;
  readonly memo: string;
  /** Agreed time in ms from which it is not to be paid any more; undefined: always. */
  readonly untilMs: number | undefined;
}

const MAX_LINK = 2_048;

/** The link of a request, on the app at `origin`. */
export function requestLink(origin: string, request: PaymentRequest): string {
  const url = new URL('/pay', origin);
  url.searchParams.set('to', request.to);
  if (request.amount !== undefined) url.searchParams.set('amount', formatAmount(request.amount));
  if (request.memo !== '') url.searchParams.set('memo', request.memo);
  if (request.untilMs !== undefined) url.searchParams.set('until', new Date(request.untilMs).toISOString());
  return url.href;
}

/**
 * Reads a request link, its query alone, or a bare address: what QR codes and messages hold. Anything may come.
 * Codes: `request-link` (it is none), `request-device` (it is a device's code), those of addresses, `amount-format`, `request-memo`, `request-expired` (data: `untilMs`).
 */
export function readRequest(text: string, prefix: AddressPrefix, agreedMs: number): Result<PaymentRequest> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LINK) return noLink();
  if (/^iotw:/i.test(trimmed)) {
    return fail('request-device', 'This is the code of a device: open it at “Devices”.');
  }
  if (/^t?iotw1[a-z0-9]+$/i.test(trimmed)) {
    const address = decodeAddress(trimmed, prefix);
    return address.ok ? ok({ to: trimmed, amount: undefined, memo: '', untilMs: undefined }) : address;
  }
  const query = queryOf(trimmed);
  const to = query?.get('to');
  if (query === undefined || to === null || to === undefined) return noLink();
  const address = decodeAddress(to, prefix);
  if (!address.ok) return address;
  const amountText = query.get('amount');
  const amount = amountText === null ? ok(undefined) : parseAmount(amountText);
  if (!amount.ok) return amount;
  const memo = query.get('memo') ?? '';
  if (utf8(memo).length > MAX_MEMO_BYTES) {
    return fail(
      'request-memo',
      `The link's memo has more than ${MAX_MEMO_BYTES} bytes: ask for another link.`,
    );
  }
  const until = query.get('until');
  const untilMs = until === null ? undefined : Date.parse(until);
  if (untilMs !== undefined && !Number.isSafeInteger(untilMs)) return noLink();
  if (untilMs !== undefined && untilMs < agreedMs) {
    return fail('request-expired', 'The request has expired: ask for a new link. Nothing was paid.', {
      untilMs,
    });
  }
  return ok({ to, amount: amount.value, memo, untilMs });
}

function queryOf(text: string): URLSearchParams | undefined {
  if (text.startsWith('?')) return new URLSearchParams(text);
  try {
    const url = new URL(text);
    return url.pathname.endsWith('/pay') ? url.searchParams : undefined;
  } catch {
    return undefined;
  }
}

function noLink(): Result<never> {
  return fail(
    'request-link',
    'This is no address and no request link: it should begin with the address prefix, or be a link to /pay of a wallet.',
  );
}
