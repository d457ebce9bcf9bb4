import { makerHostsDigest } from '@iotw/protocol/digests';
import type { MakerHosts } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { State } from '../state.js';

/**
 * A maker's root names the trust nodes that host its devices where they can. Each statement has the next number, so
 * that none is replayed. Codes: `maker-unknown`, `maker-hosts` (another number than the next, a trust node that is
 * none or twice), `maker-signature`.
 */
export function makerHosts(state: State, operation: MakerHosts): number {
  const { makers, trustNodes } = state;
  const maker = makers.find(operation.maker);
  if (maker === -1) return RESULT_CODES['maker-unknown'];
  const { hosts, change, signature } = operation;
  const known = hosts.every((host) => host < trustNodes.rows);
  if (!known || new Set(hosts).size < hosts.length || change !== makers.col.hostChanges[maker]! + 1) {
    return RESULT_CODES['maker-hosts'];
  }
  const digest = makerHostsDigest(state.network, operation);
  if (!state.checker.verify(signature, digest, makers.bytes('key', maker))) {
    return RESULT_CODES['maker-signature'];
  }
  makers.setHosts(maker, hosts);
  return 0;
}
