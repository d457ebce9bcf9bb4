import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok } from '@iotw/kernel/result';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AbciApplication } from './abci-application.js';
import { AbciServer } from './abci-server.js';
import { encodeFrame, FrameReader } from './frames.js';

const MAX = 4_096;
let dir: string;
let path: string;
let server: AbciServer;
let faults: string[];
/** Connections opened and closed, in order. */
let connections: string[];
/** How many requests the application works on now, and at most so far. */
let working: number;
let most: number;

const application = {
  async commit() {
    working += 1;
    most = Math.max(most, working);
    await new Promise((resolve) => setTimeout(resolve, 1));
    working -= 1;
    return ok({ retainHeight: 7n });
  },
  async query({ path: asked }) {
    if (asked === 'bad') return { ok: false, error: { code: 'test-refusal', message: 'Not this.' } };
    return ok({ ...Response.fromPartial({ query: { log: asked } }).query! });
  },
} as Partial<AbciApplication> as AbciApplication;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-abci-test-'));
  path = join(dir, 's');
  faults = [];
  const told: string[] = [];
  connections = told;
  working = 0;
  most = 0;
  server = new AbciServer({
    application,
    maxMessageBytes: MAX,
    onFault: ({ code }) => faults.push(code),
    onConnection: () => {
      const name = told.push('opened');
      return () => told.push(`${name} closed`);
    },
  });
  expect(await server.listen(path)).toMatchObject({ ok: true });
});
afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A connection that writes bytes in pieces and reads answers until `count` came or it was closed. */
async function talk(pieces: readonly Uint8Array[], count: number): Promise<Response[]> {
  const socket: Socket = connect(path);
  const reader = new FrameReader(1 << 20);
  const answers: Response[] = [];
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      const messages = reader.push(chunk);
      if (messages.ok) for (const message of messages.value) answers.push(Response.decode(message));
      if (answers.length >= count) resolve();
    });
    socket.on('close', () => resolve());
    socket.on('error', () => {});
  });
  for (const piece of pieces) socket.write(piece);
  await done;
  socket.destroy();
  return answers;
}

const request = (value: Request): Buffer => encodeFrame(Request.encode(value).finish());
/** A query that names a path. */
const query = (path: string): Request => Request.fromPartial({ query: { path } });

describe('the ABCI server', () => {
  it('answers what comes on a connection one after the other, in order, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant('commit'), fc.constant('flush'), fc.string({ maxLength: 30 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (asked, cuts) => {
          const bytes = Buffer.concat(
            asked.map((one) =>
              one === 'commit'
                ? request({ commit: {} })
                : one === 'flush'
                  ? request({ flush: {} })
                  : request({ echo: { message: one } }),
            ),
          );
          const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
          const pieces = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
          const answers = await talk(pieces, asked.length);
          expect(answers.map((answer) => kindOf(answer))).toEqual(asked);
        },
      ),
      { numRuns: 40 },
    );
    expect(most).toBe(1);
    expect(faults).toEqual([]);
  });

  it.each([
    ['a message above the limit', Buffer.from([0x80, 0x80, 0x80, 0x01]), 'abci-frame-too-large'],
    ['no protobuf', encodeFrame(Buffer.from([0x0a, 0xff, 0xff])), 'abci-malformed'],
    ['a request of no kind', encodeFrame(Buffer.alloc(0)), 'abci-unknown-request'],
    ['a request of another ABCI', encodeFrame(Buffer.from([0x3a, 0x00])), 'abci-unknown-request'],
    ['two in one', encodeFrame(Buffer.from([0x12, 0x00, 0x5a, 0x00])), 'abci-unknown-request'],
    ['what the application refuses', request(query('bad')), 'test-refusal'],
  ])('tells and closes on %s', async (_, bytes, code) => {
    const answers = await talk([request({ echo: { message: 'a' } }), bytes], 99);
    expect(answers.map(kindOf).at(-1)).toBe(`exception ${code}`);
    expect(faults).toEqual([code]);
    // Others are served on.
    expect((await talk([request({ echo: { message: 'b' } })], 1)).map(kindOf)).toEqual(['b']);
  });

  it('is not troubled by a peer that goes away in the middle', async () => {
    const socket = connect(path);
    await new Promise<void>((resolve) => {
      socket.write(Buffer.concat([request({ commit: {} }), Buffer.from([200])]), () => resolve());
    });
    socket.destroy();
    expect((await talk([request({ commit: {} })], 1)).map(kindOf)).toEqual(['commit']);
    expect(faults).toEqual([]);
  });

  it('tells of each connection, and when it is closed by either side', async () => {
    await talk([request({ echo: { message: 'a' } })], 1);
    await vi.waitFor(() => expect(connections).toEqual(['opened', '1 closed']));
    await talk([request(query('bad'))], 99);
    await vi.waitFor(() => expect(connections).toEqual(['opened', '1 closed', 'opened', '3 closed']));
  });

  it('never ends of what random peers send', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = connect(path);
        socket.on('error', () => {});
        await new Promise<void>((resolve) => socket.end(bytes, () => resolve()));
        socket.destroy();
      }),
      { numRuns: 40 },
    );
    expect((await talk([request({ echo: { message: 'c' } })], 1)).map(kindOf)).toEqual(['c']);
  });

  it('refuses a path that is taken', async () => {
    const other = new AbciServer({ application, onFault: () => {} });
    expect(await other.listen(path)).toMatchObject({ ok: false, error: { code: 'abci-socket' } });
  });
});

function kindOf(answer: Response): string {
  if (answer.exception !== undefined) return `exception ${answer.exception.error.split(':', 1)[0]}`;
  if (answer.commit !== undefined) return 'commit';
  if (answer.flush !== undefined) return 'flush';
  return answer.echo?.message ?? 'another';
}
