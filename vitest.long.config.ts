import { mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The tests that `npm test` leaves out because they take minutes. */
const long = mergeConfig(base, {});
long.test = { ...long.test, include: ['packages/*/src/**/*.long.test.ts'], exclude: ['**/node_modules/**'] };
export default long;
