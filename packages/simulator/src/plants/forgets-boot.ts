import type { Plant } from './plant.js';

/** Devices lose their boot counter with their power. */
export const forgetsBoot: Plant = {
  name: 'forgets-boot',
  bug: 'devices lose their boot counter with their power',
  breaks: 'attestation-numbers',
  deviceBoot: () => 0,
};
