import { createServer } from 'node:net';
import { fail, ok } from '@iotw/kernel/result';
import { expect, it } from 'vitest';
import { brokerCredentials } from './broker-certificate.js';
import { describeDeviceTransport } from './conformance.js';
import { DeviceGateway } from './device-gateway.js';
import type { TransportOptions } from './device-transport.js';
import type { TlsListen } from './listeners.js';
import { TestDevice, testKey } from './test-device.js';
import { until } from './test-raw-client.js';

async function started(
  options: TransportOptions,
  listen: ConstructorParameters<typeof DeviceGateway>[0]['listen'],
) {
  const transport = new DeviceGateway({ ...options, listen });
  const result = await transport.start();
  if (!result.ok) throw new Error(result.error.code);
  return { transport, ports: result.value };
}

function selfSigned(): TlsListen {
  const { keyPem, certificatePem } = brokerCredentials(new Uint8Array(32).fill(9));
  return { host: '127.0.0.1', port: 0, key: keyPem, cert: certificatePem };
}

const anywhere = { host: '127.0.0.1', port: 0 };

describeDeviceTransport('embedded broker over TCP', async (options) => {
  const { transport, ports } = await started(options, { tcp: anywhere });
  return { transport, deviceUrl: `mqtt://127.0.0.1:${ports.tcpPort}`, dispose: async () => {} };
});

describeDeviceTransport('embedded broker over WebSocket', async (options) => {
  const { transport, ports } = await started(options, { ws: anywhere });
  return { transport, deviceUrl: `ws://127.0.0.1:${ports.wsPort}`, dispose: async () => {} };
});

describeDeviceTransport('embedded broker over TLS', async (options) => {
  const { transport, ports } = await started(options, { tls: selfSigned() });
  return { transport, deviceUrl: `mqtts://127.0.0.1:${ports.tlsPort}`, dispose: async () => {} };
});

it.each(['tcp', 'tls', 'ws'] as const)('counts the bytes of a device that comes over %s', async (door) => {
  const network = new Uint8Array(32).fill(7);
  const listen = door === 'tls' ? { tls: selfSigned() } : { [door]: anywhere };
  const { transport, ports } = await started(
    {
      network,
      trustNode: 3,
      epoch: () => 5,
      authorize: (key) => (key.length === 32 ? ok(true) : fail('device-unknown', 'No such device.')),
      laneKeys: () => [],
      limits: { bytesPerSecond: 2000 },
    },
    listen,
  );
  const url = {
    tcp: `mqtt://127.0.0.1:${ports.tcpPort}`,
    tls: `mqtts://127.0.0.1:${ports.tlsPort}`,
    ws: `ws://127.0.0.1:${ports.wsPort}`,
  }[door];
  const device = await TestDevice.connect({ url, key: testKey(1), network, trustNode: 3, epoch: 5 });
  await device.publish('telemetry', new Uint8Array(10_000));
  await until(() => transport.stats().sessions === 0);
  expect(transport.stats().incidents).toMatchObject({ 'mqtt-rate-exceeded': 1 });
  await device.leave();
  await transport.close();
});

it('says which port is taken, and leaves no door half open', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => blocker.once('listening', done));
  const { port } = blocker.address() as { port: number };
  const gateway = new DeviceGateway({
    network: new Uint8Array(32).fill(7),
    trustNode: 3,
    epoch: () => 5,
    authorize: () => ok(true),
    laneKeys: () => [],
    listen: { tcp: anywhere, ws: { host: '127.0.0.1', port } },
  });
  expect(await gateway.start()).toMatchObject({
    ok: false,
    error: { code: 'mqtt-port-taken', data: { port } },
  });
  await new Promise((done) => blocker.close(done));
});
