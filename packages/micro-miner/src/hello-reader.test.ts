import { helloMessage } from '@iotw/protocol/hello';
import { expect, it } from 'vitest';
import type { Connector } from './connection.js';
import { HelloReader } from './hello-reader.js';

const NETWORK = new Uint8Array(32).fill(7);

/** A trust node that says hello at once, with one epoch more each time. */
function reader(options: { freshMs?: number; silent?: boolean }) {
  let opened = 0;
  const connector: Connector = (_request, owner) => {
    opened += 1;
    const epoch = opened;
    setTimeout(() => owner.connected());
    return {
      subscribe: (topics) => {
        if (options.silent) return owner.closed('cut off', false);
        const hello = {
          protocolVersion: 1,
          network: NETWORK,
          trustNode: 0,
          epoch,
          session: '',
          laneKeys: [],
        };
        owner.received(topics[0]!, helloMessage(hello));
      },
      publish: () => {},
      end: () => owner.closed('', false),
    };
  };
  const hello = new HelloReader({ connector, network: NETWORK, freshMs: options.freshMs ?? 0 });
  const epoch = async () => {
    const found = await hello.read();
    return found.ok ? found.value.epoch : found.error.code;
  };
  return { hello, epoch };
}

it('serves all who wait by one connection', async () => {
  const { epoch } = reader({});
  expect(await Promise.all([epoch(), epoch(), epoch()])).toEqual([1, 1, 1]);
  expect(await epoch()).toBe(2);
});

it('gives a fresh hello again until a login was refused', async () => {
  const { hello, epoch } = reader({ freshMs: 60_000 });
  expect(await epoch()).toBe(1);
  expect(await epoch()).toBe(1);
  hello.forget();
  expect(await epoch()).toBe(2);
});

it('says that no hello came', async () => {
  expect(await reader({ silent: true }).epoch()).toBe('miner-hello-unreachable');
});
