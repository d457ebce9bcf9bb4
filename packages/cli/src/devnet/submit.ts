import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';

/** How long a submission may wait for its final receipt, ms. */
const TIMEOUT_MS = 30_000;

/** Submits one envelope over the API's front door and waits for the final result code. */
export function submitter(apiUrl: string): (envelope: Uint8Array) => Promise<Result<number>> {
  return async (envelope) => {
    try {
      const response = await fetch(`${apiUrl}/v1/transactions?wait=final`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ envelope: toHex(envelope) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = (await response.json()) as {
        readonly result?: { readonly number?: number };
        readonly code?: unknown;
      };
      const number = answer.result?.number;
      if (typeof number === 'number') return ok(number);
      return fail('submit-refused', `The API answered ${response.status}: ${JSON.stringify(answer)}`);
    } catch (error) {
      return fail('submit-failed', `The API can't be reached: ${(error as Error).message}`);
    }
  };
}
