import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/operate',
  component: lazyRouteComponent(() => import('./frame.tsx'), 'OperatorFrame'),
});

const health = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./health/health-page.tsx'), 'HealthPage'),
});
const proposals = createRoute({
  getParentRoute: () => area,
  path: '/proposals',
  component: lazyRouteComponent(() => import('./proposals/proposals-page.tsx'), 'ProposalsPage'),
});
const newProposal = createRoute({
  getParentRoute: () => area,
  path: '/proposals/new',
  // What the page is begun with, such as `device`, is read there: anybody can write a link.
  validateSearch: (search: Record<string, unknown>): { kind?: string; of?: string } => ({
    ...(search.kind === undefined ? {} : { kind: String(search.kind) }),
    ...(search.of === undefined ? {} : { of: String(search.of) }),
  }),
  component: lazyRouteComponent(() => import('./proposals/new-proposal-page.tsx'), 'NewProposalPage'),
});
const proposal = createRoute({
  getParentRoute: () => area,
  path: '/proposals/$n',
  component: lazyRouteComponent(() => import('./proposals/proposal-page.tsx'), 'ProposalPage'),
});
const makers = createRoute({
  getParentRoute: () => area,
  path: '/makers',
  component: lazyRouteComponent(() => import('./makers/makers-page.tsx'), 'MakersPage'),
});
const funds = createRoute({
  getParentRoute: () => area,
  path: '/funds',
  component: lazyRouteComponent(() => import('./lanes/funds-page.tsx'), 'FundsPage'),
});
const appeal = createRoute({
  getParentRoute: () => area,
  path: '/removed/appeal',
  component: lazyRouteComponent(() => import('./appeal/appeal-page.tsx'), 'AppealPage'),
});
const removed = createRoute({
  getParentRoute: () => area,
  path: '/removed',
  component: lazyRouteComponent(() => import('./removed-page.tsx'), 'RemovedPage'),
});

/** Running the network: how it is, and what its members and makers do. */
export const operatorRoutes: readonly AnyRoute[] = [
  area.addChildren([health, proposals, newProposal, proposal, makers, funds, removed, appeal]),
];
