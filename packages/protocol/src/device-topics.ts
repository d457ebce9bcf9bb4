/** MQTT topic names (spec: clause 11): `iotw/v1/<network16>/<device64>/<leaf>` and the retained `.../hello`. */
import { toHex } from '@iotw/kernel/bytes';

/** The last level of a device's topic. */
export type DeviceLeaf = 'assign' | 'result' | 'telemetry' | 'status' | 'tx' | 'host' | 'number';

const DEVICE_HEX = /^[0-9a-f]{64}$/;

/** `iotw/v1/<first 16 hex characters of the network id>/`. */
export function networkPrefix(network: Uint8Array): string {
  return `iotw/v1/${toHex(network.subarray(0, 8))}/`;
}

/** One topic of one device; `deviceKeyHex` is the lower-case hex of its 32-byte Ed25519 key. */
export function deviceTopic(prefix: string, deviceKeyHex: string, leaf: DeviceLeaf): string {
  return `${prefix}${deviceKeyHex}/${leaf}`;
}

/** The retained topic from which a device learns trust node and epoch before its login. */
export function helloTopic(prefix: string): string {
  return `${prefix}hello`;
}

/** True for the one textual form of a device key: 64 lower-case hex characters. */
export function isDeviceHex(text: string): boolean {
  return DEVICE_HEX.test(text);
}

/**
 * The last level of `topic` when it belongs to this device of this network, else `undefined`.
 * The level is returned as found: whether it names an allowed topic is the access list's question.
 */
export function leafOf(prefix: string, deviceKeyHex: string, topic: string): string | undefined {
  const at = prefix.length + deviceKeyHex.length;
  if (topic.charCodeAt(at) !== 47 || !topic.startsWith(prefix)) return undefined;
  if (!topic.startsWith(deviceKeyHex, prefix.length)) return undefined;
  return topic.slice(at + 1);
}

/** Splits a device topic of this network into its device and last level; `undefined` for any other topic. */
export function parseDeviceTopic(
  prefix: string,
  topic: string,
): { readonly deviceKeyHex: string; readonly leaf: string } | undefined {
  const deviceKeyHex = topic.slice(prefix.length, prefix.length + 64);
  if (!isDeviceHex(deviceKeyHex)) return undefined;
  const leaf = leafOf(prefix, deviceKeyHex, topic);
  return leaf === undefined ? undefined : { deviceKeyHex, leaf };
}
