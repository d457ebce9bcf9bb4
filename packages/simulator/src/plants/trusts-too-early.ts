import type { Plant } from './plant.js';

/** Clients are told `final` when the certificate stands. */
export const trustsTooEarly: Plant = {
  name: 'trusts-too-early',
  breaks: 'final-is-kept',
  finalWhenCertified: true,
};
