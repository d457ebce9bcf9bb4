import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from './frames.js';

const MAX = 300;
const messages = fc.array(fc.uint8Array({ maxLength: MAX }), { maxLength: 20 });

/** Cuts `bytes` at the given places and reads the pieces. */
function readAll(bytes: Buffer, cuts: readonly number[]) {
  const reader = new FrameReader(MAX);
  const read: number[][] = [];
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    const pushed = reader.push(bytes.subarray(from, to));
    from = to;
    if (!pushed.ok) return { read, refused: pushed.error.code, atRest: reader.atRest };
    for (const message of pushed.value) read.push([...message]);
  }
  return { read, refused: undefined, atRest: reader.atRest };
}

describe("ABCI's frames", () => {
  it('give the same messages however the stream is split or joined', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat()), (sent, cuts) => {
        const { read, refused, atRest } = readAll(Buffer.concat(sent.map(encodeFrame)), cuts);
        expect(refused).toBeUndefined();
        expect(read).toEqual(sent.map((message) => [...message]));
        expect(atRest).toBe(true);
      }),
    );
  });

  it('give all but the last message of a stream that was cut off, and know that something is missing', () => {
    fc.assert(
      fc.property(
        messages,
        fc.uint8Array({ minLength: 1, maxLength: MAX }),
        fc.nat(),
        (sent, last, missing) => {
          const end = encodeFrame(last);
          const part = end.subarray(0, 1 + (missing % (end.length - 1)));
          const { read, refused, atRest } = readAll(
            Buffer.concat([...sent.map(encodeFrame), part]),
            [7, 300],
          );
          expect(refused).toBeUndefined();
          expect(read.length).toBe(sent.length);
          expect(atRest).toBe(false);
        },
      ),
    );
  });

  it('are refused above the limit, before the message is there, whatever stood before it', () => {
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: MAX + 1, max: 2 ** 40 }),
        fc.array(fc.nat()),
        (sent, length, cuts) => {
          const varint: number[] = [];
          let rest = length;
          for (; rest > 0x7f; rest = Math.floor(rest / 128)) varint.push((rest % 128) | 0x80);
          varint.push(rest);
          const { refused } = readAll(Buffer.concat([...sent.map(encodeFrame), Buffer.from(varint)]), cuts);
          expect(refused).toBe('abci-frame-too-large');
        },
      ),
    );
  });

  it('never throw and never hold more than one message, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const reader = new FrameReader(MAX);
        for (const chunk of chunks) {
          const pushed = reader.push(Buffer.from(chunk));
          if (!pushed.ok) return;
          for (const message of pushed.value) expect(message.length).toBeLessThanOrEqual(MAX);
        }
      }),
    );
  });

  it.each([
    ['empty message', [0], [[]]],
    ['one byte', [1, 9], [[9]]],
    ['two bytes of length', [0x80, 0x01, ...Array(128).fill(3)], [Array(128).fill(3)]],
  ])('are as protobuf writes them: %s', (_, bytes, read) => {
    expect(readAll(Buffer.from(bytes), []).read).toEqual(read);
    expect(Buffer.concat(read.map((message) => encodeFrame(Uint8Array.from(message))))).toEqual(
      Buffer.from(bytes),
    );
  });
});
