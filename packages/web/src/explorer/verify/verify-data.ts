import { toHex } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { envelopeAt, readBody } from '@iotw/protocol/body';
import { networkId } from '@iotw/protocol/genesis';
import { blockHash } from '@iotw/protocol/header';
import type { PublicBlock, PublicData } from '@iotw/protocol/public-data';
import { certificateToJson, headerToJson } from '@iotw/protocol/receipt-json';
import { resultCodeName } from '@iotw/protocol/result';
import { ENVELOPE, transactionId } from '@iotw/protocol/transaction';
import type { Connection } from '@iotw/sdk/client/connection';
import { fetchBlockData, fetchEpochData } from '@iotw/sdk/client/fetch-public-data';
import { getGenesis } from '@iotw/sdk/client/genesis';
import { CheckList } from '@iotw/sdk/verify/checks';
import { snapshotOfPublic } from '@iotw/sdk/verify/public/epochs';
import { type DataReport, verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import type { Compare, Shown, ShownBlock, ShownEpoch } from './report.ts';
import { differenceOf } from './shown.ts';
import { checkElection, type ProvenElection } from './shown-election.ts';
import { endedBy, reportOf } from './verify-transaction.ts';

/** Proves a block from public data: seed chain, pool, election, certificate, round and results. `hash`: the one that is asked for. */
export function proveBlock(
  connection: Connection,
  lane: number,
  height: number,
  hash: string | undefined,
): Promise<Compare<ShownBlock>> {
  return proveData(
    connection,
    fetchBlockData(connection, lane, height),
    (list, shown: ShownBlock, data, report) => {
      const block = data.blocks.find(
        ({ block: { header } }) => header.lane === lane && header.height === height,
      );
      const proven = block && provenBlock(data, block);
      if (block === undefined || proven === undefined || (hash !== undefined && hash !== proven.hash)) {
        list.reject('shown-place', `The server proves another block than ${hash ?? `${lane}:${height}`}.`);
        return;
      }
      const { election, certificate, ...rest } = shown;
      const { attempt, mode, votes } = certificate;
      const seen = { ...rest, certificate: { attempt, mode, votes } };
      const difference = differenceOf(proven, seen, '');
      list.test(
        'shown-result',
        difference === undefined,
        'Header, certificate, transactions, results and fees on the page are those that are proven.',
        `The page shows something else than is proven: ${difference}.`,
      );
      checkElection(list, election, provenElection(data, block, report));
    },
  );
}

/** A block as a page shows it, from what is proven of it. */
function provenBlock({ network, rounds }: PublicData, { block, round, codes, fees }: PublicBlock) {
  const body = readBody(block.body);
  const transactions = codes.map((code, i) => ({
    id: body.ok
      ? toHex(transactionId(network, envelopeAt(body.value, i).subarray(ENVELOPE.transaction)))
      : '',
    code: resultCodeName(code) ?? `code-${code}`,
    fee: fees[i]!,
  }));
  const { attempt, mode, votes } = certificateToJson(block.certificate) as Readonly<Record<string, unknown>>;
  return {
    hash: toHex(blockHash(network, block.header)),
    round,
    timeMs: rounds.find(({ header }) => header.number === round)?.header.timeMs,
    header: headerToJson(block.header),
    certificate: { attempt, mode, votes },
    transactions,
  };
}

/** What the block's committee is drawn from again, where it was found good. */
function provenElection(
  { network, epochs }: PublicData,
  { block }: PublicBlock,
  { members }: DataReport,
): ProvenElection | undefined {
  const { header, certificate } = block;
  const { lane, height } = header;
  const epoch = epochs.find((one) => one.epoch === header.epoch);
  const good = members.some((one) => one.lane === lane && one.height === height);
  return good && epoch !== undefined
    ? { network, snapshot: snapshotOfPublic(epoch), header, certificate }
    : undefined;
}

/** Proves an epoch: the seed chain from the genesis on, its own proof, and the frozen pool. */
export function proveEpoch(connection: Connection, epoch: number): Promise<Compare<ShownEpoch>> {
  return proveData(connection, fetchEpochData(connection, epoch), (list, shown: ShownEpoch, data) => {
    const found = data.epochs.find((one) => one.epoch === epoch);
    const { startRound, ...said } = shown;
    const proven = found && {
      epoch,
      seed: toHex(found.seed),
      mode: snapshotOfPublic(found).mode,
      poolRoot: toHex(found.poolRoot),
      poolDevices: found.pool.length,
    };
    const difference =
      differenceOf(proven, said, '') ??
      // A server that does not know any more which round opened it shows none.
      (startRound === null ? undefined : differenceOf(found?.opened, startRound, '/startRound'));
    list.test(
      'shown-content',
      difference === undefined,
      'Seed, pool and first round on the page are those that are proven.',
      `The page shows something else than is proven: ${difference}.`,
    );
  });
}

async function proveData<T extends Shown>(
  connection: Connection,
  fetching: Promise<Result<PublicData>>,
  checkPage: (list: CheckList, shown: T, data: PublicData, report: DataReport) => void,
): Promise<Compare<T>> {
  const list = new CheckList();
  const [genesis, data] = await Promise.all([getGenesis(connection), fetching]);
  if (!genesis.ok) return endedBy(list, 'network', genesis.error);
  const network = toHex(networkId(genesis.value));
  list.pass('network', `The genesis has the network id ${network}.`);
  if (!data.ok) return endedBy(list, 'receipt', data.error, network);
  const report = verifyPublicData(data.value, { genesis: genesis.value }, true);
  if (!report.ok) return endedBy(list, 'network', report.error, network);
  return (shown) => {
    const page = new CheckList();
    checkPage(page, shown, data.value, report.value);
    return { ...reportOf([...list.checks, ...page.checks, ...report.value.all]), network };
  };
}
