import { describeEngine } from '@iotw/nodes/engine/conformance';
import { describe } from 'vitest';
import { cometBftForTests } from './test-binary.js';
import { EVERYBODY, openCometWorld } from './test-comet-world.js';

describe.skipIf(cometBftForTests() === undefined)('on real processes', () => {
  describeEngine('cometbft', {
    servers: 4,
    extensions: true,
    later: (run) => setTimeout(run, 2),
    open: (servers) => {
      for (const server of servers) server.electorate = () => EVERYBODY;
      return openCometWorld();
    },
  });
});
