/** Connections by mqtt.js: TCP, TLS and WebSocket in Node, WebSocket in browsers. */
import mqtt, { type IClientOptions } from 'mqtt';
import type { ConnectionOwner, ConnectionRequest, Connector, DeviceConnection } from './connection.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** CONNACK codes from here on are MQTT 5; 1 to 5 are MQTT 3.1.1. Other errors have no number. */
const MAX_CONNACK = 255;

/** Connects to `mqtt://`, `mqtts://`, `ws://` or `wss://`; browsers know the last two only. */
export function mqttConnector(url: string): Connector {
  return (request, owner) => open(url, request, owner);
}

function open(url: string, request: ConnectionRequest, owner: ConnectionOwner): DeviceConnection {
  const options: IClientOptions = {
    clientId: request.clientId,
    username: request.username,
    protocolVersion: 4,
    clean: true,
    keepalive: request.keepaliveSeconds,
    // The session reconnects: a login token belongs to one epoch.
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    queueQoSZero: false,
    resubscribe: false,
    // Text, because the library's browser build takes bytes only as a Buffer of its own.
    ...(request.password === undefined ? {} : { password: base64url(request.password) }),
    ...(request.will === undefined
      ? {}
      : {
          will: {
            topic: request.will.topic,
            payload: String.fromCharCode(...request.will.payload),
            qos: 0 as const,
            retain: false,
          },
        }),
  };
  // A clock in a worker made from text would need a weaker content security policy.
  const client = mqtt.connect(url, { ...options, timerVariant: 'native' });
  let reason = 'the connection was lost';
  let refused = false;
  let over = false;
  client.on('connect', () => owner.connected());
  client.on('message', (topic, payload) => owner.received(topic, payload));
  client.on('error', (error: Error & { code?: unknown }) => {
    reason = error.message || String(error.code);
    refused = typeof error.code === 'number' && error.code > 0 && error.code <= MAX_CONNACK;
  });
  client.on('close', () => {
    if (over) return;
    over = true;
    client.end(true);
    owner.closed(reason, refused);
  });
  return {
    subscribe: (topics) =>
      client.subscribe([...topics], { qos: 0 }, (error, granted) => {
        if (!error && granted?.every(({ qos }) => qos < 0x80)) return;
        reason = 'a subscription was refused';
        client.end(true);
      }),
    publish: (topic, payload) => client.publish(topic, bufferOf(payload), { qos: 0 }),
    end: () => client.end(false),
  };
}

/** Typed as Buffer by the library, which needs no more than bytes. */
function bufferOf(bytes: Uint8Array): Buffer {
  return bytes as Buffer;
}

/** Without padding (RFC 4648, section 5). */
function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
