import type { Plant } from './plant.js';

/** Trust nodes start as if they had never signed anything. */
export const forgetsVotes: Plant = {
  name: 'forgets-votes',
  bug: 'trust nodes start as if they had never signed anything',
  breaks: 'one-vote',
  trustRecords: () => ({ blocks: [], votes: [] }),
};
