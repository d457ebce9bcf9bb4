import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AuditProgress } from '../node/audit-ledger.js';
import { iotw } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';

interface AuditOptions {
  readonly genesis?: string;
  readonly workers?: number;
  readonly from?: number;
}

const PROGRESS_MS = 1_000;
const DEFAULT_WORKERS = 2;

/** `iotw ledger audit --data DIR`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<AuditOptions>(noun, run, {
    usage: 'audit',
    summary: 'verify every signature and outcome of a stored ledger',
    examples: [
      'iotw ledger audit --data .iotw/devnet',
      'iotw ledger audit --data network/data --genesis network/genesis.json',
      'iotw ledger audit --data .iotw/devnet --from 120000',
    ],
    shared: ['data'],
    options: [
      { flags: '--genesis <file>', summary: 'genesis to start from (default: beside or above the data)' },
      {
        flags: '--workers <n>',
        summary: `threads that verify signatures (default: ${DEFAULT_WORKERS})`,
        parse: integer(1, 64),
      },
      {
        flags: '--from <round>',
        summary: 'go on with this round: those before it are applied, not verified again',
        parse: integer(1, Number.MAX_SAFE_INTEGER),
      },
    ],
    notes: [
      'The node must not run: one process owns a ledger. Nothing is changed.',
      'Ctrl-C ends it and tells the round to go on with.',
    ],
    run: audit,
  });
};

async function audit(context: CommandContext, options: AuditOptions): Promise<Result<Answer>> {
  const { io, data } = context;
  if (data === undefined)
    return fail('audit-place', 'Say where the ledger is: --data DIR, such as .iotw/devnet.');
  const place = placeOf(data, options.genesis);
  if (!place.ok) return place;
  const { readGenesisFile } = await import('../node/genesis-file.js');
  const genesis = await readGenesisFile(place.value.genesis);
  if (!genesis.ok) return genesis;
  const { checkGenesis } = await import('@iotw/ledger/genesis-check');
  const startable = checkGenesis(genesis.value);
  if (!startable.ok) return startable;
  const { openLmdbStore } = await import('@iotw/adapters/store/lmdb-store');
  const store = await openLmdbStore({ path: place.value.ledger });
  if (!store.ok) return store;
  const { networkId } = await import('@iotw/protocol/genesis');
  const { startWorkerPool } = await import('@iotw/adapters/verify/worker-pool');
  const { auditLedger } = await import('../node/audit-ledger.js');
  const workers = options.workers ?? DEFAULT_WORKERS;
  const verifier = startWorkerPool({ network: networkId(genesis.value), workers });
  const began = performance.now();
  let toldMs = began;
  try {
    let stopped = false;
    void io.stopRequested().then(() => {
      stopped = true;
    });
    const report = await auditLedger(
      store.value,
      genesis.value,
      verifier,
      (progress) => {
        const now = performance.now();
        if (now - toldMs < PROGRESS_MS) return;
        toldMs = now;
        io.err(`${progressLine(progress, now - began)}\n`);
      },
      { from: options.from ?? 1, stopped: () => stopped },
    );
    if (!report.ok) return report;
    const seconds = (performance.now() - began) / 1000;
    const { round, rounds, blocks, transactions, invalid, supply } = report.value;
    const json = {
      from: options.from ?? 1,
      to: round,
      rounds,
      blocks,
      transactions,
      invalid,
      supply,
      stateHash: toHex(report.value.stateHash),
      seconds: Math.round(seconds * 1000) / 1000,
      transactionsPerSecond: Math.round(transactions / seconds),
    };
    return ok({
      json,
      text: () =>
        formatFields([
          ['rounds', `${rounds}, from ${json.from} to ${round}`],
          ['blocks', String(blocks)],
          ['transactions', `${transactions}, of them ${invalid} unsigned or unreadable and refused`],
          ['supply', iotw(supply)],
          ['state hash', json.stateHash],
          ['time', `${seconds.toFixed(1)} s, ${json.transactionsPerSecond} transactions/s`],
          ['verdict', 'every signature, certificate and outcome is right'],
        ]),
    });
  } finally {
    await verifier.close();
    await store.value.close();
  }
}

function progressLine({ round, transactions }: AuditProgress, elapsedMs: number): string {
  const rate = Math.round((1000 * transactions) / elapsedMs);
  return `round ${round}: ${transactions} transactions verified, ${rate}/s`;
}

/** A node's data directory, or a devnet's. Code: `audit-place`. */
function placeOf(data: string, genesis: string | undefined): Result<{ ledger: string; genesis: string }> {
  const ledger = [join(data, 'ledger'), join(data, 'node', 'ledger'), join(data, 'data', 'ledger')].find(
    existsSync,
  );
  if (ledger === undefined) {
    return fail(
      'audit-place',
      `There is no ledger under ${data}: give the node's data directory, or the devnet's.`,
    );
  }
  const beside = [join(data, 'genesis.json'), join(data, '..', 'genesis.json')].find(existsSync);
  const file = genesis ?? beside;
  if (file !== undefined) return ok({ ledger, genesis: file });
  return fail('audit-place', `There is no genesis.json beside ${data}: say where it is by --genesis FILE.`);
}
