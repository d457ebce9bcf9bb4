// npm run firmware -- end-to-end [--devices m3,linux,armhf,mipsel] [--answers 100] [--result docs/results]
import { lastLine } from '../../tools/test/steps.mjs';
import { devicesOf } from './devices.mjs';
import { buildCommandLine } from './devnet.mjs';
import { endToEnd } from './end-to-end.mjs';
import { countOf, optionsOf } from './options.mjs';
import { table, writeResult } from './result.mjs';

const ABOUT =
  'Devices in C joined a running devnet that elects by VRF tickets: the image of the Cortex-M3 over TLS 1.2 with the key of the broker\n' +
  'pinned, the Linux port on this machine and cross-built for routers under user emulation. Counts of answers, misses and pay are the\n' +
  "ledger's, of ended epochs; `assignments` and `attested` are the device's own, of its last report. Each ticket on the ledger was proved\n" +
  "anew with the device's key, and `iotw audit witness` found each device sound.";

/** @param {string[]} words */
export async function endToEndCommand(words) {
  const options = optionsOf(words, { devices: undefined, answers: '100', result: undefined });
  const answers = countOf('answers', options.answers);
  const { devices, skipped } = await devicesOf(options.devices);
  if (devices.length === 0) {
    console.log(lastLine({ passed: 0, failed: 0, skipped }));
    return;
  }
  buildCommandLine();
  const ran = await endToEnd(devices, answers);
  for (const { name, faults, figures } of ran.outcomes) {
    const told = Object.entries(figures).map(([what, count]) => `${what} ${count}`);
    console.log(
      `${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name} end to end: ${[...faults, ...told].join(', ')}`,
    );
  }
  const { seconds, cpuSeconds, longestStallMs } = ran;
  console.log(JSON.stringify({ seconds, cpuSeconds, longestStallMs, devices: ran.outcomes }));
  if (options.result !== undefined)
    console.log(`written: ${writeResult(options.result, pageOf(ran, answers))}`);
  const failed = ran.outcomes.filter(({ faults }) => faults.length > 0).length;
  console.log(lastLine({ passed: ran.outcomes.length - failed, failed, skipped }));
  process.exitCode = failed > 0 ? 1 : 0;
}

function pageOf({ outcomes, seconds, cpuSeconds, longestStallMs }, answers) {
  const names = Object.keys(outcomes[0].figures);
  return {
    name: 'firmware-end-to-end',
    title: 'Firmware, end to end',
    about: ABOUT,
    command: 'npm run test:long -- firmware',
    rows: [
      ['answers in certificates, each device, at least', String(answers)],
      ['seconds; CPU seconds of devnet and devices', `${seconds}; ${cpuSeconds}`],
      ['longest time this machine stood still', `${longestStallMs} ms`],
      [
        'faults',
        outcomes.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`)).join('; ') ||
          'none',
      ],
    ],
    tables: [
      table(
        ['device', ...names],
        outcomes.map(({ name, figures }) => [name, ...names.map((each) => figures[each])]),
      ),
    ],
  };
}
