import { fail, ok, type Result } from '@iotw/kernel/result';
import type { PeerPlace } from '../node/new-node-files.js';

const PEER = /^((trust|ledger):(?:0|[1-9]\d{0,3}))=(.+):(\d{1,5})$/;

/** Parser of an option that may be repeated. */
export function severalTexts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Nodes to dial, written `ledger:0=host:port`, of the roles allowed. Errors: `node-peer`. */
export function readPeers(
  texts: readonly string[],
  roles: readonly ('trust' | 'ledger')[],
): Result<PeerPlace[]> {
  const peers: PeerPlace[] = [];
  for (const text of texts) {
    const [, peer, role, host, port] = PEER.exec(text) ?? [];
    const known = roles.some((one) => one === role);
    if (!known || peer === undefined || host === undefined || Number(port) < 1 || Number(port) > 65_535) {
      return fail('node-peer', `A node to dial is written ${roles.at(-1)}:0=host:port, not ${text}.`);
    }
    peers.push({ peer, host, port: Number(port) });
  }
  return ok(peers);
}
