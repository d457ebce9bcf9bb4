import type { NavigationEntry } from '../app/navigation-entry.ts';

/** The area's places in the main navigation. */
export const walletNavigation: readonly NavigationEntry[] = [
  { to: '/wallet', label: 'nav.wallet', icon: 'wallet', within: ['/wallet', '/pay'] },
];
