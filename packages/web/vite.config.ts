import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { serviceWorker } from './service-worker-plugin.ts';

const isOfWorker = (id: string) => /\/src\/offline\/(service-worker|shell)\.ts$/.test(id);

// Bundles the packages from their sources, as the tests do: the condition "browser" picks what runs without Node.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), serviceWorker()],
  resolve: { conditions: ['browser', 'source', 'module', 'import', 'default'] },
  // The verification's worker: libsodium waits for its WebAssembly at the top level.
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // A strict content security policy: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // libsodium's WebAssembly comes as one script of 700 kB, when it is first needed; what a first visit loads has a bar of its own.
    chunkSizeWarningLimit: 1_000,
    // What every first visit needs comes in two files, not in twenty: on a phone each one costs.
    rolldownOptions: {
      output: {
        // Chromium compiles these functions while they come, on another thread, and not one after another on the page's.
        postBanner: ({ name }) => (name === 'libraries' ? '//# allFunctionsCalledOnLoad' : ''),
        codeSplitting: {
          groups: [
            { name: 'libraries', tags: ['$initial'], test: /node_modules/, priority: 4 },
            {
              name: 'start',
              tags: ['$initial'],
              test: (id) => !isOfWorker(id) && /\/src\//.test(id),
              priority: 3,
            },
            // What pages of several areas ask the server with and show it in, and what all of the explorer's have.
            {
              name: 'pages',
              test: /\/(sdk\/src\/client\/(request|connection|pages|network|chain|transactions|devices)\.ts|@mantine\/core\/esm\/components\/(Alert|Badge|Breadcrumbs|Paper|SimpleGrid)\/)/,
              priority: 2,
            },
            {
              name: 'explorer',
              test: /\/web\/src\/explorer\/(parts\/|pages\/(explore|list)-page)/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
