import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/wallet',
  component: lazyRouteComponent(() => import('./wallet-frame.tsx'), 'WalletFrame'),
});

const home = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./home-page.tsx'), 'HomePage'),
});
const send = createRoute({
  getParentRoute: () => area,
  path: '/send',
  component: lazyRouteComponent(() => import('./send-page.tsx'), 'SendPage'),
});
const receive = createRoute({
  getParentRoute: () => area,
  path: '/receive',
  component: lazyRouteComponent(() => import('./receive-page.tsx'), 'ReceivePage'),
});
const history = createRoute({
  getParentRoute: () => area,
  path: '/history',
  component: lazyRouteComponent(() => import('./history-page.tsx'), 'HistoryPage'),
});
const contacts = createRoute({
  getParentRoute: () => area,
  path: '/contacts',
  component: lazyRouteComponent(() => import('./contacts-page.tsx'), 'ContactsPage'),
});

const devices = createRoute({
  getParentRoute: () => area,
  path: '/devices',
  component: lazyRouteComponent(() => import('./devices/devices-page.tsx'), 'DevicesPage'),
});

const device = createRoute({
  getParentRoute: () => area,
  path: '/device/$key',
  component: lazyRouteComponent(() => import('./devices/device-page.tsx'), 'DevicePage'),
});
const code = createRoute({
  getParentRoute: () => area,
  path: '/code',
  component: lazyRouteComponent(() => import('./devices/code-page.tsx'), 'CodePage'),
});

/** A request link: who asks, how much, what for, until when. What it says is read on the page, for people made it. */
const pay = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pay',
  component: lazyRouteComponent(() => import('./pay-page.tsx'), 'PayPage'),
});

/** A person's money and devices. */
export const walletRoutes = [
  area.addChildren([home, send, receive, devices, device, code, history, contacts]),
  pay,
];
