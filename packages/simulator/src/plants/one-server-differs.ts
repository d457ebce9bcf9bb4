import type { Plant } from './plant.js';

/** One ledger server counts a device's ownership changes wrongly. */
export const oneServerDiffers: Plant = {
  name: 'one-server-differs',
  bug: 'one ledger server counts an ownership change wrongly',
  breaks: 'equal-state',
  ledger: (ledger, server) => {
    if (server !== 2) return;
    const apply = ledger.applyRound.bind(ledger);
    ledger.applyRound = (input, blocks) => {
      if (input.number === 20) ledger.devices.add('changes', 0, 1);
      return apply(input, blocks);
    };
  },
};
