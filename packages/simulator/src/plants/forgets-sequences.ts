import type { Plant } from './plant.js';

/** Ledger servers forget after each round which sequences were used: a transaction in two lanes applies twice. */
export const forgetsSequences: Plant = {
  name: 'forgets-sequences',
  bug: 'ledger servers forget after each round which sequences were used',
  breaks: 'no-double-spend',
  ledger: (ledger) => {
    const apply = ledger.applyRound.bind(ledger);
    ledger.applyRound = (input, blocks) => {
      const outcome = apply(input, blocks);
      const { accounts } = ledger;
      for (let account = 0; account < accounts.rows; account++)
        accounts.setWindow(account, accounts.sequence(account), 0, 0);
      return outcome;
    };
  },
};
