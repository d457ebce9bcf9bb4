import type { Plant } from './plant.js';

/** Trust nodes are told that blocks and votes are on disk before they are. */
export const writesLater: Plant = {
  name: 'writes-later',
  bug: 'trust nodes are told that blocks and votes are on disk before they are',
  breaks: 'one-vote',
  earlyPersist: (process) => process.startsWith('trust:'),
};
