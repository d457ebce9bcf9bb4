import type { Ledger } from '@iotw/ledger/ledger';
import type { Voter } from './engine.js';

/**
 * Who votes on rounds after the ledger's last one (spec: clause 9.5): the first `count` ledger servers, those of the engine's
 * origin, that no vote has suspended, by their keys of now. A server that was admitted later has no vote: the others have no link for
 * votes to it, and two such servers would take the majority from four.
 */
export function votersOf({ ledgerServers }: Pick<Ledger, 'ledgerServers'>, count: number): Voter[] {
  return ledgerServers
    .serving()
    .filter((server) => server < count)
    .map((server) => ({ server, key: ledgerServers.read(server)!.key }));
}
