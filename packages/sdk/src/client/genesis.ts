import { equalBytes } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import { genesisFromJson } from '@iotw/protocol/genesis-json';
import type { Connection } from './connection.js';
import { networkOf, otherNetwork } from './network.js';
import { callJson } from './request.js';

/**
 * GET /v1/genesis. Believed only because its hash is the network id: give the options' `network` from
 * elsewhere, or pin what comes. Codes: those of a call, `genesis-json`, `client-network-mismatch`.
 */
export async function getGenesis(connection: Connection): Promise<Result<Genesis>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const json = await callJson(connection, { path: '/v1/genesis' });
  if (!json.ok) return json;
  const genesis = genesisFromJson(json.value);
  if (!genesis.ok) return genesis;
  const id = networkId(genesis.value);
  return equalBytes(id, network.value) ? genesis : otherNetwork(network.value, id);
}
