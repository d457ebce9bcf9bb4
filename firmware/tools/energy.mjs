// Time and energy derived from counted instructions, and what a transaction takes elsewhere by published figures.
// Nothing here is measured: the page that is made of it says so (figures-page.mjs).

/** Chips take up to this many cycles for an instruction on average: waits for flash, products, loads. */
export const MOST_CYCLES = 2;
/** Watts for each hertz of a small chip with its radio off: 15 mA at 3.3 V and 80 MHz, Espressif, ESP8266EX data sheet, 2020, table 3-4. */
const JOULES_A_CYCLE = (0.015 * 3.3) / 80e6;
/** Sending and listening around one assignment: 20 ms at 170 mA and 3.3 V (the same data sheet, 802.11b transmit). */
const RADIO_JOULES = 0.02 * 0.17 * 3.3;
/** Devices that answer for a block on a devnet: a miner and three witnesses. */
export const COMMITTEE = 4;

const WH = 3_600;

/** Published energy of other networks, and the transactions over which it is spread: [least, most]. */
export const OTHERS = [
  {
    name: 'Bitcoin',
    joulesAYear: 132.2e12 * WH,
    transactionsADay: [300_000, 600_000],
    source:
      '132.2 TWh a year: Cambridge Centre for Alternative Finance, Cambridge Blockchain Network Sustainability Index, April 2023',
  },
  {
    name: 'Ethereum, proof of stake',
    joulesAYear: 5.8e9 * WH,
    transactionsADay: [900_000, 1_200_000],
    source: '5.8 GWh a year: the same index, April 2023',
  },
];

/** @param {number} instructions @param {number} megahertz @returns {[number, number]} ms: at one cycle an instruction, at MOST_CYCLES */
export function milliseconds(instructions, megahertz) {
  const least = instructions / (megahertz * 1_000);
  return [least, MOST_CYCLES * least];
}

/** @param {number} instructions @returns {[number, number]} millijoules, likewise. The clock makes no difference: power goes with it. */
export function millijoules(instructions) {
  const least = instructions * JOULES_A_CYCLE * 1_000;
  return [least, MOST_CYCLES * least];
}

/**
 * Joules of all devices for one attested transaction.
 * @param {Record<string, Record<string, number>>} work instructions by board and kind
 * @returns {[number, number]} a full block on the thriftiest chip, radio left out; a block of one on the hungriest, with radio
 */
export function joulesATransaction(work) {
  const boards = Object.values(work);
  const least = Math.min(...boards.map((kinds) => millijoules(kinds['assignment-100'])[0])) / 1_000;
  const most = Math.max(...boards.map((kinds) => millijoules(kinds['assignment-1'])[1])) / 1_000;
  return [(COMMITTEE * least) / 100, COMMITTEE * (most + RADIO_JOULES)];
}

/** @param {typeof OTHERS[number]} other @returns {[number, number]} joules a transaction */
export function joulesElsewhere({ joulesAYear, transactionsADay: [few, many] }) {
  const aDay = joulesAYear / 365;
  return [aDay / many, aDay / few];
}

/** Servers, by a stated load: machines of so many watts that carry so many transactions a second. */
export const SERVERS = {
  watts: 100,
  busy: { machines: 1, perSecond: 32_536 },
  idle: { machines: 10, perSecond: 1 },
};

/** @returns {[number, number]} joules a transaction: one machine at the throughput that was measured, ten that carry one a second */
export function joulesOfServers() {
  const { watts, busy, idle } = SERVERS;
  return [(watts * busy.machines) / busy.perSecond, (watts * idle.machines) / idle.perSecond];
}

/** @param {number} joules @returns {string} with a unit that suits */
export function told(joules) {
  if (joules < 1e-3) return `${(joules * 1e3).toPrecision(2)} mJ`;
  if (joules < 1) return `${Number((joules * 1e3).toPrecision(2))} mJ`;
  if (joules < WH) return `${Number(joules.toPrecision(2))} J (${Number((joules / WH).toPrecision(2))} Wh)`;
  const wattHours = joules / WH;
  return wattHours < 1_000
    ? `${Number(wattHours.toPrecision(2))} Wh`
    : `${Number((wattHours / 1_000).toPrecision(2)).toLocaleString('en')} kWh`;
}
