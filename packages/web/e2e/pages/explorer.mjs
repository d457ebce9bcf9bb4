// Every page of the explorer. What is verified on a page has come to its end before it is looked at.
const VERIFIED = '[data-verdict]:not([data-verdict=running])';

/** @type {import('../../../../tools/web/visits.mjs').Page[]} */
export const pages = [
  { name: 'explorer-start', path: () => '/explore', ready: 'table tbody tr' },
  { name: 'explorer-search', path: () => '/search?q=1', ready: 'p[role=status]' },
  { name: 'explorer-transaction', path: ({ transaction }) => `/tx/${transaction}`, ready: VERIFIED },
  { name: 'explorer-block', path: ({ lane, height }) => `/block/${lane}/${height}`, ready: VERIFIED },
  { name: 'explorer-round', path: ({ round }) => `/round/${round}`, ready: 'table tbody tr' },
  { name: 'explorer-epoch', path: ({ epoch }) => `/epoch/${epoch}`, ready: VERIFIED },
  { name: 'explorer-device', path: ({ device }) => `/device/${device}`, ready: '[data-why]' },
  { name: 'explorer-account', path: ({ account }) => `/account/${account}`, ready: '[data-balance]' },
  { name: 'explorer-maker', path: () => '/maker/0', ready: 'table tbody tr' },
  { name: 'explorer-trust-node', path: () => '/trust-node/0', ready: 'table tbody tr' },
  { name: 'explorer-lane', path: () => '/lane/0', ready: 'table tbody tr' },
  { name: 'explorer-parameters', path: () => '/parameters', ready: 'table tbody tr' },
  { name: 'explorer-votes', path: () => '/votes', ready: 'tbody tr' },
  ...['txs', 'blocks', 'rounds', 'lanes', 'epochs', 'devices', 'accounts', 'makers', 'trust-nodes'].map(
    (list) => ({ name: `explorer-list-${list}`, path: () => `/${list}`, ready: 'table tbody tr' }),
  ),
  { name: 'explorer-list-ledger-servers', path: () => '/ledger-servers', ready: 'table tbody tr' },
];
