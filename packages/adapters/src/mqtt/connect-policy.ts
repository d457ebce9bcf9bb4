/** Decides a CONNECT packet before the broker acts on any of it. */
import { fromHex } from '@iotw/kernel/bytes';
import { deviceTopic, isDeviceHex } from '@iotw/protocol/device-topics';
import type { IConnectPacket } from 'mqtt-packet';
import type { TransportLimits } from './limits.js';
import { checkLogin, type LoginContext } from './login-token.js';

/** CONNACK return codes of MQTT 3.1.1 (section 3.2.2.3); the broker maps them for MQTT 5. */
export const CONNACK = { identifier: 2, unavailable: 3, badCredentials: 4, notAuthorized: 5 } as const;

export type ConnectVerdict =
  | { readonly kind: 'device'; readonly deviceKeyHex: string; readonly deviceKey: Uint8Array }
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly returnCode: number;
      readonly device?: string;
      readonly detail?: string;
    };

/** The parts of the verdict that depend on the gateway's state. */
export interface ConnectState extends LoginContext {
  readonly prefix: string;
  readonly limits: TransportLimits;
  /** Room for this device: it is logged in already, or a session is free. */
  hasRoom(deviceKeyHex: string): boolean;
  /** Takes one place among the hello readers. */
  takeHello(): boolean;
}

/** The verdict on a CONNECT packet; the packet is not changed. Codes: docs/errors.md, `mqtt-*`. */
export function judgeConnect(state: ConnectState, packet: IConnectPacket): ConnectVerdict {
  const { username, clientId } = packet;
  if (username === 'hello' && packet.password === undefined) {
    if (packet.will) return refused('mqtt-will-refused', CONNACK.notAuthorized);
    return state.takeHello() ? { kind: 'hello' } : refused('mqtt-hello-rate', CONNACK.unavailable);
  }
  if (!isDeviceHex(clientId) || username !== clientId) {
    return refused('mqtt-client-id-mismatch', CONNACK.identifier);
  }
  if (packet.will && packet.will.topic !== deviceTopic(state.prefix, clientId, 'status')) {
    return refused('mqtt-will-refused', CONNACK.notAuthorized, clientId);
  }
  // MQTT 5 tells the client the server's keepalive instead of refusing.
  const keepalive = packet.keepalive ?? 0;
  if (packet.protocolVersion !== 5 && (keepalive === 0 || keepalive > state.limits.maxKeepaliveSeconds)) {
    return refused('mqtt-keepalive-refused', CONNACK.notAuthorized, clientId);
  }
  const deviceKey = fromHex(clientId, 32);
  const password = packet.password as Uint8Array | undefined;
  if (deviceKey === undefined || password === undefined) {
    return refused('mqtt-login-malformed', CONNACK.badCredentials, clientId);
  }
  const login = checkLogin(state, deviceKey, password);
  if (!login.ok) {
    const { code, data } = login.error;
    const detail = typeof data?.cause === 'string' ? data.cause : undefined;
    const returnCode = code === 'mqtt-device-refused' ? CONNACK.notAuthorized : CONNACK.badCredentials;
    return refused(code, returnCode, clientId, detail);
  }
  if (!state.hasRoom(clientId)) return refused('mqtt-sessions-full', CONNACK.unavailable, clientId);
  return { kind: 'device', deviceKeyHex: clientId, deviceKey };
}

/**
 * Takes out of an accepted or refused CONNECT what the broker must never act on: the will (presence
 * is the gateway's own knowledge), a stored session, and a keepalive that the broker would answer
 * with a code unknown to MQTT 3.1.1 where the verdict has a better one.
 */
export function disarmConnect(packet: IConnectPacket, limits: TransportLimits): void {
  delete packet.will;
  packet.clean = true;
  if (packet.properties) delete packet.properties.sessionExpiryInterval;
  if (packet.protocolVersion !== 5) {
    const keepalive = packet.keepalive ?? 0;
    if (keepalive === 0 || keepalive > limits.maxKeepaliveSeconds)
      packet.keepalive = limits.maxKeepaliveSeconds;
  }
}

function refused(code: string, returnCode: number, device?: string, detail?: string): ConnectVerdict {
  return {
    kind: 'refused',
    code,
    returnCode,
    ...(device === undefined ? {} : { device }),
    ...(detail === undefined ? {} : { detail }),
  };
}
