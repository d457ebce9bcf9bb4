/**
 * Reads MQTT packets from the chunks of many connections with one parser. A parser and its buffer
 * list cost some 2 kB, and a connection is hardly ever in the middle of a packet: the packets'
 * bounds are found here, only whole packets go to the parser, and a rest waits with its connection.
 */
import { type Packet, parser } from 'mqtt-packet';

/** Larger packets are refused: an assignment of 1,024 ids has 33 kB. */
const MAX_PACKET_BYTES = 131_072;

export interface PacketSink {
  /** The packet's payload is a view that is valid until the call returns. */
  packet(packet: Packet): void;
}

let sink: PacketSink | undefined;
let broken = false;
let shared = freshParser();

function freshParser() {
  const fresh = parser({ protocolVersion: 4 });
  fresh.on('packet', (packet) => sink?.packet(packet));
  fresh.on('error', () => {
    broken = true;
  });
  return fresh;
}

const EMPTY = new Uint8Array(0);

/**
 * Hands the whole packets of `rest` and `chunk` to `to`, in order, before it returns.
 * Returns the bytes of the packet that is not whole yet (a copy), or undefined where the peer
 * speaks no MQTT or sends more than a packet may hold.
 */
export function readPackets(to: PacketSink, rest: Uint8Array, chunk: Uint8Array): Uint8Array | undefined {
  const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  const end = wholePackets(data);
  if (end === undefined) return undefined;
  if (end > 0) {
    sink = to;
    broken = false;
    shared.parse(Buffer.from(data.buffer, data.byteOffset, end));
    sink = undefined;
    if (broken) {
      // A parser that failed once may fail the next packet, which is another connection's.
      shared = freshParser();
      return undefined;
    }
  }
  return end === data.length ? EMPTY : Uint8Array.prototype.slice.call(data, end);
}

/** Where the last whole packet ends (MQTT 3.1.1, section 2.2); undefined for a length that is none or too large. */
function wholePackets(data: Uint8Array): number | undefined {
  let start = 0;
  for (;;) {
    let length = 0;
    let at = start + 1;
    for (let shift = 0; ; shift += 7) {
      if (at >= data.length) return start;
      if (shift > 21) return undefined;
      const byte = data[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (length > MAX_PACKET_BYTES) return undefined;
    if (at + length > data.length) return start;
    start = at + length;
  }
}
