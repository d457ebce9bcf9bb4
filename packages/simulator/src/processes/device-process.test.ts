import { toHex } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import { helloMessage, PROTOCOL_VERSION } from '@iotw/protocol/hello';
import { expect, it } from 'vitest';
import { EventLog } from '../world/event-log.js';
import { World } from '../world/world.js';
import { SIMULATED_PARAMETERS, worldGenesis, worldKeys } from '../world/world-genesis.js';
import { DEVICE_FRAME, DeviceProcess, deviceFrame, readDeviceFrame } from './device-process.js';

it('a hello under way when the connection broke does not stand for an answer to the new login', () => {
  const prng = new Prng('old hello');
  const size = { trustNodes: 4, ledgerServers: 1, devices: 4, accounts: 6 };
  const keys = worldKeys(size, prng);
  const genesis = worldGenesis(size, keys, SIMULATED_PARAMETERS, prng);
  const world = new World(prng, keys, genesis, new EventLog(), undefined);
  const device = new DeviceProcess(world, 0);
  const logins: number[] = [];
  world.network.attach(`trust:${genesis.devices[0]!.host}`, {
    receive: (_, bytes) => {
      const { kind, connection } = readDeviceFrame(bytes);
      if (kind === DEVICE_FRAME.login) logins.push(connection);
    },
  });
  const pass = (ms: number) => {
    for (const end = world.events.nowMs + ms; world.events.nowMs < end && world.events.step(); );
  };
  const hello = (connection: number) => {
    const content = helloMessage({
      protocolVersion: PROTOCOL_VERSION,
      network: world.id,
      trustNode: genesis.devices[0]!.host,
      epoch: 1,
      laneKeys: genesis.trustNodes.map(({ key }) => key),
      session: '0000000000000000',
    });
    device.receive('trust:0', deviceFrame({ kind: DEVICE_FRAME.hello, connection, content }));
  };
  device.start();
  pass(60);
  const first = logins.at(-1)!;
  device.connect(1);
  pass(20);
  const second = logins.at(-1)!;
  expect(second).not.toBe(first);
  hello(first);
  const before = logins.length;
  pass(450);
  expect(logins.length, 'it goes on logging in').toBeGreaterThan(before);
  hello(second);
  pass(10);
  const answered = logins.length;
  pass(450);
  expect(logins.length, 'the answer ends it').toBe(answered);
  expect(toHex(deviceFrame({ kind: 3, connection: 258, content: Uint8Array.of(9) }))).toBe('03020109');
});
