import type { Plant } from './plant.js';

/** Two of four trust nodes never send their votes. */
export const dropsVotes: Plant = {
  name: 'drops-votes',
  bug: 'two of four trust nodes never send their votes',
  breaks: 'lanes-progress',
  outgoing: (from, message) =>
    message.kind === 'vote' && (from === 'trust:0' || from === 'trust:1') ? undefined : message,
};
