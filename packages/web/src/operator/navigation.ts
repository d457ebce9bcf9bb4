import type { NavigationEntry } from '../app/navigation-entry.ts';

/** The area's places in the main navigation. */
export const operatorNavigation: readonly NavigationEntry[] = [
  { to: '/operate', label: 'nav.operate', icon: 'operate', within: ['/operate'] },
];
