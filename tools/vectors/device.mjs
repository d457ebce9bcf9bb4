// Vectors of clauses 8 and 11: all that a device sends and receives.
import { sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { decodeAssignment, encodeAssignment } from '@iotw/protocol/assignment';
import {
  ATTESTATION_CONTENT_BYTES,
  attestationDigest,
  bootHead,
  decodeAttestation,
  encodeAttestation,
} from '@iotw/protocol/attestation';
import { deviceTopic, helloTopic, networkPrefix } from '@iotw/protocol/device-topics';
import {
  decodeDeviceResult,
  decodeDeviceStatus,
  encodeDeviceNumber,
  encodeDeviceResult,
  encodeDeviceStatus,
  encodeLoginToken,
  REFUSAL,
} from '@iotw/protocol/device-wire';
import { loginDigest, presenceDigest } from '@iotw/protocol/digests';
import { blockHash } from '@iotw/protocol/header';
import { helloMessage, PROTOCOL_VERSION, parseHello } from '@iotw/protocol/hello';
import { bytesOf, codeOf, goodOf, keyOf, NETWORK, OTHER_NETWORK, patched } from './kit.mjs';
import { assignedOf, assigners } from './witnesses.mjs';

const device = keyOf('device');
const trustNodes = [0, 1, 2, 3].map((i) => keyOf(`trust node ${i}`));
const hexOf = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

function idsOf(count) {
  const ids = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) ids.set(bytesOf(`transaction ${i}`), 32 * i);
  return ids;
}

/** An assignment of `count` transactions, signed by the lane's trust node. */
export function assignmentOf(fields = {}, count = 3, signer = trustNodes[fields.lane ?? 0]) {
  const ids = idsOf(count);
  const { attempt = 0, rank = 0, ...header } = fields;
  const whole = {
    lane: 0,
    incarnation: 0,
    height: 1,
    previous: new Uint8Array(32),
    root: merkleRoot(ids, count, 1024),
    count,
    timeMs: 1_700_000_000_000,
    epoch: 3,
    refRound: 12,
    ...header,
  };
  const hash = blockHash(NETWORK, whole);
  return { header: whole, signature: sign(hash, signer.secretKey), attempt, rank, device: 41, ids, hash };
}

/** The same, assigned by an API server. */
function assignedAssignmentOf(fields, count, change, index = 0) {
  const assignment = assignmentOf(fields, count);
  const { statement } = assignedOf(
    { ...assignment.header, hash: assignment.hash },
    assignment.attempt,
    0,
    change,
  );
  return { ...assignment, assigned: { role: statement.role, index, signature: statement.signature } };
}

const idList = (ids) => Array.from({ length: ids.length / 32 }, (_, i) => ids.slice(32 * i, 32 * i + 32));

export function assignments() {
  const valid = [
    ['one transaction', assignmentOf({}, 1)],
    ['three transactions, second attempt', assignmentOf({ lane: 2, height: 9, attempt: 1, rank: 17 }, 3)],
    ['assigned by API server 0', assignedAssignmentOf({ height: 5 }, 2)],
  ].map(([name, { hash, ...a }]) => ({
    name,
    ...a,
    ids: idList(a.ids),
    hash,
    trustNodeKey: trustNodes[a.header.lane].publicKey,
    bytes: encodeAssignment(a),
  }));
  const bytes = encodeAssignment(assignmentOf({}, 2));
  const invalid = [
    ['no bytes', new Uint8Array(0)],
    ['cut in the fixed part', bytes.slice(0, 174)],
    ['no transaction ids', bytes.slice(0, 175)],
    ['an id missing', bytes.slice(0, -32)],
    ['cut in the last id', bytes.slice(0, -1)],
    ['an id too many', Uint8Array.from([...bytes, ...new Uint8Array(32)])],
    ['offset 174', patched(bytes, 171, 174)],
    ['offset 242 without a statement', patched(bytes, 171, 242)],
    ['offset 175 with a statement', patched(encodeAssignment(assignedAssignmentOf({}, 2)), 171, 175)],
    ['count 0', patched(bytes, 78, 0, 0)],
    ['count 1025', patched(bytes, 78, 1, 4)],
    ['height 2^53', patched(bytes, 12, 0x20)],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeAssignment(b)) }));
  return { clause: '8.2', network: NETWORK, valid, invalid };
}

