import { defineConfig } from 'vite';

// The signer is built apart from the app, so that the two share no file: nothing of the app runs where the keys are.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: false,
  resolve: { conditions: ['browser', 'source', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    outDir: 'signer/dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1_000,
    rollupOptions: { input: `${import.meta.dirname}/signer.html` },
  },
});
