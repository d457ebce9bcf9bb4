import { equalBytes } from '@iotw/kernel/bytes';
import type { Hello } from './hello.js';
import { comparePeers, type PeerIdentity } from './types.js';

/** What the rule needs of a link. */
export interface TieLink {
  readonly dialed: boolean;
  readonly remote: Hello | undefined;
}

/** What to do with a link whose hello is good. */
export type TieVerdict = 'first' | 'peer-restarted' | 'replaces' | 'loses';

/**
 * One link per pair, decided alike on both sides: a new instance of the peer always wins; between two dials
 * of one side the later dial number; between dials of both sides the lower identity's.
 */
export function judgeLink(self: PeerIdentity, active: TieLink | undefined, candidate: TieLink): TieVerdict {
  const theirs = candidate.remote!;
  if (active === undefined) return 'first';
  const current = active.remote!;
  if (!equalBytes(current.instance, theirs.instance)) return 'peer-restarted';
  if (active.dialed === candidate.dialed) return theirs.dial > current.dial ? 'replaces' : 'loses';
  const selfIsLower = comparePeers(self, theirs.identity) < 0;
  return candidate.dialed === selfIsLower ? 'replaces' : 'loses';
}
