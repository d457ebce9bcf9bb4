import { integer } from './command.js';

/** What every new node of a network is told, whatever its role. */
export interface NewNodeOptions {
  readonly genesis: string;
  readonly dir: string;
  readonly index: number;
  readonly region: string;
  readonly cloud: string;
  readonly operator?: string;
  readonly meshPort?: number;
  readonly peer?: readonly string[];
}

export const DEFAULT_MESH_PORT = 7100;

export const NEW_NODE_OPTIONS = [
  { flags: '--genesis <file>', summary: "the network's genesis", required: true },
  { flags: '--dir <dir>', summary: 'directory to make; nothing in it is overwritten', required: true },
  { flags: '--region <name>', summary: 'a region that the genesis names', required: true },
  { flags: '--cloud <name>', summary: 'a cloud that the genesis names', required: true },
  { flags: '--operator <text>', summary: 'who runs it' },
] as const;

/** The option for a port of the node, from `least` to `most`. */
export function portOption(name: string, whose: string, preset: number, least: 0 | 1, most = 65_535) {
  return {
    flags: `--${name}-port <port>`,
    summary: `port of its ${whose} (default: ${preset})`,
    parse: integer(least, most),
  };
}
