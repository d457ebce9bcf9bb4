import { createRootRoute } from '@tanstack/react-router';
import { Layout } from './layout.tsx';
import { NotFound, PageError } from './problem.tsx';

/** What every area's routes hang on. */
export const rootRoute = createRootRoute({
  component: Layout,
  notFoundComponent: NotFound,
  errorComponent: PageError,
});
