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
    // What every first visit needs comes in two files, not in twenty: on a phone each one costs.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'libraries', tags: ['$initial'], test: /node_modules/, priority: 2 },
            {
              name: 'start',
              tags: ['$initial'],
              test: (id) => !isOfWorker(id) && /\/src\//.test(id),
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
