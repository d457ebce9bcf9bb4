import type { Ledger } from '@iotw/ledger/ledger';
import { NODE_ROLE } from '@iotw/protocol/operations';
import type { Voter } from './engine.js';

/**
 * Who votes on rounds after the ledger's last one (spec: clause 9.5): the first `count` ledger servers, those of the engine's
 * origin, and those admitted later that have taken part since, all as far as they are not suspended, by their keys of now.
 */
export function votersOf({ ledgerServers }: Pick<Ledger, 'ledgerServers'>, count: number): Voter[] {
  return ledgerServers.voting(count).map((server) => ({ server, key: ledgerServers.read(server)!.key }));
}

/** Every key that a ledger server ever had, with its server: acts are proven under the key of their time. */
export function votedWith({ ledgerServers, nodeKeys }: Pick<Ledger, 'ledgerServers' | 'nodeKeys'>): Voter[] {
  return Array.from({ length: ledgerServers.rows }, (_, server) =>
    nodeKeys.of(NODE_ROLE.ledger, server).map((key) => ({ server, key })),
  ).flat();
}
