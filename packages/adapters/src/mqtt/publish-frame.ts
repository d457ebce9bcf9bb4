/**
 * The bytes of a QoS 0 PUBLISH packet (MQTT 3.1.1 section 3.3, MQTT 5 section 3.3) in one buffer.
 * An assignment is one write of one buffer; through the broker's generic path it is five writes
 * and a walk through its message bus. `room` gives the frame's buffer, of exactly that length.
 */
export function publishFrame(
  version: 4 | 5,
  topic: string,
  payload: Uint8Array,
  room: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  // Topics of ours are ASCII: their length in bytes is their length in characters.
  const remaining = 2 + topic.length + (version === 5 ? 1 : 0) + payload.length;
  const lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  const frame = room(1 + lengthBytes + remaining);
  frame[0] = 0x30;
  let at = 1;
  let rest = remaining;
  for (let i = 1; i < lengthBytes; i++) {
    frame[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  frame[at++] = rest;
  frame[at++] = topic.length >>> 8;
  frame[at++] = topic.length & 0xff;
  at += frame.write(topic, at, 'latin1');
  // MQTT 5: no properties.
  if (version === 5) frame[at++] = 0;
  frame.set(payload, at);
  return frame;
}
