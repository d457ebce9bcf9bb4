import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import type { Ledger } from '@iotw/ledger/ledger';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { MAX_LEDGER_SERVERS } from '@iotw/protocol/limits';
import { Bytes32, U64 } from '@iotw/protocol/ssz';

/**
 * Where a ledger stood when several servers began to order it together, and who they are: the servers of the genesis at
 * round 0, or those that it had when it left the embedded engine (spec: clause 9.13).
 */
export const EngineOriginType = new ContainerType(
  {
    /** The last round before; its agreed time (round 0: the genesis'), its hash (the network's id), the root of its state (zeros). */
    round: U64,
    timeMs: U64,
    hash: Bytes32,
    stateRoot: Bytes32,
    /** By number, with the keys they had. */
    servers: new ListCompositeType(
      new ContainerType({ key: Bytes32, linkKey: Bytes32 }, { typeName: 'OriginServer' }),
      MAX_LEDGER_SERVERS,
    ),
  },
  { typeName: 'EngineOrigin' },
);
export type EngineOrigin = ValueOf<typeof EngineOriginType>;

/** Of a network that several servers have ordered from its first round on. */
export function genesisOrigin(genesis: Genesis): EngineOrigin {
  const { timeMs, ledgerServers } = genesis;
  const servers = ledgerServers.map(({ key, linkKey }) => ({ key, linkKey }));
  return { round: 0, timeMs, hash: networkId(genesis), stateRoot: new Uint8Array(32), servers };
}

/** Of a ledger that its servers are to order together from the next round on. */
export function originOf(ledger: Ledger): EngineOrigin {
  const { round, timeMs, roundHash, ledgerServers } = ledger;
  const servers = Array.from({ length: ledgerServers.rows }, (_, index) => {
    const { key, linkKey } = ledgerServers.read(index)!;
    return { key: key.slice(), linkKey: linkKey.slice() };
  });
  return { round, timeMs, hash: roundHash.slice(), stateRoot: ledger.stateRoot(), servers };
}
