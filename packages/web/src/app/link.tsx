import { useRouter } from '@tanstack/react-router';
import type { ComponentPropsWithoutRef, MouseEvent } from 'react';

interface LinkProps extends Omit<ComponentPropsWithoutRef<'a'>, 'href' | 'onClick'> {
  /** A path of the app. */
  readonly to: string;
}

/**
 * A link inside the app, for frame and lists. The router's own component follows where one is, each link for itself; a list has
 * hundreds, and none of them looks different anywhere.
 */
export function AppLink({ to, ...anchor }: LinkProps) {
  const router = useRouter();
  const ahead = () => {
    router.preloadRoute({ to }).catch(() => undefined);
  };
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (!isPlain(event)) return;
    event.preventDefault();
    router.navigate({ to }).catch(() => undefined);
  };
  return <a {...anchor} href={to} onClick={follow} onPointerEnter={ahead} onFocus={ahead} />;
}

/** A click that nobody took and that asks for no other tab, window or download. */
function isPlain(event: MouseEvent): boolean {
  const held = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return !event.defaultPrevented && event.button === 0 && !held;
}
