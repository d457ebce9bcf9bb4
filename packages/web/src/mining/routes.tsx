import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../app/root-route.tsx';

const mine = createRoute({
  getParentRoute: () => rootRoute,
  path: '/mine',
  component: lazyRouteComponent(() => import('./mine-page.tsx'), 'MinePage'),
});

/** Mining with the tab. */
export const miningRoutes = [mine];
