import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import type { LedgerFileHead } from '@iotw/nodes/ledger-server/ledger-file';
import type { Answer, Io } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, hash, integer } from './command.js';
import { type StoredLedger, withStoredLedger } from './ledger-place.js';

export interface ExportOptions {
  readonly out: string;
  readonly genesis?: string;
  readonly all?: boolean;
}

interface MigrateOptions {
  readonly genesis?: string;
}

interface ImportOptions {
  readonly in: string;
  readonly genesis: string;
  readonly data: string;
  readonly believe?: Uint8Array;
  readonly workers?: number;
}

const PROGRESS_MS = 1_000;
const DEFAULT_WORKERS = 2;

/** `iotw ledger export|migrate|import`. */
export const addLedgerTransfer: AddCommands = (noun, run) => {
  addVerb<ExportOptions>(noun, run, {
    usage: 'export',
    summary: "write a stopped node's ledger to a file",
    examples: ['iotw ledger export --data network/data --out ledger.iotw'],
    shared: ['data'],
    options: [
      { flags: '--out <file>', summary: 'file to make; nothing is overwritten', required: true },
      { flags: '--genesis <file>', summary: "the network's genesis (default: beside or above the data)" },
      {
        flags: '--all',
        summary: 'also what CometBFT has ordered, for a ledger that goes on without it',
      },
    ],
    notes: [
      'The node must not run: one process owns a ledger. Nothing of it is changed.',
      'The file holds every round; of a ledger on CometBFT those up to where it was carried over, since CometBFT',
      'brings the rest to a server that joins. Keys, and what trust nodes keep of their lanes, stay where they are.',
    ],
    run: exportVerb,
  });
  addVerb<MigrateOptions>(noun, run, {
    usage: 'migrate',
    summary: 'have the servers of a ledger order it together on CometBFT from now on',
    examples: ['iotw ledger migrate --data network/data'],
    shared: ['data'],
    options: [
      { flags: '--genesis <file>', summary: "the network's genesis (default: beside or above the data)" },
    ],
    notes: [
      'The node must not run. Its ledger must list four ledger servers; then export it and import it on the others',
      '(docs/operate/carry-a-ledger.md). It can not be undone here: export before, to keep a copy as it was.',
    ],
    run: migrateVerb,
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
        flags: '--believe <hash>',
        summary: "hash of the last round, where the file is a pruned ledger's: from the export's own words",
        parse: hash,
      },
      {
        flags: '--workers <n>',
        summary: `threads that verify signatures (default: ${DEFAULT_WORKERS})`,
        parse: integer(1, 64),
      },
    ],
    notes: [
      'Everything is verified from the genesis on, as by iotw ledger audit. The ledger is there when it is whole:',
      'after a kill run it again. The file of a pruned ledger begins with a state: there the hash of the last round is believed.',
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
    ...(head.first > 1 ? [['first round', String(head.first)] as [string, string]] : []),
    ['round', String(head.round)],
    ['round hash', toHex(head.roundHash)],
    ['state root', toHex(head.stateRoot)],
  ];
}

function headJson(head: LedgerFileHead): Record<string, unknown> {
  return {
    network: toHex(head.network),
    first: head.first,
    round: head.round,
    roundHash: toHex(head.roundHash),
    stateHash: toHex(head.stateHash),
    stateRoot: toHex(head.stateRoot),
  };
}

function exportVerb({ io, data }: CommandContext, options: ExportOptions): Promise<Result<Answer>> {
  return withStoredLedger(data, options.genesis, (stored) => exportTo(io, stored, options));
}

/** Writes the ledger of a store to a file and says what is in it. Errors: those of exportLedger. */
export async function exportTo(
  io: Io,
  { store, genesis }: StoredLedger,
  { out, all }: ExportOptions,
): Promise<Result<Answer>> {
  const { exportLedger } = await import('../ledger-file/export-ledger.js');
  const { say, stopped } = watch(io);
  const onRound = (round: number, last: number): void => say(() => `round ${round} of ${last}`);
  const exported = await exportLedger(store, genesis, out, { onRound, stopped }, all);
  if (!exported.ok) return exported;
  const { head, bytes } = exported.value;
  return ok({
    json: { ...headJson(head), file: out, bytes },
    text: () => formatFields([...headFields(head), ['file', `${out}, ${bytes} bytes`]]),
  });
}

function migrateVerb({ data }: CommandContext, options: MigrateOptions): Promise<Result<Answer>> {
  return withStoredLedger(data, options.genesis, async ({ store, genesis }) => {
    const { migrateLedger } = await import('../ledger-file/migrate-ledger.js');
    const migrated = await migrateLedger(store, genesis);
    if (!migrated.ok) return migrated;
    const { chainId, origin } = migrated.value;
    const { round, servers } = origin;
    const json = {
      round,
      roundHash: toHex(origin.hash),
      stateRoot: toHex(origin.stateRoot),
      servers: servers.map(({ key }) => toHex(key)),
      chainId,
    };
    return ok({
      json,
      text: () =>
        formatFields([
          ['round', String(round)],
          ['round hash', json.roundHash],
          ['state root', json.stateRoot],
          ['servers', String(servers.length)],
          ["CometBFT's chain", chainId],
        ]),
    });
  });
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
      believe: options.believe,
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
