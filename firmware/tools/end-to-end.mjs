// Devices in C join a running devnet that elects by VRF tickets, log in (the Cortex-M3's image over
// TLS with the broker's key pinned), mine, witness, and are paid at the epoch's end. What the ledger says decides, not what they say.
import { execFileSync } from 'node:child_process';
import { DeviceProcess } from './device-process.mjs';
import { loginOf } from './devices.mjs';
import { Devnet, forgetNumber } from './devnet.mjs';
import { LedgerRecord } from './ledger-record.mjs';
import { Stalls } from './stalls.mjs';

/** The fleet beside the devices that are looked at: one for each trust node, so that none is without. */
const FLEET = 4;
/** Invoices a second: four seats each, so every device has some ten assignments a second. */
const RATE = 20;
/** A device that joins is elected in the fourth epoch of 10 s and paid at its end; a busy machine takes longer. */
const LIMIT_MS = 300_000;
const LOOK_MS = 3_000;
/** A devnet's device has 250 ms for an answer. A machine that stood still for half of that may have made it late. */
export const STALL_MS = 125;

/**
 * @typedef {object} Outcome of one device
 * @property {string} name
 * @property {string[]} faults empty: all is well
 * @property {Record<string, number>} figures
 */

/**
 * @param {{name: string, kind: import('./devices.mjs').Kind, program: string}[]} devices
 * @param {number} answers each of them is to have in certificates, as miner and witness
 * @param {{missesCount?: boolean}} [how] `missesCount`: a miss while this machine did not stand still is a fault
 * @returns {Promise<{outcomes: Outcome[], seconds: number, cpuSeconds: number, longestStallMs: number}>}
 */
export async function endToEnd(devices, answers, { missesCount = true } = {}) {
  const began = performance.now();
  const stalls = new Stalls(STALL_MS);
  const devnet = await Devnet.start([
    '--devices',
    String(FLEET),
    '--rate',
    String(RATE),
    '--loop',
    '--election',
    'vrf',
  ]);
  stalls.watch('the devnet', devnet.pid);
  const joined = [];
  try {
    for (const [i, { name, kind, program }] of devices.entries()) {
      const at = devnet.mqtt[i % devnet.mqtt.length];
      const { device, store } = await devnet.provision(name, {
        ...loginOf(kind, at),
        trustNode: at.trustNode,
      });
      // One of them has to ask for its number on the ledger.
      if (name === 'linux') forgetNumber(store);
      const { epoch } = await devnet.get('/v1/status');
      joined.push({
        ...{ name, device, trustNode: at.trustNode, ledger: new LedgerRecord(devnet, device, epoch) },
        process: new DeviceProcess(kind.command(program, store)),
      });
      stalls.watch(name, joined.at(-1).process.pid);
    }
    await untilPaid(joined, answers, began);
    const outcomes = [];
    for (const one of joined)
      outcomes.push(await judge(devnet, one, answers, missesCount ? stalls : undefined));
    const cpuSeconds = [devnet, ...joined.map(({ process }) => process)].reduce(
      (sum, { pid }) => sum + cpuOf(pid),
      0,
    );
    const seconds = Math.round((performance.now() - began) / 1000);
    return { outcomes, seconds, cpuSeconds: Math.round(cpuSeconds), longestStallMs: stalls.longestMs };
  } finally {
    stalls.end();
    for (const { process } of joined) await process.stop();
    await devnet.stop();
  }
}

async function untilPaid(joined, answers, began) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    for (const { ledger } of joined) await ledger.update();
    const waits = joined.filter(
      ({ ledger }) => ledger.answers < answers || ledger.paid === 0 || !ledger.drawnByTicket,
    );
    if (waits.length === 0 || waits.some(({ process }) => process.ended)) return;
    if (performance.now() - began > LIMIT_MS) return;
  }
}

/** @returns {Promise<Outcome>} */
async function judge(devnet, { name, device, trustNode, ledger, process }, answers, stalls) {
  const faults = [];
  const expect = (holds, fault) => holds || faults.push(fault);
  expect(!process.ended, `it ended: ${process.lines.join(' | ')}`);
  expect(ledger.answers >= answers, `${ledger.answers} answers in certificates, not ${answers}`);
  expect(ledger.mined > 0, 'it never mined');
  expect(ledger.witnessed > 0, 'it never witnessed');
  expect(ledger.paid > 0, 'it was paid nothing');
  for (const { epoch, missed, startMs, endMs } of ledger.epochs.values()) {
    if (stalls === undefined) break;
    expect(
      missed === 0 || stalls.longestBetween(startMs, endMs) !== undefined,
      `${missed} misses in epoch ${epoch}, and this machine did not stand still`,
    );
  }
  const tickets = await ledger.tickets(trustNode);
  expect(
    tickets.length > 0 && tickets.every(({ valid }) => valid),
    'its VRF tickets on the ledger do not verify',
  );
  expect(
    tickets.some(({ drawn }) => drawn),
    'no epoch drew it by its ticket',
  );
  const { blacklistReason } = await devnet.get(`/v1/devices/${device}`);
  expect(blacklistReason === 'none', `it is blacklisted: ${blacklistReason}`);
  const audit = await devnet.iotw(
    'audit',
    'witness',
    String(device),
    '--genesis',
    devnet.file('net/genesis.json'),
  );
  expect(audit.sound, 'its audit is not sound');
  expectReport(process, faults);
  const { mined, witnessed, unpaid, missed, paid } = ledger;
  const { report, stack } = process;
  return {
    name,
    faults,
    figures: {
      ...{
        device,
        mined,
        witnessed,
        unpaid,
        missed,
        paid,
        tickets: tickets.length,
        audited: audit.attestations.length,
      },
      ...{
        assignments: report.assignments ?? 0,
        attested: report.attested ?? 0,
        logins: report.logins ?? 0,
        stack,
      },
    },
  };
}

/** What the device itself has counted: nothing refused, every assignment answered. */
export function expectReport({ report }, faults) {
  const bad = Object.entries(report).filter(
    ([name, count]) => /refused|garbage|closed|timeouts|send-failed/.test(name) && count > 0,
  );
  if (bad.length > 0) faults.push(`it counted ${bad.map(([name, count]) => `${name} ${count}`).join(', ')}`);
  if (report.assignments !== report.attested + report.repeated)
    faults.push(
      `it answered ${report.attested} and again ${report.repeated} of ${report.assignments} assignments`,
    );
}

/** CPU that a process has used, s. 0 where it is gone. */
export function cpuOf(pid) {
  try {
    const time = execFileSync('ps', ['-o', 'cputimes=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(time);
  } catch {
    return 0;
  }
}
