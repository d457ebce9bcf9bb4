import { TestDevice } from '@iotw/adapters/mqtt/test-device';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import type { DurableNetwork } from './durable-network.js';
import { pause } from './node-run.js';

const EVERY_MS = 100;

/** A device that sends telemetry and transactions of its own until `ended` is true: what no fleet does. */
export async function talk(network: DurableNetwork, ended: () => boolean): Promise<void> {
  const keys = network.talkingDevice;
  while (!ended()) {
    try {
      const status = await fetch(`${network.apiUrl}/v1/status`);
      const { epoch } = (await status.json()) as { readonly epoch: number };
      const device = await TestDevice.connect({
        url: network.mqttUrl(0),
        key: { ...keys, hex: toHex(keys.publicKey) },
        network: network.network,
        trustNode: 0,
        epoch,
      });
      while (!ended() && device.mqtt.connected) {
        await device.publish('telemetry', utf8('21.5'));
        // Refused at the intake, which is all that this failpoint needs.
        await device.publish('tx', utf8('no envelope'));
        await pause(EVERY_MS);
      }
      device.cut();
    } catch {
      // The node is away, or went away meanwhile.
    }
    await pause(EVERY_MS);
  }
}
