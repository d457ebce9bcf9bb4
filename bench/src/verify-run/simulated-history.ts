import { toHex } from '@iotw/kernel/bytes';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { Ledger } from '@iotw/ledger/ledger';
import { publicBlocks, publicEpoch } from '@iotw/nodes/ledger-server/public-records';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { PublicData } from '@iotw/protocol/public-data';
import type { RoundSignature } from '@iotw/protocol/round';
import type { StoredHistory } from '@iotw/simulator/simulation';

/**
 * What the ledger servers of one network publish together: rounds with the signatures of all of them, every
 * epoch that began, every applied block.
 */
export function publicHistory(genesis: Genesis, servers: readonly StoredHistory[]): PublicData {
  const network = networkId(genesis);
  // A run ends while the newest rounds are on their way: what not all have is not public yet.
  const last = Math.min(...servers.map(({ rounds }) => rounds.at(-1)?.header.number ?? 0));
  const rounds = servers[0]!.rounds.filter(({ header }) => header.number <= last);
  const signatures = new Map<string, Map<number, RoundSignature>>();
  for (const { rounds } of servers) {
    for (const { header, signatures: own } of rounds) {
      const key = `${header.number} ${toHex(header.stateHash)}`;
      const known = signatures.get(key) ?? new Map<number, RoundSignature>();
      for (const signature of own) known.set(signature.server, signature);
      signatures.set(key, known);
    }
  }
  return {
    network,
    seeds: [],
    epochs: publicEpochs(genesis, network, { rounds, pools: servers[0]!.pools }),
    rounds: rounds.map(({ header }) => ({
      header,
      signatures: [...signatures.get(`${header.number} ${toHex(header.stateHash)}`)!.values()].sort(
        (a, b) => a.server - b.server,
      ),
    })),
    blocks: rounds.flatMap((record) => publicBlocks(network, record)),
  };
}

function publicEpochs(genesis: Genesis, network: Uint8Array, { rounds, pools }: StoredHistory) {
  const ledger = Ledger.genesis(genesis, { checker: new SignatureChecker(4) });
  const snapshots: readonly EpochSnapshot[] = [
    ledger.snapshotOf(0)!,
    ...pools.filter(({ epoch }) => epoch > 0),
  ];
  const keysAt = (witness: number) => genesis.trustNodes.slice(witness, witness + 1).map(({ key }) => key);
  const opened = new Map<number, RoundRecord>();
  const voted = new Map<number, RoundRecord[]>();
  for (const record of rounds) {
    if (record.input.seedProof.length > 0) opened.set(record.header.epoch, record);
    for (const epoch of new Set(record.input.epochVotes.map((vote) => vote.epoch))) {
      const list = voted.get(epoch) ?? [];
      list.push(record);
      voted.set(epoch, list);
    }
  }
  const begun = snapshots.filter(({ epoch }) => epoch === 0 || opened.has(epoch));
  return begun.map((snapshot) =>
    publicEpoch(network, snapshot, opened.get(snapshot.epoch), voted.get(snapshot.epoch) ?? [], keysAt),
  );
}
