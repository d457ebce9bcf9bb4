import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { MAX_INCOHERENT_ATTEMPTS } from '@iotw/protocol/limits';
import { expect, it } from 'vitest';
import { type InFlight, isStuck } from './in-flight.js';

const EPOCH = 7;
const BEFORE_MS = 1_000;

interface Shape {
  readonly epoch?: number;
  readonly failed?: number;
  readonly waiting?: boolean;
  readonly listEnds?: boolean;
  readonly mode?: keyof typeof CERTIFICATE_MODE;
  readonly certifiedMs?: number;
}

function block({
  epoch = EPOCH,
  failed = 0,
  waiting,
  listEnds = false,
  mode,
  certifiedMs = 0,
}: Shape): InFlight {
  return {
    block: { header: { epoch } },
    attempt: { listEnds, state: () => (waiting === true ? 'waiting' : 'missed') },
    incoherent: Array.from({ length: failed }, () => ({})),
    certified: mode && { certificate: { mode: CERTIFICATE_MODE[mode] } },
    certifiedMs,
  } as unknown as InFlight;
}

it.each<[string, boolean, Shape]>([
  ['under way', false, {}],
  ['of the epoch before', false, { epoch: EPOCH - 1 }],
  ['of an epoch that is over', true, { epoch: EPOCH - 2, waiting: true }],
  ['at its last attempt', false, { failed: MAX_INCOHERENT_ATTEMPTS, waiting: true }],
  ['whose last attempt failed', true, { failed: MAX_INCOHERENT_ATTEMPTS }],
  ['whose last attempt but one failed', false, { failed: MAX_INCOHERENT_ATTEMPTS - 1 }],
  ['certified by devices long ago', false, { mode: 'devices', listEnds: true }],
  ['certified without devices long ago', false, { mode: 'noDevices', listEnds: true }],
  ['that all missed, with others left to ask', false, { mode: 'allMissed' }],
  ['that all missed lately', false, { mode: 'allMissed', listEnds: true, certifiedMs: BEFORE_MS + 1 }],
  ['that all missed long ago', true, { mode: 'allMissed', listEnds: true, certifiedMs: BEFORE_MS }],
  ['that eight attempts missed long ago', true, { mode: 'allMissed', failed: MAX_INCOHERENT_ATTEMPTS }],
])('a block %s: stuck %s', (_what, stuck, shape) => {
  expect(isStuck(block(shape), EPOCH, BEFORE_MS)).toBe(stuck);
});
