// The first page and the API's documentation.

/** @type {import('../../../../tools/web/visits.mjs').Page[]} */
export const pages = [
  { name: 'start', path: () => '/', ready: '[data-chart=throughput] canvas' },
  { name: 'api-docs', path: () => '/docs', ready: '.opblock >> nth=30', foreign: true },
];
