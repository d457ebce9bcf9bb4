// A device and an election written from spec/device.md and spec/ alone, with nothing of this project:
// what a stranger with a crypto library would write. It must give the vectors' bytes.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../spec/vectors/${name}`, import.meta.url), 'utf8'));
const hex = (text: string) => Buffer.from(text, 'hex');
const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const digest = (domain: string, network: Buffer, ...parts: readonly Uint8Array[]) =>
  sha256(sha256(Buffer.from(domain)), network, ...parts);
const privateKey = (seed: Buffer) =>
  createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b657004220420'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
const publicKey = (raw: Buffer) =>
  createPublicKey({
    key: Buffer.concat([hex('302a300506032b6570032100'), raw]),
    format: 'der',
    type: 'spki',
  });
const rawKey = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
const u16 = (n: number) => Buffer.of(n & 255, n >> 8);
const u32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
};
const u64 = (n: number) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(n));
  return b;
};

/** spec clause 2.4: ten levels, zero padded, length mixed in. */
function merkleRoot(leaves: readonly Buffer[], depth: number): Buffer {
  let level = [...leaves];
  let zero = Buffer.alloc(32);
  for (let i = 0; i < depth; i++) {
    if (level.length % 2 === 1) level.push(zero);
    const next: Buffer[] = [];
    for (let k = 0; k < level.length; k += 2) next.push(sha256(level[k]!, level[k + 1]!));
    level = next;
    zero = sha256(zero, zero);
  }
  return sha256(level[0] ?? zero, u64(leaves.length), Buffer.alloc(24));
}

class StrangersDevice {
  private readonly key: KeyObject;
  private readonly answers = new Map<string, Buffer>();
  private counter = 0;
  head: Buffer;

  constructor(
    seed: Buffer,
    private readonly network: Buffer,
    private readonly laneKeys: readonly Buffer[],
    private readonly boot: number,
    private readonly assigners: readonly { role: number; index: number; key: string }[],
  ) {
    this.key = privateKey(seed);
    this.head = digest('iotw/v1/head', network, rawKey(this.key), u32(boot));
  }

  answer(a: Buffer): Buffer {
    if (a.length < 175) return Buffer.of(1, 1);
    const offset = a.readUInt32LE(171);
    if (offset !== 175 && offset !== 242) return Buffer.of(1, 1);
    const count = a.readUInt16LE(78);
    const limit = 1n << 53n;
    if ([6, 80, 92].some((at) => a.readBigUInt64LE(at) >= limit)) return Buffer.of(1, 1);
    if (count < 1 || count > 1024 || a.length !== offset + 32 * count) return Buffer.of(1, 1);
    const header = a.subarray(0, 100);
    const laneKey = this.laneKeys[a.readUInt16LE(0)];
    if (laneKey === undefined) return Buffer.of(1, 2);
    const cited = digest('iotw/v1/block', this.network, header);
    if (!verify(null, cited, publicKey(laneKey), a.subarray(100, 164))) return Buffer.of(1, 3);
    const slot = Buffer.concat([header.subarray(0, 14), a.subarray(164, 167), cited]).toString('hex');
    const known = this.answers.get(slot);
    if (known !== undefined) return known;
    const ids = Array.from({ length: count }, (_, i) => a.subarray(offset + 32 * i, offset + 32 + 32 * i));
    const root = merkleRoot(ids, 10);
    if (!root.equals(header.subarray(46, 78))) return Buffer.of(1, 4);
    if (offset === 242) {
      const [role, index] = [a[175]!, a.readUInt16LE(176)];
      const key = this.assigners.find((known) => known.role === role && known.index === index)?.key;
      if (key === undefined) return Buffer.of(1, 6);
      const place = [header.subarray(0, 14), a.subarray(164, 165), cited];
      const stated = digest('iotw/v1/assigned', this.network, a.subarray(175, 178), hex(key), ...place);
      if (!verify(null, stated, publicKey(hex(key)), a.subarray(178, 242))) return Buffer.of(1, 7);
    }
    const hash = digest('iotw/v1/block', this.network, header.subarray(0, 46), root, header.subarray(78));
    this.counter += 1;
    const content = Buffer.concat([
      header.subarray(0, 14),
      a.subarray(164, 167),
      cited,
      hash,
      a.subarray(167, 171),
      u32(this.boot),
      u32(this.counter),
      this.head,
    ]);
    expect(content.length).toBe(125);
    this.head = digest('iotw/v1/attestation', this.network, content);
    const result = Buffer.concat([Buffer.of(0), content, sign(null, this.head, this.key)]);
    this.answers.set(slot, result);
    return result;
  }
}

