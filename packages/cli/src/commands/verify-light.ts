/** What `iotw verify receipt` trusts of a network whose ledger servers order on CometBFT. */
import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { type LightTrust, lightTrustOf } from '@iotw/sdk/verify/light/follow';
import type { OptionSpec } from './command.js';
import { integer } from './command.js';

export interface LightOptions {
  readonly trustHeight?: number;
  readonly trustHash?: string;
  readonly trustingPeriod?: number;
  readonly asOf?: string;
}

export const LIGHT: readonly OptionSpec[] = [
  {
    flags: '--trust-height <n>',
    summary: 'of a network on CometBFT: a height whose block you trust (default: the genesis)',
    parse: integer(1, Number.MAX_SAFE_INTEGER),
  },
  { flags: '--trust-hash <hex>', summary: 'the hash of that block, from somebody you trust' },
  {
    flags: '--trusting-period <hours>',
    summary: 'for how long what you trust may be trusted (default: 24; below 48)',
    parse: integer(1, 47),
  },
  {
    flags: '--as-of <time>',
    summary: 'measure its age at this time (RFC 3339) instead of now',
  },
];

/** The trust that the options give. Errors: `light-options`. */
export function lightTrust(options: LightOptions, genesis: Genesis): Result<LightTrust> {
  const { trustHeight: height, trustHash, trustingPeriod, asOf } = options;
  const nowMs = asOf === undefined ? Date.now() : Date.parse(asOf);
  if (Number.isNaN(nowMs)) return fail('light-options', '--as-of is a time like 2026-11-23T12:00:00Z.');
  const periodMs = trustingPeriod === undefined ? undefined : trustingPeriod * 3_600_000;
  const fromGenesis = lightTrustOf(genesis, nowMs, periodMs);
  if (height === undefined && trustHash === undefined) return ok(fromGenesis);
  const hash = fromHex(trustHash?.toLowerCase() ?? '', 32);
  if (height === undefined || hash === undefined)
    return fail('light-options', '--trust-height and --trust-hash (64 characters of hex) go together.');
  return ok({ ...fromGenesis, start: { height, hash } });
}
