import type { Plant } from './plant.js';

/** Clients are told `final` when the certificate stands. */
export const trustsTooEarly: Plant = {
  name: 'trusts-too-early',
  bug: 'clients are told final when the certificate stands',
  breaks: 'final-is-kept',
  finalWhenCertified: true,
};
