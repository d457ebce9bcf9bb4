import type { AddCommands } from './command.js';
import { addVerb } from './command.js';
import { withCopiedLedger } from './ledger-place.js';
import { type ExportOptions, exportTo } from './ledger-transfer.js';

/** `iotw node backup`: the ledger of a node that runs, as one file. */
export const addBackup: AddCommands = (noun, run) => {
  addVerb<ExportOptions>(noun, run, {
    usage: 'backup',
    summary: "write a running node's ledger to a file, as of one moment",
    examples: ['iotw node backup --data network/data --out backup.iotw'],
    shared: ['data'],
    options: [
      { flags: '--out <file>', summary: 'file to make; nothing is overwritten', required: true },
      { flags: '--genesis <file>', summary: "the network's genesis (default: beside or above the data)" },
      { flags: '--all', summary: 'of a ledger on CometBFT: what that has ordered, too' },
    ],
    notes: [
      'The node goes on meanwhile. Its store is copied beside the file first: so much free space is needed, and freed again.',
      'iotw ledger import restores it into an empty data directory: it verifies everything and ends with the same state root.',
      'Keys are not in it, nor what trust nodes keep of their lanes: see docs/operate/run.md.',
    ],
    run: ({ io, data }, options) =>
      withCopiedLedger(data, options.genesis, `${options.out}.copy`, (stored) =>
        exportTo(io, stored, options),
      ),
  });
};
