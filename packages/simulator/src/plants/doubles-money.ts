import type { Plant } from './plant.js';

/** Every ledger server adds a unit from nowhere in every fifth round. */
export const doublesMoney: Plant = {
  name: 'doubles-money',
  bug: 'ledger servers add a unit from nowhere in every fifth round',
  breaks: 'supply-conserved',
  ledger: (ledger) => {
    const apply = ledger.applyRound.bind(ledger);
    ledger.applyRound = (input, blocks) => {
      const outcome = apply(input, blocks);
      if (input.number % 5 === 0) ledger.rewards.add('pool', 0, 1);
      return outcome;
    };
  },
};
