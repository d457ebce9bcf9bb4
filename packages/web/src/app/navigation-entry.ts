import type { PlaceIcon } from './icons.tsx';

/** A place in the app's main navigation. */
export interface NavigationEntry {
  readonly to: string;
  /** Key of its name in the frame's texts, such as `nav.wallet`. */
  readonly label: string;
  readonly icon: PlaceIcon;
  /** It is the current place on every path that begins so; on `to` alone unless given. */
  readonly within?: readonly string[];
}

/** Whether a path lies at an entry of the navigation. */
export function isAt(entry: NavigationEntry, path: string): boolean {
  if (path === entry.to) return true;
  return (entry.within ?? []).some((start) => path === start || path.startsWith(`${start}/`));
}