export function attestations() {
  const { header, hash } = assignmentOf();
  const base = {
    lane: header.lane,
    incarnation: header.incarnation,
    height: header.height,
    attempt: 0,
    rank: 0,
    cited: hash,
    hash,
    device: 41,
    boot: 1,
    counter: 1,
    head: bootHead(NETWORK, device.publicKey, 1),
  };
  const valid = [
    ['first of boot 1', base],
    [
      'largest values',
      {
        ...base,
        lane: 65535,
        incarnation: 2 ** 32 - 1,
        height: 2 ** 53 - 1,
        attempt: 255,
        rank: 65535,
        device: 2 ** 32 - 1,
        boot: 2 ** 32 - 1,
        counter: 2 ** 32 - 1,
      },
    ],
  ].map(([name, content]) => {
    const digest = attestationDigest(NETWORK, content);
    const attestation = { ...content, signature: sign(digest, device.secretKey) };
    return {
      name,
      attestation,
      content: encodeAttestation(attestation).subarray(0, ATTESTATION_CONTENT_BYTES),
      digest,
      newHead: digest,
      bytes: encodeAttestation(attestation),
    };
  });
  const { bytes } = valid[0];
  const invalid = [
    ['188 bytes', bytes.slice(0, 188)],
    ['190 bytes', Uint8Array.from([...bytes, 0])],
    ['height 2^53', patched(bytes, 12, 0x20)],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeAttestation(b)) }));
  const heads = [0, 1, 2, 2 ** 32 - 1].map((boot) => ({
    boot,
    head: bootHead(NETWORK, device.publicKey, boot),
  }));
  return {
    clause: '8.3',
    network: NETWORK,
    deviceSeed: device.seed,
    deviceKey: device.publicKey,
    bootHeads: heads,
    valid,
    invalid,
  };
}

export function deviceResults() {
  const node = new DeviceNode({
    network: NETWORK,
    keys: device,
    boot: 1,
    laneKey: (lane) => trustNodes[lane]?.publicKey,
  });
  const result = node.answer(encodeAssignment(assignmentOf()));
  const ticket = node.presence(41, 3, 1);
  const drawn = node.ticket(41, 3, bytesOf('seed of epoch 3'), 0);
  const results = [
    { name: 'an attestation', result: { kind: 'attestation' }, bytes: result },
    ...Object.entries(REFUSAL).map(([name, code]) => ({
      name: `refusal: ${name}`,
      result: { kind: 'refusal', code },
      bytes: encodeDeviceResult({ kind: 'refusal', code }),
    })),
  ];
  const statuses = [
    {
      name: 'offline (the will)',
      status: { kind: 'offline' },
      bytes: encodeDeviceStatus({ kind: 'offline' }),
    },
    { name: 'presence', status: goodOf(decodeDeviceStatus(ticket)), bytes: ticket },
    { name: 'election ticket', status: goodOf(decodeDeviceStatus(drawn)), bytes: drawn },
  ];
  const invalidResults = [
    ['no bytes', new Uint8Array(0)],
    ['an attestation cut short', result.slice(0, -1)],
    ['an attestation with a byte behind it', Uint8Array.from([...result, 0])],
    ['a refusal without code', Uint8Array.of(1)],
    ['a refusal with two codes', Uint8Array.of(1, 1, 1)],
    ['kind 2', Uint8Array.of(2, 1)],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeDeviceResult(b)) }));
  const invalidStatuses = [
    ['no bytes', new Uint8Array(0)],
    ['a ticket cut short', ticket.slice(0, -1)],
    ['a ticket with a byte behind it', Uint8Array.from([...ticket, 0])],
    ['an election ticket cut short', drawn.slice(0, -1)],
    ['kind 2', Uint8Array.of(2)],
  ].map(([name, b]) => ({ name, bytes: b, code: codeOf(decodeDeviceStatus(b)) }));
  return { clause: '11.4', results, invalidResults, statuses, invalidStatuses, refusalCodes: REFUSAL };
}

export function presence() {
  const cases = [
    [NETWORK, 41, 3, 1],
    [NETWORK, 0, 0, 0],
    [OTHER_NETWORK, 41, 3, 1],
  ].map(([network, number, epoch, host]) => {
    const digest = presenceDigest(network, number, epoch, host);
    const signature = sign(digest, device.secretKey);
    const status = encodeDeviceStatus({
      kind: 'presence',
      ticket: { device: number, epoch, host, signature },
    });
    return { network, device: number, epoch, host, digest, signature, status };
  });
  return { clause: '6.3', deviceSeed: device.seed, deviceKey: device.publicKey, valid: cases };
}

export function login() {
  const valid = [
    [0, 0],
    [2, 3],
    [65535, 2 ** 32 - 1],
  ].map(([trustNode, epoch]) => {
    const digest = loginDigest(NETWORK, device.publicKey, trustNode, epoch);
    const token = encodeLoginToken(trustNode, epoch, sign(digest, device.secretKey));
    return { trustNode, epoch, digest, token, tokenBase64url: base64url(token) };
  });
  return { clause: '11.2', network: NETWORK, deviceSeed: device.seed, deviceKey: device.publicKey, valid };
}

