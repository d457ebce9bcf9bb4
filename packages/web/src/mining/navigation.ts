import type { NavigationEntry } from '../app/navigation-entry.ts';

/** The area's places in the main navigation. */
export const miningNavigation: readonly NavigationEntry[] = [
  { to: '/mine', label: 'nav.mine', icon: 'mine' },
];
