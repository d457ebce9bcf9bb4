import { describeDeviceTransport } from './conformance.js';
import { DeviceGateway } from './device-gateway.js';

describeDeviceTransport('embedded broker over TCP', async (options) => {
  const transport = new DeviceGateway({ ...options, listen: { tcp: { host: '127.0.0.1', port: 0 } } });
  const started = await transport.start();
  if (!started.ok) throw new Error(started.error.code);
  return { transport, deviceUrl: `mqtt://127.0.0.1:${started.value.tcpPort}`, dispose: async () => {} };
});

describeDeviceTransport('embedded broker over WebSocket', async (options) => {
  const transport = new DeviceGateway({ ...options, listen: { ws: { host: '127.0.0.1', port: 0 } } });
  const started = await transport.start();
  if (!started.ok) throw new Error(started.error.code);
  return { transport, deviceUrl: `ws://127.0.0.1:${started.value.wsPort}`, dispose: async () => {} };
});
