import { expect, it } from 'vitest';
import { placesOf, spread } from './places.ts';

it('finds names, also inside longer ones, and puts strangers apart on the sea', () => {
  const [taipei, cloud, strange, other] = placesOf(['Taipei', 'eu-frankfurt-1', 'zone <b>', 'zone 2']);
  expect(taipei).toEqual([121.5, 25]);
  expect(cloud).toEqual([8.7, 50.1]);
  expect(strange).not.toEqual(other);
});

it('spreads devices inside their cloud', () => {
  const seen = new Set<string>();
  for (let device = 0; device < 1_000; device++) {
    const [x, y] = spread(device);
    expect(Math.hypot(x, y)).toBeLessThanOrEqual(1);
    seen.add(`${x.toFixed(4)} ${y.toFixed(4)}`);
  }
  expect(seen.size).toBe(1_000);
});
