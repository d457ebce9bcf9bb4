/** A device made by one command, against a real node: what its store and its label hold, and what is refused. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed, verify } from '@iotw/kernel/ed25519';
import { decodeDeviceCode } from '@iotw/protocol/device-code';
import { registerDigest } from '@iotw/protocol/digests';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, address, OneNode, SHOP } from './test-one-node.js';

const node = new OneNode();
const { as, call, failing, file } = node;
beforeAll(async () => {
  await node.start();
  await call('send', address(SHOP), '5', ...as(ALICE));
});
afterAll(() => node.remove());

const PIN = '4c58f4d3c7d2cc244db5539038aea1bd99689b2adf53025e5e00dabfb8106526';
const batch = () => [
  ...['--maker', '100', '--batch', '1', '--batch-key-file', file('network', 'makers', '100.batch.key')],
  ...['--region', 'frankfurt', ...as(ALICE)],
];
const made = (name: string, ...more: string[]) => [
  ...['maker', 'provision', '--key-file', file(`${name}.key`), '--out', file(`${name}.bin`)],
  ...['--broker', 'mqtts://192.0.2.7:8883', '--pin', PIN, ...batch(), ...more],
];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a made device', () => {
  it('has a key, a number on the ledger and a store that says so', async () => {
    const answer = await call(...made('first', '--trust-node', '3', '--label', file('first.svg')));
    const seed = fromHex(readFileSync(file('first.key'), 'utf8').trim(), 32)!;
    const { publicKey } = keyPairFromSeed(seed);
    expect(answer).toMatchObject({ key: toHex(publicKey), bytes: 12_288 });
    expect(await call('device', 'show', toHex(publicKey))).toMatchObject({
      device: answer.device,
      maker: 100,
    });
    expect(statSync(file('first.bin')).mode & 0o777).toBe(0o600);
    const store = readFileSync(file('first.bin'));
    expect(store.toString('latin1', 0, 4)).toBe('IOTW');
    expect([...store.subarray(4, 8)]).toEqual([1, 1 | 4, 0, 0]);
    expect(store.toString('hex', 8, 40)).toBe(node.network);
    expect(store.toString('hex', 40, 72)).toBe(toHex(seed));
    expect([store.readUInt32LE(72), store.readUInt16LE(76), store.readUInt32LE(78)]).toEqual([
      answer.device,
      100,
      1,
    ]);
    const content = { key: publicKey, maker: 100, batch: 1, region: store[82]!, deviceClass: store[83]! };
    const batchKey = fromHex(readFileSync(file('network', 'makers', '100.batch.key'), 'utf8').trim(), 32)!;
    const digest = registerDigest(fromHex(node.network, 32)!, content);
    expect(verify(store.subarray(84, 148), digest, keyPairFromSeed(batchKey).publicKey)).toBe(true);
    expect(store.toString('hex', 148, 180)).toBe(PIN);
    expect([store.readUInt16LE(180), store.toString('latin1', 183, 183 + store[182]!)]).toEqual([
      8883,
      '192.0.2.7',
    ]);
    expect(store.readUInt16LE(247)).toBe(3);
    expect(store.toString('hex', 480, 512)).toBe(sha256(store.subarray(0, 480)));
    expect(store.toString('latin1', 4096, 4100)).toBe('BOOT');
    expect(store.readUInt32LE(4100)).toBe(0);
    const check = sha256(Buffer.concat([store.subarray(4096, 4104), publicKey])).slice(0, 16);
    expect(store.toString('hex', 4104, 4112)).toBe(check);
    expect(new Set(store.subarray(8192))).toEqual(new Set([0xff]));
    expect(decodeDeviceCode(fromHex(node.network, 32)!, answer.code)).toEqual({
      ok: true,
      value: { kind: 'device', device: publicKey },
    });
    expect(readFileSync(file('first.svg'), 'utf8')).toMatch(/^<svg /);
  });

  it('is claimed by the code on its label where its owner was named', async () => {
    const { code } = await call(...made('sold', '--owner', address(SHOP)));
    expect(code).toMatch(/^iotw:claim\//);
    const claim = ['device', 'claim', '--code', code];
    expect((await failing(...claim, ...as(ALICE))).error.code).toBe('claim-code');
    await call(...claim, ...as(SHOP));
    expect((await failing(...claim, ...as(SHOP))).error.code).toBe('device-owned');
  });

  it('is not registered again, and nothing is overwritten', async () => {
    const { device } = await call(...made('again'));
    expect((await failing(...made('again'))).error.code).toBe('genesis-exists');
    const other = made('again').map((word) => (word === file('again.bin') ? file('other.bin') : word));
    expect(await call(...other)).toMatchObject({ device });
    expect(readFileSync(file('other.bin'))).toEqual(readFileSync(file('again.bin')));
    const elsewhere = other.map((word) => (word === 'frankfurt' ? 'singapore' : word));
    expect((await failing(...elsewhere)).error.code).toBe('provision-registered');
  });

  it('gets its store inside of a firmware image', async () => {
    writeFileSync(file('firmware.bin'), Buffer.from('code'));
    const answer = await call(...made('inside', '--image', file('firmware.bin'), '--at', '0x100'));
    const bytes = readFileSync(file('inside.bin'));
    expect(bytes.length).toBe(256 + 12_288);
    expect(answer.bytes).toBe(bytes.length);
    expect(bytes.toString('latin1', 0, 5)).toBe('codeÿ');
    expect(bytes.toString('latin1', 256, 260)).toBe('IOTW');
  });

  it.each([
    ['a broker without a port', ['--broker', 'mqtts://192.0.2.7'], 'provision-broker'],
    ['a broker of another kind', ['--broker', 'https://192.0.2.7:443'], 'provision-broker'],
    ['a host that is too long', ['--broker', `mqtts://${'a'.repeat(65)}:8883`], 'provision-broker'],
    ['TLS with a pin that is none', ['--pin', PIN.slice(2)], 'provision-pin'],
    ['a pin without TLS', ['--broker', 'mqtt://192.0.2.7:1883'], 'provision-pin'],
    ['an image without an offset', ['--image', '/dev/null'], 'provision-image'],
    ['an image that is not there', ['--image', '/does/not/exist', '--at', '0'], 'provision-image'],
    ['a region that is not there', ['--region', 'atlantis'], 'device-region'],
  ])('is refused with %s, and no store is written', async (_what, more, code) => {
    expect((await failing(...made('refused', ...more))).error.code).toBe(code);
    expect(existsSync(file('refused.bin'))).toBe(false);
  });
});
