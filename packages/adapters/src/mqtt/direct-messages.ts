/**
 * A short way in for what devices say. Nearly every chunk from a device's socket is one whole PUBLISH of QoS 0 on a topic of
 * its own; through the broker it is copied into a list, parsed by a machine of states, checked for wildcards and aliases
 * nobody may use, and told to a bus nobody listens on. Here it is read in place. Whatever is anything else (a part, several
 * packets, another kind, MQTT 5 properties, a topic that is refused) goes the broker's way, which stays the definition.
 */
import type { Client } from 'aedes';

/** What this relies on inside aedes 2 and mqtt-packet 9: direct-messages.test.ts fails where it is not so any more. */
interface BrokerParser {
  readonly client: BrokerClient;
  parse(chunk: Buffer): number;
  readonly error: unknown;
  /** Bytes of a packet that is not whole yet. */
  readonly _list: { readonly length: number };
  readonly _stateCounter: number;
}
interface BrokerClient extends Client {
  readonly _parser: BrokerParser;
  readonly connackSent: boolean;
  readonly _keepaliveInterval: number;
  readonly _keepaliveTimer: { refresh(): void };
}

/** PUBLISH, QoS 0, neither retained nor sent again. */
const PUBLISH = 0x30;

/** Takes a message of a device, or leaves it (false) to the broker. `payload`: a view of the read buffer, to be copied. */
export type TakeMessage = (client: Client, topic: string, payload: Buffer) => boolean;

/** The parse function of clients of one broker, to be given to each that has a session. */
export function directParse(maxPacketBytes: number, take: TakeMessage): (client: Client) => void {
  let broker: BrokerParser['parse'] | undefined;
  function parse(this: BrokerParser, chunk: Buffer): number {
    const { client } = this;
    const idle = this._list.length === 0 && this._stateCounter === 0 && this.error === null;
    if (!idle || !client.connackSent || !takeWhole(client, chunk)) return broker!.call(this, chunk);
    // As the broker does for each packet.
    if (client._keepaliveInterval > 0) client._keepaliveTimer.refresh();
    return 0;
  }
  function takeWhole(client: Client, chunk: Buffer): boolean {
    const { length } = chunk;
    if (chunk[0] !== PUBLISH || length > maxPacketBytes) return false;
    let remaining = chunk[1]! & 0x7f;
    let at = 2;
    if (chunk[1]! >= 0x80) {
      if (chunk[2]! >= 0x80) return false; // 16 kB and more: none of ours
      remaining += chunk[2]! << 7;
      at = 3;
    }
    if (at + remaining !== length || remaining < 2) return false;
    const topicAt = at + 2;
    const topicEnd = topicAt + chunk.readUInt16BE(at);
    let payloadAt = topicEnd;
    if ((client as unknown as { readonly version: number }).version === 5) {
      if (chunk[topicEnd] !== 0) return false;
      payloadAt += 1;
    }
    if (payloadAt > length) return false;
    return take(client, chunk.toString('latin1', topicAt, topicEnd), chunk.subarray(payloadAt));
  }
  return (client) => {
    const { _parser: parser } = client as BrokerClient;
    broker ??= parser.parse;
    parser.parse = parse;
  };
}
