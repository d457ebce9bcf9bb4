import { compareBytes, equalBytes, fromUtf8, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  EVIDENCE_MS,
  engineChainId,
  TRUSTING_PERIOD_MS,
  VALIDATOR_POWER,
  validatorAddress,
} from '@iotw/protocol/engine-chain';
import { type Genesis, networkId } from '@iotw/protocol/genesis';
import type { EngineValidator, LightBlock } from '@iotw/protocol/light-block';
import { engineHeaderHash, validatorsHash } from './engine-hashes.js';
import { checkCommit, checkValidators, powerOf, trustedPower } from './light-block.js';

/** A height whose block somebody whom the verifier trusts has named. */
export interface TrustedHeader {
  readonly height: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** The validators that the genesis names, before the first height. */
export interface TrustedGenesis {
  readonly chainId: string;
  readonly timeMs: number;
  readonly validators: readonly EngineValidator[];
}

/** Where a light verification begins (spec: clause 9.15). Nothing of it may come from the server whose answers are verified. */
export interface LightTrust {
  readonly start: TrustedHeader | TrustedGenesis;
  /** The verifier's clock, ms: what the age of the start is measured by. */
  readonly nowMs: number;
  /** For how long the start may be trusted, ms, below EVIDENCE_MS; a day unless given. */
  readonly periodMs?: number;
}

/** A header may be this far ahead of the verifier's clock, ms. */
const CLOCK_DRIFT_MS = 10_000;

/** What is trusted so far. */
interface Trusted {
  readonly chainId: string | undefined;
  readonly height: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly validators: readonly EngineValidator[];
  /** Of the next height. */
  readonly nextValidatorsHash: Uint8Array;
}

/** The trust that a genesis gives in a network whose ledger servers have ordered on CometBFT from its first round on. */
export function lightTrustOf(genesis: Genesis, nowMs: number, periodMs?: number): LightTrust {
  const network = networkId(genesis);
  const validators = genesis.ledgerServers
    .map(({ key }) => ({ key, power: VALIDATOR_POWER }))
    .sort((a, b) => compareBytes(validatorAddress(a.key), validatorAddress(b.key)));
  const start = { chainId: engineChainId(network, 0, network), timeMs: genesis.timeMs, validators };
  return { start, nowMs, ...(periodMs === undefined ? {} : { periodMs }) };
}

/**
 * Follows the blocks, heights ascending, from what is trusted to the last one (spec: clause 9.15): each is committed by more than
 * two thirds of its own validators, and either the next height with the very validators that the one before named, or signed by
 * more than a third of the power of those trusted before. A trusted header is the first of the blocks. Gives the last.
 * Errors: those of checkCommit, `light-period`, `light-expired`, `light-future`, `light-start`, `light-older`, `light-chain`, `light-order`,
 * `light-next-validators`, `light-trusted-power`. Never throws on foreign input that has the shape of light blocks.
 */
export function followLight(blocks: readonly LightBlock[], trust: LightTrust): Result<LightBlock> {
  const { start, nowMs, periodMs = TRUSTING_PERIOD_MS } = trust;
  if (!(periodMs > 0 && periodMs < EVIDENCE_MS))
    return fail(
      'light-period',
      `A trusting period is above 0 and below ${EVIDENCE_MS} ms, for which a double signature is punished.`,
      { periodMs },
    );
  const last = blocks.at(-1);
  const begun = begin(blocks, start);
  if (!begun.ok) return begun;
  let trusted = begun.value;
  const rest = 'hash' in start ? blocks.slice(1) : blocks;
  // A block that is trusted by its hash needs no validators, however old it is.
  if (rest.length > 0 && 1_000 * trusted.seconds + periodMs <= nowMs)
    return fail(
      'light-expired',
      `What is trusted, height ${trusted.height}, is older than the trusting period of ${periodMs} ms: name a newer block, from somebody you trust.`,
      { height: trusted.height, periodMs },
    );
  for (const block of rest) {
    const next = step(trusted, block, nowMs);
    if (!next.ok) return next;
    trusted = next.value;
  }
  return ok(last!);
}

function begin(blocks: readonly LightBlock[], start: LightTrust['start']): Result<Trusted> {
  const [first] = blocks;
  if (first === undefined) return fail('light-start', 'There is no commit: the receipt is not provable yet.');
  if (!('hash' in start)) {
    const { chainId, timeMs, validators } = start;
    const time = { seconds: Math.floor(timeMs / 1_000), nanos: (timeMs % 1_000) * 1_000_000 };
    return ok({ chainId, height: 0, ...time, validators, nextValidatorsHash: validatorsHash(validators) });
  }
  const { height, hash } = start;
  const last = blocks.at(-1)!.header.height;
  if (last < height)
    return fail(
      'light-older',
      `What is to be proven was decided before height ${last}, and what is trusted is height ${height}: nothing leads back. Trust the block of height ${last} or an older one, from somebody you trust, as of a time at which it was young.`,
      { height: last, trusted: height },
    );
  if (first.header.height !== height || !equalBytes(engineHeaderHash(first.header), hash))
    return fail(
      'light-start',
      `The first block given is height ${first.header.height}, not the trusted block ${toHex(hash)} of height ${height}.`,
      { height },
    );
  const listed = checkValidators(first);
  return listed.ok ? ok(trustedBy(first)) : listed;
}

function trustedBy({ header, validators }: LightBlock): Trusted {
  const { height, seconds, nanos, nextValidatorsHash } = header;
  return { chainId: fromUtf8(header.chainId), height, seconds, nanos, validators, nextValidatorsHash };
}

/** One block further. */
function step(trusted: Trusted, block: LightBlock, nowMs: number): Result<Trusted> {
  const { header } = block;
  const { height, seconds, nanos } = header;
  if (trusted.chainId === undefined || fromUtf8(header.chainId) !== trusted.chainId)
    return fail(
      'light-chain',
      `Height ${height} is of another chain than the network's: ask another server.`,
      {
        height,
      },
    );
  const later = seconds > trusted.seconds || (seconds === trusted.seconds && nanos > trusted.nanos);
  // The first block bears the genesis' own time.
  const sameTime = trusted.height === 0 && seconds === trusted.seconds && nanos === trusted.nanos;
  if (height <= trusted.height || !(later || sameTime))
    return fail(
      'light-order',
      `Height ${height} does not come after height ${trusted.height} in height and time: give the blocks in their order.`,
      { height, trusted: trusted.height },
    );
  if (1_000 * seconds > nowMs + CLOCK_DRIFT_MS)
    return fail(
      'light-future',
      `Height ${height} is of a time to come: set the clock, or ask another server.`,
      {
        height,
      },
    );
  const committed = checkCommit(block);
  if (!committed.ok) return committed;
  if (height === trusted.height + 1) {
    return equalBytes(header.validatorsHash, trusted.nextValidatorsHash)
      ? ok(trustedBy(block))
      : fail(
          'light-next-validators',
          `The validators of height ${height} are not those that height ${trusted.height} named.`,
          { height },
        );
  }
  const [signed, all] = [trustedPower(block, trusted.validators), powerOf(trusted.validators)];
  if (3n * signed > all) return ok(trustedBy(block));
  return fail(
    'light-trusted-power',
    `Of the validators trusted at height ${trusted.height} those with ${signed} of the power ${all} signed height ${height}, more than a third have to: give blocks in between.`,
    { height, trusted: trusted.height },
  );
}
