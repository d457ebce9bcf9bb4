import { describe, expect, it } from 'vitest';
import { calmNetwork } from './test-calm-network.js';

const LANES = [0, 1, 2, 3];
/** No epoch ends in the test: what a lane has to get over, it gets over in the running one. */
const EPOCH_MS = 120_000;

describe('all devices fall silent at once', () => {
  it.each([12, 40, 400])('%i of them: every lane goes on in the same epoch once they answer', (count) => {
    const calm = calmNetwork(`silent ${count}`, { epochMs: EPOCH_MS }, (genesis) => genesis, {
      devices: count,
    });
    const { ledger } = calm.servers[0]!;
    const read = () => LANES.map((lane) => ledger!.lanes.read(lane)!);
    const silence = (dead: boolean) => {
      for (const { manners } of calm.devices) manners.dead = dead;
    };
    calm.run(2_000);
    silence(true);
    calm.run(8_000);
    // The share of each lane that trust nodes alone may complete is used up.
    const silent = read();
    for (const { unmined } of silent) expect(unmined).toBe(1);
    silence(false);
    calm.run(10_000);
    const after = read();
    for (const lane of LANES) {
      expect(after[lane]!.height, `lane ${lane}`).toBeGreaterThan(silent[lane]!.height + 10);
      expect(after[lane]!.incarnation, `lane ${lane}`).toBeGreaterThan(0);
    }
    expect(ledger!.epoch).toBe(0);
  });
});
