// What an attacker, a bad network and a power cut do to a device, one scene after the other: each goes on with the device of the one before.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerCredentials, brokerPin } from '@iotw/adapters/mqtt/broker-certificate';
import { storeImage } from '@iotw/cli/firmware/store-image';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { DeviceProcess } from './device-process.mjs';
import { CONNECT, HostileBroker, Voice } from './hostile-broker.mjs';

const NETWORK = new Uint8Array(32).fill(7);
const SEED = new Uint8Array(32).fill(9);
const KEYS = keyPairFromSeed(SEED);
const NUMBER = 3;
const LANE = keyPairFromSeed(new Uint8Array(32).fill(1));
const BROKER_SEED = new Uint8Array(32).fill(1);
const IMPOSTOR_SEED = new Uint8Array(32).fill(2);
/** The board reports once in ten seconds, and a device waits 15 s for a silent broker. */
const REPORT_MS = 90_000;
const REFUSED = { malformed: 1, lane: 2, signature: 3, root: 4 };
const RESULT_BYTES = 190;
/** Power goes this often, at any moment within so many ms of work. */
const CUTS = 6;
const WORK_MS = 250;
const BURST = 20;

/** One device, its broker, and all that it ever signed. */
export class Scene {
  #kind;
  #program;
  #store;
  #connection;
  /** Content of each attestation by boot and counter. @type {Map<string, string>} */
  #signed = new Map();
  #height = 0;
  /** @type {HostileBroker} */
  broker;
  /** @type {DeviceProcess} */
  device;
  voice = new Voice({ network: NETWORK, lane: LANE, deviceHex: toHex(KEYS.publicKey), device: NUMBER });

  /** @param {import('./devices.mjs').Kind} kind @param {string} program @param {string} folder of its store */
  constructor(kind, program, folder) {
    this.#kind = kind;
    this.#program = program;
    this.#store = join(folder, 'store.bin');
  }

  get tls() {
    return this.#kind.tls;
  }

  get signedNumbers() {
    return this.#signed.size;
  }

  /** Opens the broker at the port of the one before, by the key that the device pins unless told otherwise. */
  async open({ seed = BROKER_SEED, tls = this.tls } = {}) {
    const port = this.broker?.port ?? 0;
    await this.broker?.close();
    this.broker = await HostileBroker.open(tls ? credentials(seed) : undefined, port);
  }

