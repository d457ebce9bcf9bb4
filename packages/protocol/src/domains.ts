/**
 * Signing domains (spec: clause 2). Every signature is over
 * SHA-256(SHA-256(domain) || network id || bytes), see kernel/signing.
 */
export const DOMAIN = {
  genesis: 'iotw/v1/genesis',
  transaction: 'iotw/v1/transaction',
  countersign: 'iotw/v1/countersign',
  block: 'iotw/v1/block',
  assigned: 'iotw/v1/assigned',
  attestation: 'iotw/v1/attestation',
  head: 'iotw/v1/head',
  vote: 'iotw/v1/witness-vote',
  miss: 'iotw/v1/miss',
  silence: 'iotw/v1/host-silence',
  round: 'iotw/v1/round',
  state: 'iotw/v1/state',
  draw: 'iotw/v1/draw',
  order: 'iotw/v1/lane-order',
  seed: 'iotw/v1/seed',
  beaconEpoch: 'iotw/v1/beacon-epoch',
  beacon: 'iotw/v1/beacon',
  epochVote: 'iotw/v1/epoch-vote',
  laneReset: 'iotw/v1/lane-reset',
  presence: 'iotw/v1/presence',
  ticket: 'iotw/v1/ticket',
  login: 'iotw/v1/login',
  claim: 'iotw/v1/device-claim',
  register: 'iotw/v1/device-register',
  possession: 'iotw/v1/device-possession',
  batch: 'iotw/v1/maker-batch',
  revoke: 'iotw/v1/revoke',
  rotate: 'iotw/v1/key-rotate',
  handover: 'iotw/v1/device-handover',
  consent: 'iotw/v1/data-consent',
  makerHosts: 'iotw/v1/maker-hosts',
} as const;

export type Domain = (typeof DOMAIN)[keyof typeof DOMAIN];
