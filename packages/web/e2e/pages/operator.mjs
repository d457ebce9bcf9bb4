// Every page of the operator console.

/** @type {import('../../../../tools/web/visits.mjs').Page[]} */
export const pages = [
  { name: 'operator-health', path: () => '/operate', ready: '[data-figure=memory]' },
  { name: 'operator-proposals', path: () => '/operate/proposals', ready: '[data-shown]' },
  { name: 'operator-propose', path: () => '/operate/proposals/new', ready: '[data-effect-epoch]' },
  { name: 'operator-makers', path: () => '/operate/makers', ready: '[data-makers]' },
  { name: 'operator-funds', path: () => '/operate/funds', ready: '[data-lanes]' },
  { name: 'operator-appeal', path: () => '/operate/removed/appeal', ready: 'textarea[name=attestation]' },
  { name: 'operator-removed', path: () => '/operate/removed', ready: 'button:has-text("CSV")' },
];
