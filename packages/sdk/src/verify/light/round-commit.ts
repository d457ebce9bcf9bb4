import { equalBytes, toHex } from '@iotw/kernel/bytes';
import type { LightBlock } from '@iotw/protocol/light-block';
import { type RoundHeader, roundHash } from '@iotw/protocol/round';
import type { CheckList } from '../checks.js';
import { followLight, type LightTrust } from './follow.js';

/**
 * `commit`: what is trusted leads to the last block given. `commit-round` (code `light-round`): that block stands for this very
 * round of this network, with its results and its state: its app hash is the hash of the round's header.
 */
export function checkRoundCommit(
  list: CheckList,
  trust: LightTrust,
  network: Uint8Array,
  round: RoundHeader,
  commits: readonly LightBlock[],
): boolean {
  const last = followLight(commits, trust);
  if (!last.ok) {
    list.unchecked('commit-round', 'The commit does not hold.');
    return list.reject('commit', last.error.message, last.error.code);
  }
  const { header } = last.value;
  list.pass('commit', `More than two thirds of the validators committed height ${header.height}.`);
  const hash = roundHash(network, round);
  return equalBytes(header.appHash, hash)
    ? list.pass('commit-round', `Height ${header.height} stands for round ${round.number}.`)
    : list.reject(
        'commit-round',
        `Height ${header.height} stands for ${toHex(header.appHash)}, not for round ${round.number} of this network.`,
        'light-round',
      );
}
