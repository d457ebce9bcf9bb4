// Every page of the wallet, of somebody who has received, sent and mines with a tab; and what a newcomer sees.

/** @type {import('../../../../tools/web/visits.mjs').Page[]} */
export const pages = [
  { name: 'wallet-start', path: () => '/wallet', ready: 'main button' },
  ...['', 'send', 'receive', 'devices', 'history', 'contacts', 'code'].map((place) => ({
    name: `wallet-${place || 'home'}`,
    path: () => `/wallet/${place}`,
    ready: place === '' ? '[data-balance]' : 'main h1',
    wallet: true,
  })),
  {
    name: 'wallet-device',
    path: ({ deviceKey }) => `/wallet/device/${deviceKey}`,
    ready: '[data-reputation]',
    wallet: true,
  },
  {
    name: 'wallet-pay',
    path: ({ account }) => `/pay?to=${account}&amount=2.5&memo=Tea`,
    ready: 'main h1',
    wallet: true,
  },
  { name: 'mine', path: () => '/mine', ready: '[data-miner]', wallet: true },
];
