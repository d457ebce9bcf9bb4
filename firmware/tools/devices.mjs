// The devices that join a devnet: what each is built from, what it needs, how it is started, and where it logs in.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './compile.mjs';
import { linuxCommand } from './device-process.mjs';
import { boardCommand } from './emulator.mjs';
import { buildForHost, hostCompiler, installHostCompiler } from './host.mjs';
import { provide } from './needs.mjs';
import { BUILD } from './places.mjs';
import { sources } from './sources.mjs';
import { m3Image, ROUTERS, routerProgram } from './targets.mjs';
import { writeVectors } from './vectors.mjs';

/**
 * @typedef {object} Kind
 * @property {string} need key of NEEDS
 * @property {boolean} fromSources whether Debian's sources are built in
 * @property {(from: Record<string, string> | undefined) => Promise<string>} program builds it; its path
 * @property {(program: string, store: string) => string[]} command that runs it
 * @property {boolean} tls whether it logs in over TLS, with the broker's key pinned
 * @property {string} loopback address of this machine's loopback, as it sees it
 */

const PLAIN = { tls: false, loopback: '127.0.0.1' };

/** @type {Record<string, Kind>} */
export const KINDS = {
  m3: {
    need: 'm3',
    fromSources: true,
    program: (from) => build(m3Image('m3-tls', from)),
    command: (program, store) => boardCommand('m3', program, { argument: store }),
    tls: true,
    loopback: '10.0.2.2',
  },
  linux: {
    need: 'host',
    fromSources: false,
    program: async () => buildForHost('device', hostCompiler()),
    command: (program, store) => linuxCommand([program], store),
    ...PLAIN,
  },
  ...Object.fromEntries(Object.keys(ROUTERS).map((router) => [router, routerKind(router)])),
};

/** @param {keyof typeof ROUTERS} router @returns {Kind} */
function routerKind(router) {
  return {
    need: router,
    fromSources: true,
    program: (from) => build(routerProgram(router, 'device', from, vectorsFolder())),
    command: (program, store) => linuxCommand([...ROUTERS[router].runner, program], store),
    ...PLAIN,
  };
}

/** @param {Kind} kind @param {import('./devnet.mjs').Entrance} at @returns {{broker: string, pin?: string}} where it logs in */
export function loginOf({ tls, loopback }, { tcpPort, tlsPort, pin }) {
  return tls
    ? { broker: `mqtts://${loopback}:${tlsPort}`, pin }
    : { broker: `mqtt://${loopback}:${tcpPort}` };
}

/** @returns {string} folder of a fresh vectors_data.h */
export function vectorsFolder() {
  const folder = join(BUILD, 'vectors');
  mkdirSync(folder, { recursive: true });
  writeVectors(join(folder, 'vectors_data.h'));
  return folder;
}

/**
 * Builds devices, as far as this machine has what they need; what it lacks is said in one line each.
 * @param {string} [list] names with commas between them; all unless given
 * @returns {Promise<{devices: {name: string, kind: Kind, program: string}[], skipped: number}>} Throws where a name is unknown.
 */
export async function devicesOf(list) {
  const names = list === undefined ? Object.keys(KINDS) : list.split(',');
  const unknown = names.filter((name) => !Object.hasOwn(KINDS, name));
  if (unknown.length > 0)
    throw new Error(`no device is called ${unknown.join(', ')}: ${Object.keys(KINDS).join(', ')}`);
  installHostCompiler();
  const there = provide(['sources', ...names.map((name) => KINDS[name].need)]);
  const from = there.has('sources') ? sources(['lwip', 'bearssl', 'libsodium']) : undefined;
  const devices = [];
  for (const name of names) {
    const kind = KINDS[name];
    if (!there.has(kind.need) || (kind.fromSources && from === undefined)) continue;
    if (name === 'linux' && hostCompiler() === undefined) continue;
    devices.push({ name, kind, program: await kind.program(from) });
  }
  return { devices, skipped: names.length - devices.length };
}