it('a device written from the spec alone gives the bytes of device-session.json', () => {
  const file = load('device-session.json');
  const seed = hex(file.deviceSeed);
  const key = privateKey(seed);
  const deviceHex = rawKey(key).toString('hex');
  expect(deviceHex).toBe(file.deviceKey);
  const hello = JSON.parse(file.hello);
  const network = hex(hello.network);
  expect(file.topics.assign).toBe(`iotw/v1/${hello.network.slice(0, 16)}/${deviceHex}/assign`);
  expect(file.topics.hello).toBe(`iotw/v1/${hello.network.slice(0, 16)}/hello`);

  const place = Buffer.concat([u16(hello.trustNode), u32(hello.epoch)]);
  const login = digest('iotw/v1/login', network, rawKey(key), place);
  expect(Buffer.concat([place, sign(null, login, key)]).toString('hex')).toBe(file.connect.password);
  expect(file.connect).toMatchObject({
    clientId: deviceHex,
    username: deviceHex,
    willTopic: file.topics.status,
    will: '00',
  });

  const ticket = Buffer.concat([u32(file.deviceNumber), u32(hello.epoch), u16(hello.trustNode)]);
  const presence = digest('iotw/v1/presence', network, ticket);
  expect(Buffer.concat([Buffer.of(1), ticket, sign(null, presence, key)]).toString('hex')).toBe(file.status);

  for (const boot of file.boots) {
    const device = new StrangersDevice(seed, network, hello.laneKeys.map(hex), boot.boot, hello.assigners);
    expect(device.head.toString('hex')).toBe(boot.headBefore);
    for (const step of boot.answers)
      expect(device.answer(hex(step.assign)).toString('hex'), step.name).toBe(step.result);
    expect(device.head.toString('hex')).toBe(boot.headAfter);
  }
});

it('the session covers attestation, repetition, every refusal a device can be brought to, and the next boot', () => {
  const [first, second] = load('device-session.json').boots;
  const results: string[] = first.answers.map((a: { result: string }) => a.result);
  expect(results.filter((r) => r.startsWith('00')).length).toBe(5);
  expect(results[2]).toBe(results[0]);
  for (const code of ['0101', '0102', '0103', '0104', '0106', '0107']) expect(results).toContain(code);
  // Another header at one place: another number, another cited header, no equivocation of the device.
  const last = results.at(-4)!;
  const cited = (r: string) => r.slice(2 + 34, 2 + 98);
  const number = (r: string) => r.slice(2 + 170, 2 + 186);
  expect(cited(last)).not.toBe(cited(results[0]!));
  expect(number(last)).not.toBe(number(results[0]!));
  expect(second.answers[0].result).not.toBe(results[0]);
});

interface PoolDevice {
  readonly device: number;
  readonly host: number;
  readonly maker: number;
  readonly region: number;
  readonly owner: number;
  readonly weight: number;
}

/** spec clause 7, step by step. */
function rankedList(pool: readonly PoolDevice[], start: Buffer, c: number): number[] {
  const words: bigint[] = [];
  let block = 0;
  const below = (bound: number) => {
    const range = 1n << 53n;
    const limit = range - (range % BigInt(bound));
    for (;;) {
      if (words.length === 0) {
        const b = sha256(start, u32(block++));
        for (let i = 0; i < 32; i += 8) words.push(b.readBigUInt64LE(i) & (range - 1n));
      }
      const word = words.shift()!;
      if (word < limit) return Number(word % BigInt(bound));
    }
  };
  const caps = (['owner', 'maker', 'region'] as const).map((field) => {
    const distinct = new Set(pool.map((d) => d[field])).size;
    return [field, Math.ceil(c / Math.max(1, Math.min(c, distinct)))] as const;
  });
  const ranked: PoolDevice[] = [];
  const deferred: PoolDevice[] = [];
  const fits = (d: PoolDevice) => {
    const window = c === 1 ? [] : ranked.slice(-(c - 1));
    return caps.every(([field, cap]) => window.filter((o) => o[field] === d[field]).length < cap);
  };
  let table = [...pool];
  let taken = new Set<PoolDevice>();
  let drawn = 0;
  const draw = () => {
    const total = table.reduce((n, d) => n + d.weight, 0);
    const gone = [...taken].reduce((n, d) => n + d.weight, 0);
    if (2 * gone > total) {
      table = table.filter((d) => !taken.has(d));
      taken = new Set();
    }
    const bound = table.reduce((n, d) => n + d.weight, 0);
    for (;;) {
      let value = below(bound);
      const device = table.find((d) => {
        value -= d.weight;
        return value < 0;
      })!;
      if (taken.has(device)) continue;
      taken.add(device);
      drawn++;
      return device;
    }
  };
  const next = () => {
    const ready = deferred.findIndex(fits);
    if (ready >= 0) return deferred.splice(ready, 1)[0]!;
    while (deferred.length < 4 * c && drawn < pool.length) {
      const device = draw();
      if (fits(device)) return device;
      deferred.push(device);
    }
    return deferred.shift()!;
  };
  while (ranked.length < pool.length) ranked.push(next());
  return ranked.map((d) => d.device);
}

it('a draw written from the spec alone gives the lists of draw.json', () => {
  const file = load('draw.json');
  const network = hex(file.network);
  const modes = ['random', 'reputation', 'uptime'];
  for (const v of file.cases) {
    const pool = file.pools.find((p: { name: string }) => p.name === v.pool);
    const start = digest(
      'iotw/v1/draw',
      network,
      hex(file.seed),
      Buffer.of(modes.indexOf(pool.mode)),
      u16(v.lane),
      u64(v.height),
    );
    const eligible = pool.devices.filter((d: PoolDevice) => d.host !== v.excludeHost);
    expect(rankedList(eligible, start, v.committeeSize), `${v.pool}, lane ${v.lane}`).toEqual(
      v.devicesByRank,
    );
  }
});
