import { BenchNetwork, TRUST_NODES } from './support/bench-network.js';
import { Load } from './support/load.js';
import { pssBytes } from './support/process-figures.js';
import { note, report } from './support/report.js';

/** 10,000 devices on one trust node: all connected, all in the pool, memory per device by slope, logins a second. */
const FEW = 1_000;
const MANY = 10_000;
const EPOCH_MS = 20_000;
const SETTLE_MS = 3_000;
const PAYERS = 200;
const RATE = 100;
const LOAD_MS = 10_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const network = new BenchNetwork({
  devices: MANY,
  payers: PAYERS,
  oneHost: true,
  parameters: { epochMs: EPOCH_MS },
});
const ready = await network.startNode(['--expose-gc']);
const pid = Number(ready.pid);
await network.startFleet(0, FEW, true);
await pause(SETTLE_MS);
await network.ask('collect', 'collected');
const pssFew = pssBytes(pid);
const began = performance.now();
const fleet = await network.startFleet(FEW, MANY - FEW, true);
const loginsPerSecond = ((MANY - FEW) * 1_000) / (performance.now() - began);
note(`${MANY} devices connected, ${Math.round(loginsPerSecond)} logins/s`);
await pause(SETTLE_MS);
await network.ask('collect', 'collected');
const pssMany = pssBytes(pid);
// Taking part: presence tickets of all of them must come through a whole epoch and freeze the pool after next.
let pool = 0;
for (let waited = 0; waited < 5 * EPOCH_MS && pool < MANY; waited += 1_000) {
  await pause(1_000);
  const figures = await network.ask('figures', 'figures');
  if (Number(figures.epoch) >= 2) pool = Number(figures.pool);
}
// And they are elected: the other lanes' blocks ask them.
const load = await Load.start(network, {
  payers: PAYERS,
  transactions: (RATE * LOAD_MS) / 1_000,
  transfersEach: 1,
  firstSequence: 1,
  batch: 1,
});
await load.ask(`open ${RATE} ${LOAD_MS}`, 'open');
await load.stop();
const answered = await network.ask('hosts', 'hosts');
const last = await fleet.first('report');
await network.close();
const bytesPerDevice = (pssMany - pssFew) / (MANY - FEW);
report({
  bench: 'devices',
  figures: {
    devices: MANY,
    devicesInPool: pool,
    bytesPerDevice,
    loginsPerSecond,
    pssAt1000: pssFew,
    pssAt10000: pssMany,
    assignmentsAnswered: Number(answered.answered),
    assignmentsMissed: Number(answered.missed),
    fleetClosed: last.ok ? Number(last.value.closed) : Number.NaN,
  },
  limit: { bytesPerDevice: 32_768 },
  ratio: bytesPerDevice / 32_768,
  conditions: {
    devices: MANY,
    trustNodes: TRUST_NODES,
    host: 'all devices at one trust node; the other lanes elect them',
    signatureModel: 'one Ed25519 login token per device, one presence ticket per device and epoch',
    durable: true,
    memory: 'PSS of the node process after a garbage collection, slope from 1,000 to 10,000 devices',
  },
});
process.exit(0);
