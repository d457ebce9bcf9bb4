import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { toHex } from '@iotw/kernel/bytes';
import { describe, expect, it } from 'vitest';
import { brokerCredentials, brokerPin } from './broker-certificate.js';

const seed = new Uint8Array(32).fill(9);
const PIN = '4c58f4d3c7d2cc244db5539038aea1bd99689b2adf53025e5e00dabfb8106526';

describe("a broker's certificate", () => {
  it('holds the key that comes from the seed, and no other seed has it', () => {
    expect(toHex(brokerPin(seed))).toBe(PIN);
    expect(toHex(brokerCredentials(seed).pin)).toBe(PIN);
    expect(toHex(brokerPin(new Uint8Array(32).fill(10)))).not.toBe(PIN);
  });

  it.each(['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256'])(
    'serves a TLS 1.2 client of one cipher suite, %s, that pins the key',
    async (ciphers) => {
      const { keyPem, certificatePem } = brokerCredentials(seed);
      const server = createServer({ key: keyPem, cert: certificatePem }, (socket) => socket.end());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = connect({
        ...{ port: (server.address() as AddressInfo).port, host: '127.0.0.1' },
        ...{ maxVersion: 'TLSv1.2' as const, ciphers, rejectUnauthorized: false },
      });
      await once(client, 'secureConnect');
      expect(client.getCipher().name).toBe(ciphers);
      const spki = client.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' });
      expect(createHash('sha256').update(spki).digest('hex')).toBe(PIN);
      client.destroy();
      server.close();
    },
  );
});
