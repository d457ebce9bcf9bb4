#!/usr/bin/env node
// A whole IOTW device in one file: an MQTT client library and a crypto library, nothing else.
// It follows spec/device.md alone; the micro miner answers with the same bytes.
//
//   head -c 32 /dev/urandom | xxd -p -c 32 > device.key      the device's Ed25519 seed, 64 hex characters
//   node examples/minimal-device.mjs --key-file device.key --show-key
//   iotw device register ...                                 its maker's batch puts that key on the ledger
//   node examples/minimal-device.mjs --url mqtt://127.0.0.1:1883 --key-file device.key \
//        --network <64 hex characters> --device <number on the ledger>
//
// It prints one JSON line for each thing it does, ends cleanly on SIGTERM or SIGINT, and can be cut off at any
// time: attestations carry (boot, counter), and the boot counter, all that it stores, is durable before the first.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import mqtt from 'mqtt';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
    'key-file': { type: 'string' },
    'boot-file': { type: 'string' }, // default: beside the key
    network: { type: 'string' }, // network id; hello is believed only if it says the same
    device: { type: 'string' }, // its number on the ledger
    'show-key': { type: 'boolean' },
  },
});

// --- Bytes and digests -----------------------------------------------------------------------

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const u8 = (n) => Buffer.from([n]);
const u16 = (n) => Buffer.from([n, n >>> 8]);
const u32 = (n) => Buffer.from([n, n >>> 8, n >>> 16, n >>> 24]);
/** The one signing rule: SHA-256( SHA-256(domain) || network || bytes ). */
const digest = (domain, ...bytes) => sha256(sha256(Buffer.from(`iotw/v1/${domain}`)), network, ...bytes);

/** SSZ root of a list of at most 1,024 transaction ids: ten levels, zero-padded, the count mixed in. */
function merkleRoot(ids) {
  let level = [];
  for (let at = 0; at < ids.length; at += 32) level.push(ids.subarray(at, at + 32));
  let zero = Buffer.alloc(32);
  for (let depth = 0; depth < 10; depth++) {
    const next = [];
    for (let i = 0; i < level.length; i += 2) next.push(sha256(level[i], level[i + 1] ?? zero));
    level = next;
    zero = sha256(zero, zero);
  }
  return sha256(level[0], u32(ids.length / 32), Buffer.alloc(28));
}

// --- Keys ------------------------------------------------------------------------------------

// node:crypto reads keys as DER; an Ed25519 key is a fixed prefix and 32 bytes (RFC 8410).
const der = (prefix, raw) => Buffer.concat([Buffer.from(prefix, 'hex'), raw]);
const publicKeyOf = (raw) =>
  createPublicKey({ key: der('302a300506032b6570032100', raw), format: 'der', type: 'spki' });
const bytes32 = (text, what) => {
  if (!/^[0-9a-f]{64}$/i.test(text?.trim() ?? '')) stop(`${what} must be 64 hex characters`);
  return Buffer.from(text.trim(), 'hex');
};
if (options['key-file'] === undefined) stop('--key-file is needed');
const seed = bytes32(readFileSync(options['key-file'], 'utf8'), 'the key file');
const pkcs8 = der('302e020100300506032b657004220420', seed);
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const deviceKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const deviceHex = deviceKey.toString('hex');
const signed = (bytes32ToSign) => sign(null, bytes32ToSign, privateKey);
if (options['show-key']) stop(deviceHex, 0);
const network = bytes32(options.network, '--network');
const device = Number(options.device ?? stop('--device is needed: iotw device show tells the number'));

// --- Boot counter: raised and durable before the first signature -----------------------------

