// Vectors of clauses 2, 3 and 5: amounts, addresses, headers, Merkle trees.
import { writeU32, writeU64 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { merklePath, merkleRoot } from '@iotw/kernel/merkle';
import { sha256 } from '@iotw/kernel/sha256';
import { mulDivFloor } from '@iotw/kernel/wide';
import { decodeAddress, encodeAddress } from '@iotw/protocol/address';
import { blockHash, decodeHeader, encodeHeader } from '@iotw/protocol/header';
import { BASE_UNITS, MAX_SUPPLY } from '@iotw/protocol/limits';
import { Transfer } from '@iotw/protocol/operations';
import { decodeSsz } from '@iotw/protocol/ssz';
import { bytesOf, codeOf, keyOf, NETWORK, patched } from './kit.mjs';

export function addresses() {
  const payloads = [new Uint8Array(32), new Uint8Array(32).fill(255), keyOf('address').publicKey];
  const valid = ['iotw', 'tiotw'].flatMap((prefix) =>
    [0, 1].flatMap((version) =>
      payloads.map((payload) => ({
        prefix,
        version,
        payload,
        text: encodeAddress(prefix, version, payload),
      })),
    ),
  );
  const good = encodeAddress('iotw', 0, payloads[2]);
  const invalid = [
    ['empty', 'iotw', ''],
    ['one character changed', 'iotw', good.replace(/.$/, (c) => (c === 'q' ? 'p' : 'q'))],
    ['one character missing', 'iotw', good.slice(0, -1)],
    ['a blank behind it', 'iotw', `${good} `],
    ['upper case', 'iotw', good.toUpperCase()],
    ['mixed case', 'iotw', `I${good.slice(1)}`],
    ['another network', 'tiotw', good],
    ['the older bech32 checksum', 'iotw', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7yrkgaz'],
    ['version 2', 'iotw', 'iotw1qgqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7vg9n78'],
    ['31 bytes', 'iotw', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50qvkhz85'],
    ['33 bytes', 'iotw', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7qqcgd2wy'],
    ['a padding bit set', 'iotw', 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50plvfj39j'],
    ['more than 90 characters', 'iotw', `iotw1${'q'.repeat(90)}`],
  ].map(([name, prefix, text]) => ({ name, prefix, text, code: codeOf(decodeAddress(text, prefix)) }));
  return { clause: '3.2', valid, invalid };
}

export function amounts() {
  const encode = (value) => {
    const b = new Uint8Array(8);
    writeU64(b, 0, value);
    return b;
  };
  const values = [0, 1, 255, 256, BASE_UNITS, 2 ** 32 - 1, 2 ** 32, MAX_SUPPLY, 2 ** 53 - 1];
  const invalid = ['0000000000002000', '0100000000002000', '0000000000000080', 'ffffffffffffffff'].map(
    (bytes) => {
      const transfer = new Uint8Array(12);
      transfer.set(
        Uint8Array.from(bytes.match(/../g), (h) => Number.parseInt(h, 16)),
        4,
      );
      return { bytes, code: codeOf(decodeSsz(Transfer, transfer, 'transfer')) };
    },
  );
  const fees = [
    [0, 10],
    [999, 10],
    [1000, 10],
    [1999, 10],
    [123_456_789, 25],
    [MAX_SUPPLY, 10_000],
    [MAX_SUPPLY - 1, 9_999],
    [2 ** 53 - 1, 1],
  ].map(([moved, feeBps]) => ({ moved, feeBps, fee: mulDivFloor(moved, feeBps, 10_000) }));
  return {
    clause: '3.1',
    baseUnits: BASE_UNITS,
    maxSupply: MAX_SUPPLY,
    valid: values.map((value) => ({ value, bytes: encode(value) })),
    invalid,
    fees,
  };
}

export function headers() {
  const keys = keyOf('trust node 0');
  const base = {
    lane: 0,
    incarnation: 0,
    height: 1,
    previous: new Uint8Array(32),
    root: bytesOf('root'),
    count: 1,
    timeMs: 1_700_000_000_000,
    epoch: 3,
    refRound: 12,
  };
  const valid = [
    ['first block of a lane', base],
    [
      'later block',
      { ...base, lane: 3, incarnation: 2, height: 77, previous: bytesOf('previous'), count: 1024 },
    ],
    [
      'largest values',
      {
        ...base,
        lane: 0xffff,
        incarnation: 0xffff_ffff,
        height: 2 ** 53 - 1,
        timeMs: 2 ** 53 - 1,
        epoch: 0xffff_ffff,
        refRound: 2 ** 53 - 1,
      },
    ],
  ].map(([name, header]) => {
    const hash = blockHash(NETWORK, header);
    return {
      name,
      header,
      bytes: encodeHeader(header),
      hash,
      seed: keys.seed,
      signature: sign(hash, keys.secretKey),
    };
  });
  const bytes = encodeHeader(base);
  const invalid = [
    ['no bytes', new Uint8Array(0)],
    ['99 bytes', bytes.slice(0, 99)],
    ['101 bytes', Uint8Array.from([...bytes, 0])],
    ['count 0', patched(bytes, 78, 0, 0)],
    ['count 1025', patched(bytes, 78, 1, 4)],
    ['height 2^53', patched(bytes, 6, 0, 0, 0, 0, 0, 0, 0x20, 0)],
    ['time 2^63', patched(bytes, 87, 0x80)],
    ['refRound 2^53', patched(bytes, 98, 0x20)],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeHeader(b)) }));
  return { clause: '5.2', network: NETWORK, valid, invalid };
}

/** Leaf i of the Merkle vectors: SHA-256 of i as u32 little-endian. */
function leaves(count) {
  const out = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) {
    const b = new Uint8Array(4);
    writeU32(b, 0, i);
    out.set(sha256(b), 32 * i);
  }
  return out;
}

export function merkle() {
  const roots = [
    [0, 1024],
    [1, 1],
    [1, 1024],
    [2, 1024],
    [3, 1024],
    [5, 8],
    [8, 8],
    [255, 1024],
    [1023, 1024],
    [1024, 1024],
    [3, 1 << 20],
  ].map(([count, limit]) => ({ count, limit, root: merkleRoot(leaves(count), count, limit) }));
  const paths = [
    [1, 1024, 0],
    [5, 8, 4],
    [8, 8, 3],
    [1000, 1024, 777],
  ].map(([count, limit, index]) => {
    const all = leaves(count);
    return {
      count,
      limit,
      index,
      leaf: all.slice(32 * index, 32 * index + 32),
      path: merklePath(all, count, limit, index),
      root: merkleRoot(all, count, limit),
    };
  });
  const good = paths[1];
  const invalid = [
    ['index of another leaf', { ...good, index: 3 }],
    ['index at the length', { ...good, index: 5 }],
    ['index outside the tree', { ...good, index: 8 }],
    ['another leaf', { ...good, leaf: bytesOf('another leaf') }],
    ['a node short', { ...good, path: good.path.slice(1) }],
    ['a node too many', { ...good, path: [...good.path, new Uint8Array(32)] }],
    ['two nodes exchanged', { ...good, path: [good.path[1], good.path[0], ...good.path.slice(2)] }],
    ['another length', { ...good, path: [...good.path.slice(0, -1), patched(new Uint8Array(32), 0, 8)] }],
  ].map(([name, { count: _count, ...rest }]) => ({ name, ...rest }));
  return {
    clause: '2.4',
    leafRule: 'leaf i is SHA-256 of i as uint32 little-endian',
    roots,
    paths,
    invalidPaths: invalid,
  };
}
