import { writeU32 } from '@iotw/kernel/bytes';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerMemory } from './answer-memory.js';

function answer(device: number, boot: number, counter: number, content = 0): Uint8Array {
  const bytes = new Uint8Array(ATTESTATION_BYTES).fill(content);
  writeU32(bytes, 81, device);
  writeU32(bytes, 85, boot);
  writeU32(bytes, 89, counter);
  return bytes;
}

describe('the memory of answers', () => {
  it('is a map by device, boot and counter', () => {
    const small = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small, small, small), { maxLength: 300 }), (sets) => {
        const memory = new AnswerMemory(1_000);
        const map = new Map<string, Uint8Array>();
        for (const [device, boot, counter, content] of sets) {
          const bytes = answer(device, boot, counter, content);
          const number = `${device}/${boot}/${counter}`;
          expect(memory.get(bytes)).toEqual(map.get(number));
          memory.set(bytes);
          map.set(number, bytes);
          expect(memory.get(answer(device, boot, counter))).toEqual(bytes);
        }
      }),
    );
  });

  it('keeps the newest of a generation for certain and two generations at most', () => {
    const memory = new AnswerMemory(100);
    const kept = (n: number) => memory.get(answer(n, 1, n)) !== undefined;
    for (let n = 0; n < 1_000; n++) {
      memory.set(answer(n, 1, n));
      if (n >= 99) expect(kept(n - 99)).toBe(true);
      if (n >= 200) expect(kept(n - 200)).toBe(false);
    }
  });

  it('keeps a copy', () => {
    const memory = new AnswerMemory(10);
    const bytes = answer(1, 2, 3, 4);
    memory.set(bytes);
    bytes[0] = 5;
    expect(memory.get(bytes)![0]).toBe(4);
  });
});
