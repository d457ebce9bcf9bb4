import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../app/root-route.tsx';

type Load = Parameters<typeof lazyRouteComponent>[0];

function page(path: string, load: Load, name: string) {
  const component = lazyRouteComponent(load as never, name as never);
  return createRoute({ getParentRoute: () => rootRoute, path, component });
}

const search = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: ({ q }: Record<string, unknown>): { q: string } => ({
    // The router reads numbers out of a query; what a person typed is text.
    q: q === undefined ? '' : String(q),
  }),
  component: lazyRouteComponent(() => import('./pages/search-page.tsx'), 'SearchPage'),
});

const start = () => import('./pages/explore-page.tsx');
const explore = createRoute({
  getParentRoute: () => rootRoute,
  path: '/explore',
  component: lazyRouteComponent(start, 'ExplorePage'),
  loader: async () => (await start()).askForNewest(),
});

const lists = () => import('./pages/list-pages.tsx');
const nodes = () => import('./pages/node-pages.tsx');
const votes = () => import('./pages/vote-pages.tsx');

/** Everything that the network has, page by page. */
export const explorerRoutes = [
  search,
  explore,
  page('/txs', lists, 'TransactionsPage'),
  page('/tx/$id', () => import('./pages/transaction-page.tsx'), 'TransactionPage'),
  page('/blocks', lists, 'BlocksPage'),
  page('/block/$lane/$height', () => import('./pages/block-page.tsx'), 'BlockPage'),
  page('/rounds', lists, 'RoundsPage'),
  page('/round/$n', () => import('./pages/round-page.tsx'), 'RoundPage'),
  page('/lanes', nodes, 'LanesPage'),
  page('/lane/$n', nodes, 'LanePage'),
  page('/epochs', lists, 'EpochsPage'),
  page('/epoch/$n', () => import('./pages/epoch-page.tsx'), 'EpochPage'),
  page('/devices', lists, 'DevicesPage'),
  page('/device/$key', () => import('./pages/device-page.tsx'), 'DevicePage'),
  page('/accounts', lists, 'AccountsPage'),
  page('/account/$address', () => import('./pages/account-page.tsx'), 'AccountPage'),
  page('/makers', lists, 'MakersPage'),
  page('/maker/$n', () => import('./pages/maker-page.tsx'), 'MakerPage'),
  page('/trust-nodes', nodes, 'TrustNodesPage'),
  page('/trust-node/$n', nodes, 'TrustNodePage'),
  page('/ledger-servers', nodes, 'LedgerServersPage'),
  page('/parameters', () => import('./pages/parameters-page.tsx'), 'ParametersPage'),
  page('/votes', votes, 'VotesPage'),
  page('/votes/$n', votes, 'VotePage'),
];