  /** Makes the device for the broker that is open, as its maker would. */
  make() {
    const { port } = this.broker;
    const pin = this.tls ? brokerPin(BROKER_SEED) : undefined;
    const broker = { host: this.#kind.loopback, port, trustNode: 0, pin };
    const origin = { maker: 1, batch: 1, region: 0, deviceClass: 0, batchSignature: new Uint8Array(64) };
    const image = storeImage({
      network: NETWORK,
      seed: SEED,
      keys: KEYS,
      number: NUMBER,
      telemetry: false,
      ...origin,
      broker,
    });
    writeFileSync(this.#store, image);
  }

  async powerOff() {
    await this.device?.cutPower();
  }

  powerOn() {
    this.device = new DeviceProcess(this.#kind.command(this.#program, this.#store));
  }

  /** The connection on which it is logged in; it is switched on where it is off. @returns {Promise<import('./hostile-broker.mjs').Connection>} */
  async online() {
    if (this.device === undefined || this.device.off) this.powerOn();
    if (this.#connection === undefined || this.#connection.closed)
      this.#connection = await this.voice.admit(this.broker);
    return this.#connection;
  }

  /** Waits for a report in which a count has come to so much. */
  async counted(name, least) {
    const until = Date.now() + REPORT_MS;
    while (!(this.device.report[name] >= least)) {
      if (this.device.ended) throw new Error(`it ended: ${this.device.lines.join(' | ')}`);
      if (Date.now() > until) throw new Error(`it reports ${name} ${this.device.report[name]}, not ${least}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Takes a result down: one number never stands for two contents. */
  takeDown(result) {
    if (result.length !== RESULT_BYTES || result[0] !== 0) return;
    const number = `${result.readUInt32LE(86)}/${result.readUInt32LE(90)}`;
    const content = result.toString('hex', 1, 126);
    equal(this.#signed.get(number) ?? content, content, `the content under number ${number}`);
    this.#signed.set(number, content);
  }

  /** @returns {Promise<Buffer>} its answer to one assignment */
  async answer(assignment, piece) {
    const connection = await this.online();
    await connection.raw(this.voice.assign(assignment), piece);
    const result = await connection.published('result');
    this.takeDown(result);
    return result;
  }

  /** A new assignment that is right is attested, whatever came before. @returns {Promise<Buffer>} */
  async works(piece) {
    const height = this.nextHeight();
    const result = await this.answer(this.voice.assignment(height), piece);
    equal(result.length, RESULT_BYTES, 'the length of the answer to a good assignment');
    equal(result.readUIntLE(7, 6), height, 'the height it attested');
    return result;
  }

  nextHeight() {
    this.#height += 1;
    return this.#height;
  }
}

function credentials(seed) {
  const { keyPem, certificatePem } = brokerCredentials(seed);
  return { key: keyPem, cert: certificatePem };
}

function equal(is, should, what) {
  if (is !== should) throw new Error(`${what} is ${is}, not ${should}`);
}

async function wrongKey(scene) {
  await scene.open({ seed: IMPOSTOR_SEED });
  scene.powerOn();
  await scene.counted('wrong-broker', 2);
  equal(scene.broker.spoken, 0, 'handshakes that ended well with the impostor');
  await scene.open();
  await scene.works();
}

async function wrongNetwork(scene) {
  const connection = await scene.online();
  await connection.raw(scene.voice.hello({ network: 'ab'.repeat(32) }));
  await connection.ended();
  await scene.works();
  await scene.counted('hello-refused', 1);
}

async function badAssignments(scene) {
  const { voice } = scene;
  const good = () => voice.assignment(scene.nextHeight());
  const changed = (at, value) => {
    const bytes = good();
    bytes[at] = value ?? bytes[at] ^ 1;
    return bytes;
  };
  const unsigned = good();
  unsigned.fill(0, 100, 164);
  const cases = [
    ['no bytes', Buffer.alloc(0), REFUSED.malformed],
    ['one that is cut short', good().subarray(0, 200), REFUSED.malformed],
    ['1,025 transactions', voice.oversized(1_025), REFUSED.malformed],
    ['60,000 bytes', Buffer.alloc(60_000, 0x5a), REFUSED.malformed],
    ['a lane that is not there', changed(0, 9), REFUSED.lane],
    ['one without a signature', unsigned, REFUSED.signature],
    ['one with a changed header', changed(80), REFUSED.signature],
    [
      'one of another network',
      voice.assignment(scene.nextHeight(), { network: new Uint8Array(32).fill(8) }),
      REFUSED.signature,
    ],
    ['one with another transaction', changed(175), REFUSED.root],
  ];
  for (const [what, assignment, code] of cases) {
    const result = await scene.answer(assignment);
    equal(result.toString('hex'), Buffer.from([1, code]).toString('hex'), `the answer to ${what}`);
    await scene.works();
  }
  await scene.counted('refused-malformed', 4);
  await scene.counted('refused-header-signature', 3);
  await scene.counted('refused-lane', 1);
  await scene.counted('refused-root', 1);
}

async function replay(scene) {
  const assignment = scene.voice.assignment(scene.nextHeight());
  const first = await scene.answer(assignment);
  await scene.works();
  const again = await scene.answer(assignment);
  equal(again.toString('hex'), first.toString('hex'), 'the answer to the same assignment');
  (await scene.online()).cut();
  const later = await scene.answer(assignment);
  equal(later.toString('hex'), first.toString('hex'), 'the answer after a new login');
  await scene.counted('repeated', 2);
}

async function garbage(scene) {
  const kinds = [
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    // Packets of 256 MB, and of more than any packet of a trust node has.
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1]),
    scene.voice.assign(Buffer.alloc(200_000)),
  ];
  for (const bytes of kinds) {
    const connection = await scene.online();
    await connection.raw(bytes);
    await connection.ended();
    await scene.works();
  }
  const connection = await scene.online();
  connection.cut();
  const early = await scene.broker.next();
  await early.packet(CONNECT);
  await early.raw(kinds[1]);
  await early.ended();
  await scene.works();
  await scene.counted('garbage', kinds.length + 1);
}

async function halves(scene) {
  await scene.works(1);
  const half = scene.voice.assign(scene.voice.assignment(scene.nextHeight()));
  const connection = await scene.online();
  await connection.raw(half.subarray(0, half.length >> 1));
  connection.cut();
  await scene.works();
  (await scene.online()).cut();
  const early = await scene.broker.next();
  await early.packet(CONNECT);
  await early.raw(Buffer.from([0x20]));
  early.cut();
  await scene.works();
}

async function silence(scene) {
  (await scene.online()).cut();
  const mute = await scene.broker.next();
  await mute.packet(CONNECT);
  await mute.ended();
  await scene.works();
  await scene.counted('timeouts', 1);
  if (!scene.tls) return;
  // One that takes the connection and never answers the handshake.
  await scene.open({ tls: false });
  await (await scene.broker.next()).ended();
  await scene.open();
  await scene.works();
  await scene.counted('timeouts', 2);
}

async function powerCuts(scene) {
  const known = scene.voice.assignment(scene.nextHeight());
  let boot = (await scene.answer(known)).readUInt32LE(86);
  for (let cut = 0; cut < CUTS; cut++) {
    const connection = await scene.online();
    for (let i = 0; i < BURST; i++)
      await connection.raw(scene.voice.assign(scene.voice.assignment(scene.nextHeight())));
    await new Promise((resolve) => setTimeout(resolve, randomInt(WORK_MS)));
    await scene.powerOff();
    for (const result of await connection.rest('result')) scene.takeDown(result);
    const result = await scene.answer(known);
    equal(result.readUInt32LE(86) > boot, true, 'whether the boot counter rose');
    boot = result.readUInt32LE(86);
  }
  // A cut before it says anything costs a number of the boot counter and nothing else.
  await scene.powerOff();
  scene.powerOn();
  await new Promise((resolve) => setTimeout(resolve, randomInt(WORK_MS)));
  await scene.powerOff();
  await scene.works();
}

/** @type {{name: string, play: (scene: Scene) => Promise<void>, tlsOnly?: boolean}[]} */
export const SCENES = [
  { name: 'a broker with another key', play: wrongKey, tlsOnly: true },
  { name: "another network's hello", play: wrongNetwork },
  { name: 'malformed, oversized, foreign, unsigned and wrongly signed assignments', play: badAssignments },
  { name: 'a replayed assignment', play: replay },
  { name: 'garbage instead of MQTT', play: garbage },
  { name: 'half packets and a broker that drops', play: halves },
  { name: 'a broker that never answers', play: silence },
  { name: 'power cuts', play: powerCuts },
];
