import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import type { ProposalContents } from '@iotw/protocol/proposals';
import { tlsPortOf } from './entrances.js';
import { readGenesisFile } from './genesis-file.js';
import {
  ANY_HOST,
  type CreatedNode,
  type NewNode,
  placeIn,
  prefixIn,
  writeNodeFiles,
} from './new-node-files.js';
import type { NodeConfig, NodeKeys } from './node-config.js';

export interface NewTrustNode extends NewNode {
  readonly mqttPort: number;
}

/**
 * Makes the directory of a trust node that a vote is to admit, with fresh random keys: `keys.json`, `node.json`, and
 * `admission.json`, the content of the proposal `trustNodeAdmit`. Nothing is ever overwritten.
 * Errors: `node-place` (a region or cloud that the genesis does not name), those of readGenesisFile and writeNew.
 */
export async function createTrustNode(choices: NewTrustNode): Promise<Result<CreatedNode>> {
  const genesis = await readGenesisFile(choices.genesis);
  if (!genesis.ok) return genesis;
  const place = placeIn(genesis.value, choices);
  if (!place.ok) return place;
  const fresh = () => new Uint8Array(randomBytes(32));
  const seeds = { seed: fresh(), accountSeed: fresh(), linkSeed: fresh(), tlsSeed: fresh() };
  const account = keyPairFromSeed(seeds.accountSeed).publicKey;
  const content: ProposalContents['trustNodeAdmit'] = {
    key: keyPairFromSeed(seeds.seed).publicKey,
    linkKey: linkKeyPair(seeds.linkSeed).publicKey,
    account,
    ...place.value,
    operator: utf8(choices.operator),
  };
  const { dir, index } = choices;
  const keys: NodeKeys = {
    trust: [
      {
        index,
        seed: toHex(seeds.seed),
        accountSeed: toHex(seeds.accountSeed),
        linkSeed: toHex(seeds.linkSeed),
        tlsSeed: toHex(seeds.tlsSeed),
      },
    ],
  };
  const config: NodeConfig = {
    data: resolve(dir, 'data'),
    genesis: resolve(choices.genesis),
    keys: resolve(dir, 'keys.json'),
    roles: ['trust'],
    mqtt: [
      {
        trustNode: index,
        tcp: { host: ANY_HOST, port: choices.mqttPort },
        tls: { host: ANY_HOST, port: tlsPortOf(choices.mqttPort) },
      },
    ],
    mesh: [
      {
        self: `trust:${index}`,
        listen: { host: ANY_HOST, port: choices.meshPort },
        peers: [...choices.peers],
      },
    ],
    verifyWorkers: 2,
  };
  const written = await writeNodeFiles(dir, genesis.value, {
    ...{ keys, config, content },
    kind: 'trustNodeAdmit',
  });
  if (!written.ok) return written;
  return ok({
    files: written.value,
    account: encodeAddress(prefixIn(genesis.value), 0, account),
    key: toHex(content.key),
  });
}
