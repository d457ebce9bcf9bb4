import { doublesMoney } from './doubles-money.js';
import { dropsTransactions } from './drops-transactions.js';
import { dropsVotes } from './drops-votes.js';
import { forgetsBoot } from './forgets-boot.js';
import { forgetsSequences } from './forgets-sequences.js';
import { forgetsVotes } from './forgets-votes.js';
import { hidesProofs } from './hides-proofs.js';
import { oneServerDiffers } from './one-server-differs.js';
import type { Plant } from './plant.js';
import { trustsCertificates } from './trusts-certificates.js';
import { trustsTooEarly } from './trusts-too-early.js';
import { writesLater } from './writes-later.js';

/** Every planted bug, by its name on the command line. */
export const PLANTS: readonly Plant[] = [
  doublesMoney,
  forgetsSequences,
  oneServerDiffers,
  trustsCertificates,
  forgetsVotes,
  trustsTooEarly,
  writesLater,
  forgetsBoot,
  dropsVotes,
  hidesProofs,
  dropsTransactions,
];
