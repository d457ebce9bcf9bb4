import { configDefaults, defineConfig } from 'vitest/config';

// Tests read the packages' sources through the export condition "source", so a
// unit test never runs a stale build. Worker threads and child processes run dist.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'tools/**/*.test.ts', 'bench/src/**/*.test.ts'],
    // What takes minutes belongs to `npm run test:long` (vitest.long.config.ts).
    exclude: [...configDefaults.exclude, '**/*.long.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
