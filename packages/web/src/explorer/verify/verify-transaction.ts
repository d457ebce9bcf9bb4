import { fromHex, toHex } from '@iotw/kernel/bytes';
import type { Failure } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { genesisPrefix } from '@iotw/protocol/genesis-json';
import type { PublicData } from '@iotw/protocol/public-data';
import type { Receipt } from '@iotw/protocol/receipt';
import { leadTo } from '@iotw/sdk/client/commits';
import type { Connection } from '@iotw/sdk/client/connection';
import { getGenesis } from '@iotw/sdk/client/genesis';
import { networkOf } from '@iotw/sdk/client/network';
import { getPool } from '@iotw/sdk/client/pools';
import { getPublicEpoch } from '@iotw/sdk/client/public-data';
import { getReceipt } from '@iotw/sdk/client/receipts';
import { fetchSignerChanges } from '@iotw/sdk/client/signer-changes';
import { type Check, CheckList } from '@iotw/sdk/verify/checks';
import { lightTrustOf } from '@iotw/sdk/verify/light/follow';
import { verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { verifyReceipt } from '@iotw/sdk/verify/receipt';
import { type Trust, trustFromGenesis } from '@iotw/sdk/verify/trust';
import { type Compare, type ShownTransaction, stepOf, type VerifyReport, verdictOf } from './report.ts';
import { checkShown } from './shown.ts';
import { checkElection } from './shown-election.ts';

/** Failures that say nothing about truth: the server could not be asked, or has it no longer. */
const NO_ANSWER =
  /^(client-(unreachable|timeout|aborted|status)|epoch-not-found|.*-pruned|history-.*|index-behind|node-overloaded|rate-limited)$/;

/**
 * Gathers the proofs of a transaction from its receipt on, and gives what holds a page against them. Every piece comes from the
 * server and none is believed: the genesis must have the known network id, all else must follow from it.
 */
export async function proveTransaction(
  connection: Connection,
  id: string,
  nowMs: number,
): Promise<Compare<ShownTransaction>> {
  const list = new CheckList();
  const known = await networkOf(connection);
  if (!known.ok) return endedBy(list, 'network', known.error);
  // None of them waits for another.
  const [genesis, found, changes] = await Promise.all([
    getGenesis(connection),
    getReceipt(connection, id, undefined, 'provable'),
    fetchSignerChanges(connection),
  ]);
  if (!genesis.ok) return endedBy(list, 'network', genesis.error);
  const base = trustFromGenesis(genesis.value);
  if (!base.ok) return endedBy(list, 'network', base.error);
  const network = toHex(base.value.network);
  list.pass('network', `The genesis has the network id ${network}.`);
  if (!found.ok) return endedBy(list, 'receipt', found.error, network);
  if (!changes.ok) return endedBy(list, 'signers', changes.error, network);
  const signed = withSigners(list, genesis.value, base.value, found.value, changes.value);
  if ('error' in signed) return endedBy(list, 'signers', signed.error, network);
  const completed = await withEpoch(connection, genesis.value, signed.trust, found.value, nowMs);
  if ('error' in completed) return endedBy(list, completed.name, completed.error, network);
  const { trust, receipt } = completed;
  const report = verifyReceipt(receipt, trust, fromHex(id, 32));
  for (const check of report.checks) list.checks.push(check);
  const { header, certificate } = receipt;
  const drawn = report.committee !== undefined && trust.pool !== undefined;
  const election = drawn ? { network: trust.network, snapshot: trust.pool, header, certificate } : undefined;
  return (shown) => {
    const whole = copyOf(list);
    checkShown(whole, shown, receipt, report, trust.network, genesisPrefix(genesis.value));
    checkElection(whole, shown.election, election);
    return { ...reportOf(whole.checks), network, randomness: report.randomness };
  };
}

/** The trust of a genesis with who signs by the receipt's round: `signers`. */
function withSigners(
  list: CheckList,
  genesis: Genesis,
  base: Trust,
  { round, commits }: Receipt,
  changes: PublicData,
): { readonly trust: Trust } | { readonly error: Failure } {
  const history = verifyPublicData(changes, { genesis });
  if (!history.ok) return { error: history.error };
  const [wrong] = history.value.failed;
  if (wrong === undefined) {
    list.pass('signers', 'Who signs follows from the genesis and every change since.');
    return { trust: { ...base, ...history.value.signersAt(round.number) } };
  }
  if (commits.length === 0) {
    list.reject('signers', `A change of who signs is not genuine (${wrong.subject}): ${wrong.reason}`);
  } else
    list.unchecked('signers', 'Changes of who signs are not proven here; the commit stands for the round.');
  return { trust: base };
}

type Completed =
  | { readonly trust: Trust; readonly receipt: Receipt }
  | { readonly name: string; readonly error: Failure };

/** ... and with what the receipt's time adds: the pool and who vouches for it, the commits that lead to the receipt's. */
async function withEpoch(
  connection: Connection,
  genesis: Genesis,
  signed: Trust,
  receipt: Receipt,
  nowMs: number,
): Promise<Completed> {
  const { header, commits } = receipt;
  const light = lightTrustOf(genesis, nowMs);
  const [pool, epoch, lead] = await Promise.all([
    getPool(connection, header.epoch),
    getPublicEpoch(connection, header.epoch),
    leadTo(connection, commits, light),
  ]);
  let trust = signed;
  if (pool.ok) trust = { ...trust, pool: pool.value };
  else if (!NO_ANSWER.test(pool.error.code)) return { name: 'pool', error: pool.error };
  if (epoch.ok) {
    const { seed, poolRoot, proof, votes } = epoch.value;
    const epochVotes = votes.map((vote) => ({ epoch: header.epoch, seed, poolRoot, ...vote }));
    trust = { ...trust, epochVotes, ...(proof.length > 0 ? { seedProof: proof } : {}) };
  } else if (!NO_ANSWER.test(epoch.error.code)) return { name: 'pool', error: epoch.error };
  if (commits.length === 0) return { trust, receipt };
  if (!lead.ok) return { name: 'commit', error: lead.error };
  return { trust: { ...trust, light }, receipt: { ...receipt, commits: lead.value } };
}

/** A report that ends early: what could not be read is false, what could not be had is unknown. */
export function endedBy(list: CheckList, name: string, error: Failure, network?: string): () => VerifyReport {
  if (NO_ANSWER.test(error.code)) list.unchecked(name, error.message);
  else list.reject(name, error.message, error.code);
  return () => ({ ...reportOf(list.checks), network });
}

/** The checks so far, for a page to add its own. */
export function copyOf(list: CheckList): CheckList {
  const copy = new CheckList();
  copy.checks.push(...list.checks);
  return copy;
}

export function reportOf(checks: readonly (Check & { readonly subject?: string })[]): VerifyReport {
  return {
    verdict: verdictOf(checks),
    checks: checks.map((check) => ({ ...check, step: stepOf(check.name) })),
    network: undefined,
  };
}
