import { readU32, writeU16, writeU32, writeU64 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { signingDigest } from '@iotw/kernel/signing';
import { ELECTION_MODE } from '@iotw/protocol/parameters';
import type { EpochSnapshot, PoolDevice } from '@iotw/protocol/pool';

const FIELDS = ['owner', 'maker', 'region'] as const;
/** Committees' worth of devices that may be put off at one time. */
const PUT_OFF = 16;
const RANGE = 2 ** 53;

/**
 * The ranked list once more, read off clauses 7.2 to 7.5 with lists and nothing clever and sharing no code
 * with the draw that the nodes run: what they elect is held against it.
 */
export function referenceRanks(
  snapshot: EpochSnapshot,
  network: Uint8Array,
  place: { readonly lane: number; readonly height: number; readonly trustNodes: number },
  committee: number,
  wanted: number,
): PoolDevice[] {
  const { lane, height, trustNodes } = place;
  const eligible = snapshot.devices.filter(({ host }) => trustNodes < 2 || host !== lane);
  const caps = FIELDS.map((field) => {
    const distinct = new Set(eligible.map((device) => device[field])).size;
    return Math.ceil(committee / Math.max(1, Math.min(committee, distinct)));
  });
  const word = words(startOf(snapshot, network, lane, height));
  const ranked: PoolDevice[] = [];
  const putOff: PoolDevice[] = [];
  let table = eligible;
  let drawn = new Set<PoolDevice>();
  let left = eligible.length;

  const fits = (device: PoolDevice): boolean =>
    FIELDS.every((field, i) => {
      const window = ranked.slice(Math.max(0, ranked.length - committee + 1));
      return window.filter((other) => other[field] === device[field]).length + 1 <= caps[i]!;
    });
  const drawOne = (): PoolDevice => {
    if (2 * weigh([...drawn]) > weigh(table)) {
      table = table.filter((device) => !drawn.has(device));
      drawn = new Set();
    }
    for (;;) {
      let at = below(word, weigh(table));
      const device = table.find(({ weight }) => {
        at -= weight;
        return at < 0;
      })!;
      if (drawn.has(device)) continue;
      drawn.add(device);
      left -= 1;
      return device;
    }
  };

  while (ranked.length < Math.min(wanted, eligible.length)) {
    let next = putOff.find(fits);
    if (next !== undefined) putOff.splice(putOff.indexOf(next), 1);
    while (next === undefined && putOff.length < PUT_OFF * committee && left > 0) {
      const device = drawOne();
      if (fits(device)) next = device;
      else putOff.push(device);
    }
    ranked.push(next ?? putOff.shift()!);
  }
  return ranked;
}

function weigh(devices: readonly PoolDevice[]): number {
  return devices.reduce((sum, { weight }) => sum + weight, 0);
}

function startOf(snapshot: EpochSnapshot, network: Uint8Array, lane: number, height: number): Uint8Array {
  const bytes = new Uint8Array(43);
  bytes.set(snapshot.seed, 0);
  bytes[32] = ELECTION_MODE[snapshot.mode];
  writeU16(bytes, 33, lane);
  writeU64(bytes, 35, height);
  return signingDigest('iotw/v1/draw', network, bytes);
}

/** The stream's words: four of 53 bits in each block of SHA-256 over start and a counter. */
function words(start: Uint8Array): () => number {
  let counter = 0;
  let block: Uint8Array = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at === block.length) {
      const input = new Uint8Array(36);
      input.set(start, 0);
      writeU32(input, 32, counter++);
      block = sha256(input);
      at = 0;
    }
    const value = (readU32(block, at + 4) & 0x1f_ffff) * 2 ** 32 + readU32(block, at);
    at += 8;
    return value;
  };
}

function below(word: () => number, bound: number): number {
  for (;;) {
    const value = word();
    if (value < RANGE - (RANGE % bound)) return value % bound;
  }
}
