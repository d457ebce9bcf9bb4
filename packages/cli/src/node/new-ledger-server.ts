import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { encodeAddress } from '@iotw/protocol/address';
import { readGenesisFile } from './genesis-file.js';
import {
  ANY_HOST,
  type CreatedNode,
  type NewNode,
  type PeerPlace,
  placeIn,
  prefixIn,
  writeNodeFiles,
} from './new-node-files.js';
import type { NodeConfig, NodeKeys } from './node-config.js';
import { writeNew } from './write-new.js';

export interface NewLedgerServer extends NewNode {
  readonly cometPort: number;
  /** CometBFT of every other ledger server. */
  readonly cometPeers: readonly PeerPlace[];
}

/**
 * Makes the directory of a ledger server that a vote is to admit, with fresh random keys: `keys.json`, `node.json` and
 * `admission.json`, the content of the proposal `ledgerServerAdmit`; `account.key` of the account that may rotate its keys.
 * Nothing is ever overwritten. Errors: `node-place`, those of readGenesisFile and writeNew.
 */
export async function createLedgerServer(choices: NewLedgerServer): Promise<Result<CreatedNode>> {
  const genesis = await readGenesisFile(choices.genesis);
  if (!genesis.ok) return genesis;
  const place = placeIn(genesis.value, choices);
  if (!place.ok) return place;
  const { dir, index, peers, cometPeers, meshPort, cometPort } = choices;
  const fresh = () => new Uint8Array(randomBytes(32));
  const [seed, vrfSeed, linkSeed, accountSeed] = [fresh(), fresh(), fresh(), fresh()];
  const account = keyPairFromSeed(accountSeed).publicKey;
  const keys: NodeKeys = {
    trust: [],
    ledger: { index, seed: toHex(seed), vrfSeed: toHex(vrfSeed), linkSeed: toHex(linkSeed) },
  };
  const config: NodeConfig = {
    data: resolve(dir, 'data'),
    genesis: resolve(choices.genesis),
    keys: resolve(dir, 'keys.json'),
    roles: ['ledger'],
    mqtt: [],
    mesh: [{ self: `ledger:${index}`, listen: { host: ANY_HOST, port: meshPort }, peers: [...peers] }],
    cometbft: {
      listen: { host: ANY_HOST, port: cometPort },
      peers: cometPeers.map(({ peer, host, port }) => ({ server: Number(peer.split(':')[1]), host, port })),
    },
    verifyWorkers: 2,
  };
  const content = {
    key: keyPairFromSeed(seed).publicKey,
    vrfKey: vrfKeyPairFromSeed(vrfSeed).publicKey,
    linkKey: linkKeyPair(linkSeed).publicKey,
    account,
    ...place.value,
    operator: utf8(choices.operator),
  };
  const kept = await writeNew(join(dir, 'account.key'), `${toHex(accountSeed)}\n`);
  if (!kept.ok) return kept;
  const written = await writeNodeFiles(dir, genesis.value, {
    ...{ keys, config, content },
    kind: 'ledgerServerAdmit',
  });
  if (!written.ok) return written;
  return ok({
    files: [...written.value, join(dir, 'account.key')],
    account: encodeAddress(prefixIn(genesis.value), 0, account),
    key: toHex(content.key),
  });
}
