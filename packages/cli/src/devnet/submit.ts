import { fromUtf8, readU16, writeU32 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { LOCAL_CODES } from '@iotw/nodes/intake/local-codes';

/** How long a submission may wait for its final receipt, ms. */
const TIMEOUT_MS = 30_000;

const OCTETS = 'application/octet-stream';

/** A batch of one: u32 length, then the envelope. */
function batchOf(envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(4 + envelope.length);
  writeU32(body, 0, envelope.length);
  body.set(envelope, 4);
  return body;
}

/** The entrance did not take it and may a moment later. */
const NOT_NOW: ReadonlySet<number> = new Set([LOCAL_CODES['intake-full'], LOCAL_CODES['fee-promised']]);

/** Submits one envelope over the API's front door and waits for the final result code. */
export function submitter(apiUrl: string): (envelope: Uint8Array) => Promise<Result<number>> {
  return async (envelope) => {
    try {
      const response = await fetch(`${apiUrl}/v1/transactions/batch?wait=final`, {
        method: 'POST',
        headers: { 'content-type': OCTETS, accept: OCTETS },
        body: batchOf(envelope),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      // u32 count, then one u16 code.
      if (response.ok && answer.length >= 6) {
        const code = readU16(answer, 4);
        if (!NOT_NOW.has(code)) return ok(code);
      }
      return fail('submit-refused', `The API answered ${response.status}: ${fromUtf8(answer) ?? ''}`);
    } catch (error) {
      return fail('submit-failed', `The API can't be reached: ${(error as Error).message}`);
    }
  };
}
