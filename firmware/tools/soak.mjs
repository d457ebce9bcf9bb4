// npm run firmware -- soak [--minutes 60] [--result docs/results]: the Cortex-M3's image over TLS answers about one assignment a second,
// for an hour. A miss is looked into: it is the device's unless this machine let it, or the devnet, wait.
import { lastLine } from '../../tools/test/steps.mjs';
import { DeviceProcess } from './device-process.mjs';
import { devicesOf, loginOf } from './devices.mjs';
import { buildCommandLine, Devnet } from './devnet.mjs';
import { cpuOf, expectReport, STALL_MS } from './end-to-end.mjs';
import { LedgerRecord } from './ledger-record.mjs';
import { countOf, optionsOf } from './options.mjs';
import { table, writeResult } from './result.mjs';
import { Stalls } from './stalls.mjs';

/** Four devices beside it, and so many invoices a second that it has somewhat more than one assignment a second. */
const NETWORK = ['--devices', '4', '--rate', '2', '--loop', '--election', 'vrf'];
const LOOK_MS = 5_000;
const TELL_EVERY = 12;

/** @param {string[]} words */
export async function soakCommand(words) {
  const options = optionsOf(words, { minutes: '60', result: undefined });
  const minutes = countOf('minutes', options.minutes);
  const { devices, skipped } = await devicesOf('m3');
  if (skipped > 0) {
    console.log(lastLine({ passed: 0, failed: 0, skipped }));
    return;
  }
  buildCommandLine();
  const ran = await soak(devices[0], minutes);
  console.log(JSON.stringify(ran));
  if (options.result !== undefined)
    console.log(`written: ${writeResult(options.result, pageOf(ran, minutes))}`);
  for (const fault of ran.faults) console.log(`FAILED soak: ${fault}`);
  console.log(lastLine({ passed: ran.faults.length === 0 ? 1 : 0, failed: ran.faults.length, skipped: 0 }));
  process.exitCode = ran.faults.length > 0 ? 1 : 0;
}

async function soak({ kind, program }, minutes) {
  const stalls = new Stalls(STALL_MS);
  const devnet = await Devnet.start(NETWORK);
  let device;
  try {
    const { device: number, store } = await devnet.provision('m3', {
      ...loginOf(kind, devnet.mqtt[0]),
      trustNode: 0,
    });
    const ledger = new LedgerRecord(devnet, number, 0);
    device = new DeviceProcess(kind.command(program, store));
    stalls.watch('the devnet', devnet.pid);
    stalls.watch('the image', device.pid);
    const misses = await follow(device, ledger, stalls, minutes);
    return judge(device, ledger, stalls, misses);
  } finally {
    stalls.end();
    await device?.stop();
    await devnet.stop();
  }
}

/** Follows it for so many minutes from its first paid epoch on. @returns each epoch with misses, and what was seen in it */
async function follow(device, ledger, stalls, minutes) {
  const misses = [];
  let first;
  for (let looks = 0; !device.ended; looks++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    for (const { epoch, mined, witnessed, missed, startMs, endMs } of await ledger.update()) {
      if (mined + witnessed > 0) first ??= performance.now();
      if (missed > 0) misses.push({ epoch, missed, cause: stalls.longestBetween(startMs, endMs) });
    }
    if (looks % TELL_EVERY === 0) console.log(told(device, ledger));
    if (first !== undefined && performance.now() - first >= minutes * 60_000) break;
  }
  return misses;
}

function told({ report, stack }, { answers, missed, paid }) {
  return `${new Date().toISOString()} assignments ${report.assignments}, in certificates ${answers}, missed ${missed}, paid ${paid}, stack ${stack}`;
}

function judge(device, ledger, stalls, misses) {
  const faults = [];
  const { report, stack } = device;
  const worked = [...ledger.epochs.values()].filter(({ inPool }) => inPool);
  const seconds = Math.round((worked.at(-1).endMs - worked[0].startMs) / 1_000);
  if (device.ended) faults.push(`the image ended: ${device.lines.join(' | ')}`);
  if (ledger.answers < seconds)
    faults.push(`${ledger.answers} answers in ${seconds} seconds are less than one a second`);
  for (const { epoch, missed, cause } of misses)
    if (cause === undefined)
      faults.push(`${missed} misses in epoch ${epoch}, and this machine let nobody wait`);
  if (ledger.paid === 0) faults.push('it was paid nothing');
  expectReport(device, faults);
  const { mined, witnessed, unpaid, missed, paid } = ledger;
  return {
    ...{ seconds, epochs: worked.length, mined, witnessed, unpaid, missed, paid, stack, report, misses },
    ...{
      stalls: stalls.seen.length,
      longestStallMs: stalls.longestMs,
      cpuSeconds: cpuOf(device.pid),
      faults,
    },
  };
}

function pageOf(ran, minutes) {
  const { report, misses } = ran;
  return {
    name: 'firmware-soak',
    title: 'Firmware, soak',
    about:
      "QEMU's mps2-an385 ran the Cortex-M3's image with lwIP and BearSSL, logged in over TLS at a devnet of 4 trust nodes and 4 other devices that\n" +
      "elected by VRF tickets. The device has 250 ms for an answer there. A miss counts as the device's unless, in that epoch of 10 s, a thread of\n" +
      `the image or of the devnet was ready to run for ${STALL_MS} ms of a second and got no processor, or a timer of this command came as late.`,
    command: `npm run firmware -- soak --minutes ${minutes}`,
    rows: [
      ['seconds in the pool; epochs', `${ran.seconds}; ${ran.epochs}`],
      [
        'answers in certificates',
        `${ran.mined + ran.witnessed + ran.unpaid} (mined ${ran.mined}, witnessed ${ran.witnessed}, behind the committee ${ran.unpaid})`,
      ],
      [
        'hard misses; of them with no cause on this machine',
        `${ran.missed}; ${misses.filter(({ cause }) => cause === undefined).reduce((sum, one) => sum + one.missed, 0)}`,
      ],
      ['paid, base units', String(ran.paid)],
      [
        'the device: assignments, attested, given again',
        [report.assignments, report.attested, report.repeated].join(', '),
      ],
      ['logins, connections lost, timeouts', [report.logins, report.closed, report.timeouts].join(', ')],
      ['presence tickets, election tickets', [report.presences, report.tickets].join(', ')],
      ['deepest stack', `${ran.stack} bytes of 8192`],
      [
        `waits of ${STALL_MS} ms or more on this machine; the longest`,
        `${ran.stalls}; ${ran.longestStallMs} ms`,
      ],
      ['CPU of the emulator', `${Math.round(ran.cpuSeconds)} s`],
      ['faults', ran.faults.join('; ') || 'none'],
    ],
    tables:
      misses.length === 0
        ? []
        : [
            table(
              ['epoch', 'misses', 'cause'],
              misses.map(({ epoch, missed, cause }) => [
                epoch,
                missed,
                cause === undefined ? 'none seen' : `${cause.what}: ${cause.forMs} ms`,
              ]),
            ),
          ],
  };
}
