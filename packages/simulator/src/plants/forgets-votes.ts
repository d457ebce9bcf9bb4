import type { Plant } from './plant.js';

/** Trust nodes start as if they had never signed anything. */
export const forgetsVotes: Plant = {
  name: 'forgets-votes',
  breaks: 'one-vote',
  trustRecords: () => ({ blocks: [], votes: [] }),
};
