import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { validatorAddress } from '@iotw/protocol/engine-chain';
import type { EngineValidator, LightBlock } from '@iotw/protocol/light-block';
import { engineHeaderHash, validatorsHash, voteBytes } from './engine-hashes.js';

/** Power is summed as BigInt: CometBFT allows sums beyond 2^53. */
export function powerOf(validators: readonly EngineValidator[]): bigint {
  return validators.reduce((sum, { power }) => sum + BigInt(power), 0n);
}

/**
 * Whether the header's own validators are those listed. Errors: `light-validators` (they don't hash to what the header says,
 * or one is there twice).
 */
export function checkValidators({ header, validators }: LightBlock): Result<void> {
  if (!equalBytes(validatorsHash(validators), header.validatorsHash))
    return fail(
      'light-validators',
      `The validators given for height ${header.height} are not those that its header names: ask another server.`,
    );
  if (new Set(validators.map(({ key }) => toHex(key))).size !== validators.length)
    return fail('light-validators', `Height ${header.height} lists a validator twice: ask another server.`);
  return ok(undefined);
}

/**
 * Whether more than two thirds of a height's own validators committed its block (spec: clause 9.15). It says nothing about
 * who these validators are. Errors: `light-validators`, `light-other-header` (the votes name another block),
 * `light-signer-unknown`, `light-signer-twice`, `light-signature`, `light-power`.
 */
export function checkCommit(block: LightBlock): Result<void> {
  const { header, validators, votes, blockHash } = block;
  const { height } = header;
  const listed = checkValidators(block);
  if (!listed.ok) return listed;
  if (!equalBytes(engineHeaderHash(header), blockHash))
    return fail('light-other-header', `The commit is not of the header given for height ${height}.`, {
      height,
    });
  const signers: EngineValidator[] = [];
  for (const vote of votes) {
    const validator = validators[vote.validator];
    const who = { height, validator: vote.validator };
    if (validator === undefined)
      return fail(
        'light-signer-unknown',
        `Height ${height} has no validator ${vote.validator}, who signs.`,
        who,
      );
    if (signers.includes(validator))
      return fail('light-signer-twice', `Validator ${vote.validator} signs height ${height} twice.`, who);
    if (!verify(vote.signature, voteBytes(block, vote), validator.key))
      return fail(
        'light-signature',
        `The signature of validator ${vote.validator} (${toHex(validatorAddress(validator.key))}) is not over height ${height}.`,
        who,
      );
    signers.push(validator);
  }
  const [signed, all] = [powerOf(signers), powerOf(validators)];
  if (3n * signed > 2n * all) return ok(undefined);
  return fail(
    'light-power',
    `Validators with ${signed} of the power ${all} committed height ${height}: more than two thirds have to.`,
    { height, signed: String(signed), power: String(all) },
  );
}

/** The power, among `trusted`, of those who signed the block. Only for a block whose commit was checked. */
export function trustedPower({ validators, votes }: LightBlock, trusted: readonly EngineValidator[]): bigint {
  const signed = new Set(votes.map(({ validator }) => toHex(validators[validator]!.key)));
  return powerOf(trusted.filter(({ key }) => signed.has(toHex(key))));
}
