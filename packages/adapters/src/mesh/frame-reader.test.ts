import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_KIND, FrameReader, MAX_CONTROL_BYTES } from './frame-reader.js';

const frames = fc.array(
  fc.record({ kind: fc.constantFrom(0, 1, 6), payload: fc.uint8Array({ maxLength: 100 }) }),
);

/** Cuts bytes at the given places and reads them; the sink stops after every frame for which `stops` says so. */
function readAll(bytes: Buffer, cuts: number[], stops: (n: number) => boolean) {
  const reader = new FrameReader(100);
  const read: { kind: number; payload: number[] }[] = [];
  const sink = (kind: number, payload: Buffer): boolean => {
    read.push({ kind, payload: [...payload] });
    return !stops(read.length);
  };
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    reader.push(bytes.subarray(from, to), 0, sink);
    from = to;
  }
  for (let before = -1; before !== read.length; ) {
    before = read.length;
    reader.push(Buffer.alloc(0), 0, sink);
  }
  return { read, partial: reader.partialSince };
}

describe('the frame reader', () => {
  it('gives the same frames however the stream is cut and wherever delivery is held', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), (sent, cuts, every) => {
        const bytes = Buffer.concat(sent.map(({ kind, payload }) => encodeFrame(kind, payload)));
        const { read, partial } = readAll(bytes, cuts, (n) => n % every === 0);
        expect(read).toEqual(sent.map(({ kind, payload }) => ({ kind, payload: [...payload] })));
        expect(partial).toBeUndefined();
      }),
    );
  });

  it.each([
    ['largest data', FRAME_KIND.data, 100, undefined],
    ['data above', FRAME_KIND.data, 101, 'mesh-frame-too-large'],
    ['largest length', FRAME_KIND.data, 0xffffffff, 'mesh-frame-too-large'],
    ['largest control', FRAME_KIND.hello, MAX_CONTROL_BYTES, undefined],
    ['control above', FRAME_KIND.ping, MAX_CONTROL_BYTES + 1, 'mesh-frame-too-large'],
    ['unknown kind', 7, 0, 'mesh-bad-frame'],
  ])('judges a header: %s', (_, kind, length, code) => {
    const header = Buffer.alloc(5);
    header.writeUInt32LE(length, 0);
    header[4] = kind;
    expect(new FrameReader(100).push(header, 0, () => true)).toBe(code);
  });

  it('tells since when a frame is unfinished', () => {
    const reader = new FrameReader(100);
    const frame = encodeFrame(FRAME_KIND.data, new Uint8Array(10));
    reader.push(frame.subarray(0, 3), 5, () => true);
    reader.push(frame.subarray(3, 9), 8, () => true);
    expect(reader.partialSince).toBe(5);
    reader.push(frame.subarray(9), 9, () => true);
    expect(reader.partialSince).toBeUndefined();
  });
});
