import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import type { Answer, Io } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { openStoredLedger } from './ledger-place.js';

interface ExportOptions {
  readonly out: string;
  readonly genesis?: string;
}

interface ImportOptions {
  readonly in: string;
  readonly genesis: string;
  readonly data: string;
  readonly workers?: number;
}

const PROGRESS_MS = 1_000;
const DEFAULT_WORKERS = 2;

/** `iotw ledger export|import`. */
export const addLedgerTransfer: AddCommands = (noun, run) => {
  addVerb<ExportOptions>(noun, run, {
    usage: 'export',
    summary: "write a stopped node's ledger to a file",
    examples: ['iotw ledger export --data network/data --out ledger.iotw'],
    shared: ['data'],
    options: [
      { flags: '--out <file>', summary: 'file to make; nothing is overwritten', required: true },
      { flags: '--genesis <file>', summary: "the network's genesis (default: beside or above the data)" },
    ],
    notes: [
      'The node must not run: one process owns a ledger. Nothing of it is changed.',
      'The file holds every round; keys, and what trust nodes keep of their lanes, stay where they are.',
    ],
    run: exportVerb,
  });
  addVerb<ImportOptions>(noun, run, {
    usage: 'import',
    summary: "make a node's ledger from such a file",
    examples: ['iotw ledger import --in ledger.iotw --data ledger-1/data --genesis genesis.json'],
    options: [
      { flags: '--in <file>', summary: 'file that iotw ledger export made', required: true },
      {
        flags: '--data <dir>',
        summary: 'data directory of the new node, empty or not there',
        required: true,
      },
      { flags: '--genesis <file>', summary: "the network's genesis", required: true },
      {
        flags: '--workers <n>',
        summary: `threads that verify signatures (default: ${DEFAULT_WORKERS})`,
        parse: integer(1, 64),
      },
    ],
    notes: [
      'Everything is verified from the genesis on, as by iotw ledger audit. The ledger is there when it is whole:',
      'after a kill run it again.',
    ],
    run: importVerb,
  });
};

/** A line to stderr at most once a second; and whether the user asked to end. */
function watch(io: Io): { say(line: () => string): void; stopped(): boolean } {
  let toldMs = performance.now();
  let stopped = false;
  void io.stopRequested().then(() => {
    stopped = true;
  });
  return {
    say: (line) => {
      const now = performance.now();
      if (now - toldMs < PROGRESS_MS) return;
      toldMs = now;
      io.err(`${line()}\n`);
    },
    stopped: () => stopped,
  };
}

function headFields(head: LedgerFileHead): [string, string][] {
  return [
    ['network', toHex(head.network)],
    ['round', String(head.round)],
    ['round hash', toHex(head.roundHash)],
    ['state root', toHex(head.stateRoot)],
  ];
}

function headJson(head: LedgerFileHead): Record<string, unknown> {
  return {
    network: toHex(head.network),
    round: head.round,
    roundHash: toHex(head.roundHash),
    stateHash: toHex(head.stateHash),
    stateRoot: toHex(head.stateRoot),
  };
}

async function exportVerb({ io, data }: CommandContext, options: ExportOptions): Promise<Result<Answer>> {
  const stored = await openStoredLedger(data, options.genesis);
  if (!stored.ok) return stored;
  const { store, genesis } = stored.value;
  const { exportLedger } = await import('../ledger-file/export-ledger.js');
  const { storeFault } = await import('../node/guarded-store.js');
  const { say, stopped } = watch(io);
  try {
    const onRound = (round: number, last: number): void => say(() => `round ${round} of ${last}`);
    const exported = await exportLedger(store, genesis, options.out, { onRound, stopped });
    if (!exported.ok) return exported;
    const { head, bytes } = exported.value;
    return ok({
      json: { ...headJson(head), file: options.out, bytes },
      text: () => formatFields([...headFields(head), ['file', `${options.out}, ${bytes} bytes`]]),
    });
  } catch (error) {
    const fault = storeFault(error);
    if (fault === undefined) throw error;
    return { ok: false, error: fault };
  } finally {
    await store.close();
  }
}

async function importVerb({ io }: CommandContext, options: ImportOptions): Promise<Result<Answer>> {
  const { readGenesisFile } = await import('../node/genesis-file.js');
  const genesis = await readGenesisFile(options.genesis);
  if (!genesis.ok) return genesis;
  const { networkId } = await import('@iotw/protocol/genesis');
  const { startWorkerPool } = await import('@iotw/adapters/verify/worker-pool');
  const { importLedger } = await import('../ledger-file/import-ledger.js');
  const workers = options.workers ?? DEFAULT_WORKERS;
  const verifier = startWorkerPool({ network: networkId(genesis.value), workers });
  const { say, stopped } = watch(io);
  try {
    const imported = await importLedger({
      path: options.in,
      data: options.data,
      genesis: genesis.value,
      verifier,
      stopped,
      onProgress: ({ round, transactions }) =>
        say(() => `round ${round}: ${transactions} transactions verified`),
    });
    if (!imported.ok) return imported;
    const { head, report } = imported.value;
    return ok({
      json: { ...headJson(head), transactions: report.transactions, data: options.data },
      text: () =>
        formatFields([
          ...headFields(head),
          ['transactions', String(report.transactions)],
          ['verdict', 'every signature, certificate and outcome is right'],
        ]),
    });
  } finally {
    await verifier.close();
  }
}
