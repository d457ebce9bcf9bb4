import { explorerNavigation } from '../explorer/navigation.ts';
import { liveNavigation } from '../live/navigation.ts';
import { miningNavigation } from '../mining/navigation.ts';
import { operatorNavigation } from '../operator/navigation.ts';
import { walletNavigation } from '../wallet/navigation.ts';
import type { NavigationEntry } from './navigation-entry.ts';

/** In the order in which they are shown; a phone has room for five. */
export const navigation: readonly NavigationEntry[] = [
  ...liveNavigation,
  ...explorerNavigation,
  ...walletNavigation,
  ...miningNavigation,
  ...operatorNavigation,
];
