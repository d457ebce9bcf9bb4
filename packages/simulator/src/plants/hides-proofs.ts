import type { Plant } from './plant.js';

/** Ledger servers take the last epoch's proof for the next one's: no epoch ever opens. */
export const hidesProofs: Plant = {
  name: 'hides-proofs',
  bug: 'no epoch ever ends',
  breaks: 'epochs-progress',
  ledger: (ledger) => {
    ledger.epochDue = () => false;
  },
};
