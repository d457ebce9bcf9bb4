import type { NavigationEntry } from '../app/navigation-entry.ts';

/** The area's places in the main navigation. */
export const explorerNavigation: readonly NavigationEntry[] = [
  {
    to: '/explore',
    label: 'nav.explore',
    icon: 'compass',
    within: [
      ...['/search', '/tx', '/txs', '/block', '/blocks', '/round', '/rounds', '/lane', '/lanes'],
      ...['/epoch', '/epochs', '/device', '/devices', '/account', '/accounts', '/maker', '/makers'],
      ...['/trust-node', '/trust-nodes', '/ledger-servers', '/parameters', '/votes'],
    ],
  },
];
