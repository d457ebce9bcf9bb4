import './app/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { router } from './app/router.tsx';
import { startTexts } from './i18n/start.ts';
import { startServiceWorker } from './offline/new-build.ts';

/** In a function: pages import parts of this file's bundle, so nothing may wait for them at its top level. */
async function start(root: HTMLElement): Promise<void> {
  // The page's own files come while the texts do.
  await Promise.all([startTexts(), router.load()]);
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  startServiceWorker();
}

const root = document.getElementById('root');
if (root) void start(root);
