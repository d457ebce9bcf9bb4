import { toHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import type { AuditProgress } from '../node/audit-ledger.js';
import { iotw } from '../output/forms.js';
import type { Answer, Io } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { type StoredLedger, withStoredLedger } from './ledger-place.js';
import { addLedgerTransfer } from './ledger-transfer.js';

interface AuditOptions {
  readonly genesis?: string;
  readonly workers?: number;
  readonly from?: number;
}

interface Believed {
  readonly round: number;
  readonly roundHash: string;
}

const PROGRESS_MS = 1_000;
const DEFAULT_WORKERS = 2;

/** `iotw ledger audit|export|migrate|import`. */
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
  addLedgerTransfer(noun, run);
};

function audit({ io, data }: CommandContext, options: AuditOptions): Promise<Result<Answer>> {
  return withStoredLedger(data, options.genesis, (stored) => auditStored(io, stored, options));
}

async function auditStored(
  io: Io,
  { store, genesis }: StoredLedger,
  options: AuditOptions,
): Promise<Result<Answer>> {
  const { networkId } = await import('@iotw/protocol/genesis');
  const { startWorkerPool } = await import('@iotw/adapters/verify/worker-pool');
  const { storedRounds } = await import('@iotw/nodes/ledger-server/round-record');
  const { auditLedger } = await import('../node/audit-ledger.js');
  const { startOf } = await import('../node/audit-kept.js');
  const start = startOf(store, genesis);
  if (!start.ok) return start;
  const believed = start.value && { round: start.value.round, roundHash: toHex(start.value.roundHash) };
  const workers = options.workers ?? DEFAULT_WORKERS;
  const verifier = startWorkerPool({ network: networkId(genesis), workers });
  const began = performance.now();
  let toldMs = began;
  try {
    let stopped = false;
    void io.stopRequested().then(() => {
      stopped = true;
    });
    const report = await auditLedger(
      storedRounds(store),
      genesis,
      verifier,
      (progress) => {
        const now = performance.now();
        if (now - toldMs < PROGRESS_MS) return;
        toldMs = now;
        io.err(`${progressLine(progress, now - began)}\n`);
      },
      { from: options.from ?? 1, stopped: () => stopped, start: start.value },
    );
    if (!report.ok) return report;
    const seconds = (performance.now() - began) / 1000;
    const { round, rounds, blocks, transactions, invalid, signatures, supply } = report.value;
    const json = {
      from: round - rounds + 1,
      to: round,
      rounds,
      blocks,
      transactions,
      invalid,
      signatures,
      supply,
      stateHash: toHex(report.value.stateHash),
      ...(believed === undefined ? {} : { believed }),
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
          ['signatures', `${signatures}, those of certificates, votes and rounds among them`],
          ['supply', iotw(supply)],
          ['state hash', json.stateHash],
          ['time', `${seconds.toFixed(1)} s, ${json.transactionsPerSecond} transactions/s`],
          ...believedField(believed),
          ['verdict', 'every signature, certificate and outcome is right'],
        ]),
    });
  } finally {
    await verifier.close();
  }
}

/** Of a pruned ledger: what the verdict rests on. */
function believedField(believed: Believed | undefined): [string, string][] {
  if (believed === undefined) return [];
  return [
    [
      'believed',
      `the state after round ${believed.round}, ${believed.roundHash}: rounds before it are held together by their hashes, not applied`,
    ],
  ];
}

function progressLine({ round, transactions }: AuditProgress, elapsedMs: number): string {
  const rate = Math.round((1000 * transactions) / elapsedMs);
  return `round ${round}: ${transactions} transactions verified, ${rate}/s`;
}
