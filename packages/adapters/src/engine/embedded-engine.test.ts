import { describeEngine } from '@iotw/nodes/engine/conformance';
import { vi } from 'vitest';
import { EmbeddedEngine } from './embedded-engine.js';

describeEngine('embedded', {
  servers: 1,
  later: (run) => setImmediate(run),
  open: async () => ({
    start: async (server) => server.begin(new EmbeddedEngine(server)),
    kill: async () => {},
    until: (done) => vi.waitUntil(done, { timeout: 10_000, interval: 1 }).then(() => {}),
    close: async () => {},
  }),
});