const bootFile = options['boot-file'] ?? `${options['key-file']}.boot`;
const boot = 1 + (existsSync(bootFile) ? Number.parseInt(readFileSync(bootFile, 'utf8'), 10) : 0);
if (!(boot >= 1 && boot <= 0xffff_ffff)) stop(`${bootFile} holds no boot number: a new key is needed`);
writeFileSync(`${bootFile}.new`, `${boot}\n`, { mode: 0o600, flush: true });
renameSync(`${bootFile}.new`, bootFile);
const directory = openSync(dirname(bootFile), 'r');
fsyncSync(directory);
closeSync(directory);

// --- Attesting -------------------------------------------------------------------------------

let [counter, head] = [0, digest('head', deviceKey, u32(boot))];
let laneKeys = [];
let assigners = new Map(); // who else signs assignments, by role and number
const answers = new Map(); // a repeated assignment gets identical bytes

const [MALFORMED, LANE_UNKNOWN, HEADER_SIGNATURE, ROOT_MISMATCH] = [1, 2, 3, 4];
const [COUNTER_EXHAUSTED, ASSIGNER_UNKNOWN, ASSIGNER_SIGNATURE] = [5, 6, 7];
const refusal = (code) => Buffer.from([1, code]);

/** header 100, lane's signature 64, attempt 1, rank 2, device 4, offset 4, perhaps an assigner's statement 67, transaction ids. */
function answer(b) {
  const offset = b.length < 175 ? 0 : b.readUInt32LE(171);
  if (offset !== 175 && offset !== 242) return refusal(MALFORMED);
  const header = b.subarray(0, 100);
  const [lane, count, ids] = [header.readUInt16LE(0), header.readUInt16LE(78), b.subarray(offset)];
  if (count < 1 || count > 1024 || ids.length !== 32 * count) return refusal(MALFORMED);
  // Height, time and reference round are integers up to 2^53 - 1.
  if ([6, 80, 92].some((at) => header.readUInt32LE(at + 4) > 0x1f_ffff)) return refusal(MALFORMED);
  if (laneKeys[lane] === undefined) return refusal(LANE_UNKNOWN);
  const cited = digest('block', header);
  const place = header.subarray(0, 14);
  const slot = Buffer.concat([place, b.subarray(164, 167), cited]).toString('hex');
  if (answers.has(slot)) return answers.get(slot);
  if (!verify(null, cited, laneKeys[lane], b.subarray(100, 164))) return refusal(HEADER_SIGNATURE);
  // The device's own work: the root from the ids, and the block hash from that root.
  const root = merkleRoot(ids);
  if (!root.equals(header.subarray(46, 78))) return refusal(ROOT_MISMATCH);
  if (offset === 242) {
    const key = assigners.get(`${b[175]}:${b.readUInt16LE(176)}`);
    if (key === undefined) return refusal(ASSIGNER_UNKNOWN);
    const stated = digest('assigned', b.subarray(175, 178), key, place, b.subarray(164, 165), cited);
    if (!verify(null, stated, publicKeyOf(key), b.subarray(178, 242))) return refusal(ASSIGNER_SIGNATURE);
  }
  if (counter >= 0xffff_ffff) return refusal(COUNTER_EXHAUSTED);
  counter += 1;
  const hash = digest('block', header.subarray(0, 46), root, header.subarray(78));
  const [rank, number] = [b.subarray(164, 167), b.subarray(167, 171)];
  const content = Buffer.concat([place, rank, cited, hash, number, u32(boot), u32(counter), head]);
  head = digest('attestation', content);
  const result = Buffer.concat([u8(0), content, signed(head)]);
  answers.set(slot, result);
  if (answers.size > 64) answers.delete(answers.keys().next().value);
  return result;
}

// --- The wire --------------------------------------------------------------------------------

const prefix = `iotw/v1/${network.subarray(0, 8).toString('hex')}`;
const helloTopic = `${prefix}/hello`;
const topic = (leaf) => `${prefix}/${deviceHex}/${leaf}`;
const say = (kind, more = {}) => console.log(JSON.stringify({ kind, ...more }));
const quiet = { protocolVersion: 4, clean: true, reconnectPeriod: 0, keepalive: 60 };
let [client, ticketTimer, failures] = [undefined, undefined, 0];

