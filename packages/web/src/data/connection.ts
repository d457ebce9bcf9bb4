import { connect } from '@iotw/sdk/client/connection';
import { watchedFetch } from './reachability.ts';

/** The API server that served this page. */
export const connection = connect({ url: window.location.origin, fetch: watchedFetch, retries: 1 });