function base64url(bytes) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,6}/g) ?? [])
    .map((six) => alphabet[Number.parseInt(six.padEnd(6, '0'), 2)])
    .join('');
}

/** A device from its seed to its second boot: every byte that it reads and writes. */
export function deviceSession() {
  const laneKey = (lane) => trustNodes[lane]?.publicKey;
  const assignerKey = (role, index) => (role === 2 && index === 0 ? assigners[0].publicKey : undefined);
  const hello = helloMessage({
    protocolVersion: PROTOCOL_VERSION,
    network: NETWORK,
    trustNode: 1,
    epoch: 3,
    laneKeys: trustNodes.map((k) => k.publicKey),
    session: '00112233445566ff',
    epochMs: 10_000,
    assigners: [{ role: 2, index: 0, key: assigners[0].publicKey }],
  });
  goodOf(parseHello(hello));
  const prefix = networkPrefix(NETWORK);
  const hex = hexOf(device.publicKey);
  const first = assignmentOf({}, 3);
  const second = assignmentOf({ lane: 2, height: 9, attempt: 1, rank: 17 }, 1);
  const other = assignmentOf({ timeMs: 1_700_000_000_001 }, 3);
  const bytes = encodeAssignment(first);
  const wrongRoot = assignmentOf({ root: bytesOf('not the root') }, 3);
  const steps = [
    ['the first assignment: number (1, 1)', bytes],
    ['another lane, second attempt: number (1, 2)', encodeAssignment(second)],
    ['the first assignment once more: the same bytes as before', bytes],
    ['refused: cut short', bytes.slice(0, -1)],
    ['refused: no bytes', new Uint8Array(0)],
    ['refused: lane 4 is not in hello', encodeAssignment(assignmentOf({ lane: 4 }, 1, trustNodes[0]))],
    [
      'refused: signed by another trust node',
      encodeAssignment(assignmentOf({ height: 2 }, 1, trustNodes[3])),
    ],
    [
      'refused: a signature bit flipped',
      patched(
        encodeAssignment(assignmentOf({ height: 3 }, 1)),
        100,
        encodeAssignment(assignmentOf({ height: 3 }, 1))[100] ^ 1,
      ),
    ],
    ["refused: the header's root is not that of the ids", encodeAssignment(wrongRoot)],
    ['refused: an id changed', patched(encodeAssignment(assignmentOf({ height: 4 }, 2)), 175, 0, 0)],
    [
      'another signed header at the place of the first: answered honestly, number (1, 3); the two headers convict the trust node',
      encodeAssignment(other),
    ],
    ['assigned by API server 0: number (1, 4)', encodeAssignment(assignedAssignmentOf({ height: 5 }, 2))],
    [
      'refused: API server 1 is not in hello',
      encodeAssignment(assignedAssignmentOf({ height: 6 }, 2, {}, 1)),
    ],
    [
      'refused: the statement is about another attempt',
      encodeAssignment(assignedAssignmentOf({ height: 6 }, 2, { attempt: 1 })),
    ],
  ];
  const run = (boot, assigned) => {
    const node = new DeviceNode({ network: NETWORK, keys: device, boot, laneKey, assignerKey });
    const headBefore = node.head;
    const answers = assigned.map(([name, assignment]) => ({
      name,
      assign: assignment,
      result: node.answer(assignment),
    }));
    return { boot, headBefore, answers, headAfter: node.head, countAfter: node.counter };
  };
  const node = new DeviceNode({ network: NETWORK, keys: device, boot: 1, laneKey, assignerKey });
  return {
    clause: '11',
    network: NETWORK,
    deviceSeed: device.seed,
    deviceKey: device.publicKey,
    deviceNumber: 41,
    topics: {
      hello: helloTopic(prefix),
      ...Object.fromEntries(
        ['assign', 'result', 'status', 'telemetry', 'tx', 'number'].map((leaf) => [
          leaf,
          deviceTopic(prefix, hex, leaf),
        ]),
      ),
    },
    number: encodeDeviceNumber(41),
    hello: new TextDecoder().decode(hello),
    connect: {
      clientId: hex,
      username: hex,
      password: node.loginToken(1, 3),
      willTopic: deviceTopic(prefix, hex, 'status'),
      will: Uint8Array.of(0),
    },
    status: node.presence(41, 3, 1),
    boots: [run(1, steps), run(2, [['the first assignment in the next boot: number (2, 1)', bytes]])],
  };
}
