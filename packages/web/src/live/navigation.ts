import type { NavigationEntry } from '../app/navigation-entry.ts';

/** The area's places in the main navigation. */
export const liveNavigation: readonly NavigationEntry[] = [{ to: '/', label: 'nav.live', icon: 'pulse' }];
