import { describe, expect, it } from 'vitest';
import { readArguments } from './options.js';
import { DEFAULT_SIZE } from './simulation.js';

describe('the command line', () => {
  it('has a size that the network is known by', () => {
    const read = readArguments([]);
    expect(read).toMatchObject({
      ok: true,
      value: { seeds: [1], size: DEFAULT_SIZE, workers: 1, adversary: 'mix', plain: false },
    });
  });

  it('takes seeds, sizes and a bug', () => {
    const args = '--seeds 3..5 --epochs 2 --devices 9 --plant forgets-boot --trace --plain --workers 2'.split(
      ' ',
    );
    const read = readArguments(args);
    expect(read).toMatchObject({
      ok: true,
      value: {
        seeds: [3, 4, 5],
        size: { ...DEFAULT_SIZE, epochs: 2, devices: 9 },
        plant: { name: 'forgets-boot' },
        trace: true,
        plain: true,
        workers: 2,
      },
    });
  });

  it.each([
    ['--seed'],
    ['--seed', 'x'],
    ['--seeds', '4'],
    ['--epochs', '0'],
    ['--plant', 'none'],
    ['--adversary', 'nobody'],
    ['--loud', '1'],
  ])('refuses %s %s', (...args) => {
    expect(readArguments(args)).toMatchObject({ ok: false, error: { code: 'arguments' } });
  });
});
