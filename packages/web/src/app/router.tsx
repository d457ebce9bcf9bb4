import { type AnyRoute, createRouter } from '@tanstack/react-router';
import { explorerRoutes } from '../explorer/routes.tsx';
import { liveRoutes } from '../live/routes.tsx';
import { miningRoutes } from '../mining/routes.tsx';
import { operatorRoutes } from '../operator/routes.tsx';
import { walletRoutes } from '../wallet/routes.tsx';
import { Loading } from './layout.tsx';
import { NotFound, PageError } from './problem.tsx';
import { rootRoute } from './root-route.tsx';

const areas: readonly AnyRoute[] = [
  ...liveRoutes,
  ...explorerRoutes,
  ...walletRoutes,
  ...miningRoutes,
  ...operatorRoutes,
];

/** The areas' pages under the frame. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([...areas]),
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});