/** What must be known before a login: the trust node's index, the epoch, the lanes' keys. */
function readHello(bytes) {
  const hello = JSON.parse(bytes.toString());
  if (hello.protocolVersion !== 1 || hello.network !== network.toString('hex'))
    throw new Error('not our network');
  laneKeys = hello.laneKeys.map((hex) => publicKeyOf(Buffer.from(hex, 'hex')));
  assigners = new Map(
    (hello.assigners ?? []).map((a) => [`${a.role}:${a.index}`, Buffer.from(a.key, 'hex')]),
  );
  return hello;
}

async function fetchHello() {
  const reader = await mqtt.connectAsync(options.url, { ...quiet, username: 'hello' }, false);
  reader.subscribe(helloTopic);
  const message = once(reader, 'message', { signal: AbortSignal.timeout(5000) });
  const [, bytes] = await message.finally(() => reader.end(true));
  return readHello(bytes);
}

/** The MQTT password: trust node u16, epoch u32, signature over device key, trust node and epoch. */
function loginToken({ trustNode, epoch }) {
  const place = Buffer.concat([u16(trustNode), u32(epoch)]);
  return Buffer.concat([place, signed(digest('login', deviceKey, place))]);
}

/** One ticket an epoch, at a moment of its first half that is the device's own. */
function attend(hello, offsetMs) {
  // Behind an external broker the trust node doesn't see logins: it takes the token from `status`.
  if (hello.announce) client.publish(topic('status'), loginToken(hello));
  clearTimeout(ticketTimer);
  ticketTimer = setTimeout(() => {
    if (!client.connected) return;
    const { epoch } = hello;
    const content = Buffer.concat([u32(device), u32(epoch), u16(hello.trustNode)]);
    client.publish(topic('status'), Buffer.concat([u8(1), content, signed(digest('presence', content))]));
    say('presence', { device, epoch });
  }, offsetMs);
}

async function connect() {
  let hello = await fetchHello();
  const will = { topic: topic('status'), payload: u8(0), qos: 0, retain: false };
  const login = { clientId: deviceHex, username: deviceHex, password: loginToken(hello), will };
  client = await mqtt.connectAsync(options.url, { ...quiet, ...login }, false);
  failures = 0;
  client.on('error', () => {});
  client.on('close', again);
  client.on('message', (from, bytes) => {
    if (from === topic('assign')) {
      const result = answer(bytes);
      client.publish(topic('result'), result);
      if (result[0] === 0) say('attested', { boot, counter });
      else say('refused', { code: result[1] });
    } else if (from === helloTopic) {
      const before = hello;
      hello = readHello(bytes);
      const changed = hello.epoch !== before.epoch || hello.session !== before.session;
      const { epoch, epochMs = 10_000 } = hello;
      const offset = sha256(deviceKey, u32(epoch)).readUInt32LE(0) % Math.floor(epochMs / 2);
      if (changed) attend(hello, offset);
    }
  });
  client.subscribe([topic('assign'), helloTopic]);
  say('connected', { trustNode: hello.trustNode, epoch: hello.epoch, boot });
  attend(hello, 0);
}

/** A new login needs a new token, so it begins with hello again: later and later, and not all at once. */
function again(error) {
  const delay = Math.min(30_000, 500 * 2 ** failures++) * (0.5 + Math.random() / 2);
  say('waiting', { ms: Math.round(delay), ...(error?.message ? { because: error.message } : {}) });
  setTimeout(() => connect().catch(again), delay);
}

function stop(message, code = 1) {
  console[code === 0 ? 'log' : 'error'](message);
  process.exit(code);
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (!client?.connected) process.exit(0);
    client.publish(topic('status'), u8(0));
    client.removeListener('close', again);
    client.end(false, () => process.exit(0));
  });
}
connect().catch(again);
