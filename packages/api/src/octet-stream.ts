import type { FastifyError, FastifyInstance } from 'fastify';

/** A body as one array alone in its buffer, so that it may be changed in place and handed to other threads. */
export function installOctetStream(app: FastifyInstance, defaultLimit: number): void {
  app.addContentTypeParser('application/octet-stream', (request, payload, done) => {
    const limit = request.routeOptions.bodyLimit ?? defaultLimit;
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    if (announced > limit) {
      done(refusal('FST_ERR_CTP_BODY_TOO_LARGE', 413));
      return;
    }
    let body = new Uint8Array(Number.isSafeInteger(announced) ? announced : 65_536);
    let length = 0;
    let settled = false;
    const settle = (error: FastifyError | null, value?: Uint8Array) => {
      if (settled) return;
      settled = true;
      done(error, value);
    };
    payload.on('data', (chunk: Buffer) => {
      if (settled) return;
      const end = length + chunk.length;
      if (end > limit) {
        // The rest is read and thrown away, so that the answer reaches a client that still writes.
        settle(refusal('FST_ERR_CTP_BODY_TOO_LARGE', 413));
        return;
      }
      if (end > body.length) {
        const grown = new Uint8Array(Math.min(limit, Math.max(end, 2 * body.length)));
        grown.set(body.subarray(0, length));
        body = grown;
      }
      body.set(chunk, length);
      length = end;
    });
    payload.on('end', () => settle(null, length === body.length ? body : body.slice(0, length)));
    payload.on('error', () => settle(refusal('FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400)));
  });
}

function refusal(code: string, statusCode: number): FastifyError {
  return Object.assign(new Error(code), { name: 'FastifyError', code, statusCode });
}
