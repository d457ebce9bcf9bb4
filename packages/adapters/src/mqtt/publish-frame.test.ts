import fc from 'fast-check';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { publishFrame } from './publish-frame.js';

it.each([4, 5] as const)('is what an MQTT %i parser reads as a QoS 0 publish', (version) => {
  const sizes = fc.oneof(
    fc.nat(300),
    fc.constantFrom(16_281, 16_282, 16_283, 16_284, 16_285, 2_097_100, 2_097_200),
  );
  fc.assert(
    fc.property(sizes, fc.stringMatching(/^[a-z0-9/]{1,100}$/), (size, topic) => {
      const payload = Buffer.alloc(size, 0xa5);
      const frame = publishFrame(version, topic, payload, (length) => Buffer.alloc(length + 1).subarray(1));
      const read: IPublishPacket[] = [];
      const parse = parser({ protocolVersion: version });
      parse.on('packet', (packet) => read.push(packet as IPublishPacket));
      expect(parse.parse(frame)).toBe(0);
      expect(read).toHaveLength(1);
      expect(read[0]).toMatchObject({ cmd: 'publish', topic, qos: 0, retain: false, dup: false });
      expect(payload.equals(read[0]!.payload as Buffer)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
