/** Who signs assignments, in real processes: a ledger server with its API server, two trust nodes, a fleet over MQTT. */
import { ASSIGNER, type AssignerRole } from '@iotw/protocol/parameters';
import { describe, expect, test, vi } from 'vitest';
import { devnetKeys } from '../devnet/devnet-keys.js';
import { SplitNetwork } from './test-split-network.js';

const WAIT = { timeout: 60_000, interval: 300 };
const seed = new Uint8Array(32).fill(0x61);
const payers = Array.from({ length: 10 }, (_, i) => devnetKeys(seed, 'payer', i));

interface Counts {
  readonly committees: number;
  readonly selfAssigned: number;
}
interface Lane {
  readonly height: number;
  readonly witnessing: { readonly running: Counts; readonly last: Counts };
}
interface Block {
  readonly certificate: {
    readonly mode: string;
    readonly assigned: readonly { readonly role: string; readonly index: number }[];
  };
}

describe('assignments are signed by', () => {
  test.each<AssignerRole>(['trust-node', 'ledger-server', 'api-server'])(
    '%s',
    async (role) => {
      const parameters = { epochMs: 60_000, assigner: ASSIGNER[role] };
      const net = new SplitNetwork({ trustNodes: 2, devices: 16, parameters, payers });
      try {
        await net.start();
        const places = net.mqttPorts.map((port, index) => ({ index, port }));
        await net.startFleet(places, 16);
        const lanes = async () => (await net.get<{ items: Lane[] }>('/v1/lanes')).items;
        await vi.waitFor(async () => {
          expect(await net.submit(net.transfers(10))).toEqual({ ok: 10 });
          for (const { witnessing } of await lanes())
            expect(witnessing.running.committees).toBeGreaterThan(2);
        }, WAIT);
        let stated = 0;
        let mined = 0;
        for (const [lane, { height }] of (await lanes()).entries()) {
          for (let h = 1; h <= height; h++) {
            const { certificate } = await net.get<Block>(`/v1/blocks/${lane}/${h}`);
            if (certificate.mode === 'devices') mined += 1;
            for (const { role: by, index } of certificate.assigned) {
              expect([by, index]).toEqual([role, 0]);
              stated += 1;
            }
          }
        }
        const counts = (await lanes()).map(({ witnessing }) => witnessing.running.selfAssigned);
        const selfAssigned = counts.reduce((sum, count) => sum + count, 0);
        if (role === 'trust-node') expect([stated, selfAssigned]).toEqual([0, 0]);
        else expect(stated).toBeGreaterThan(0);
        expect(mined).toBeGreaterThan(4);
      } finally {
        await net.stop();
      }
    },
    150_000,
  );
});
