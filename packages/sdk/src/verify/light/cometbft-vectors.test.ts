/** Heights that CometBFT itself made: hashes, signatures and names are made anew as CometBFT makes them. */
import { readFileSync } from 'node:fs';
import { fromHex, utf8 } from '@iotw/kernel/bytes';
import { VALIDATOR_POWER } from '@iotw/protocol/engine-chain';
import type { LightBlock } from '@iotw/protocol/light-block';
import { lightBlockFromJson, lightBlockToJson } from '@iotw/protocol/light-block-json';
import { describe, expect, it } from 'vitest';
import { TestLedger } from '../test-ledger.js';
import { engineHeaderHash, validatorsHash } from './engine-hashes.js';
import { followLight, lightTrustOf } from './follow.js';

const FILE = new URL('../../../../../spec/vectors/external/cometbft-light-blocks.json', import.meta.url);
const { timeMs, validators: keys, blocks: json } = JSON.parse(readFileSync(FILE, 'utf8'));
const blocks: LightBlock[] = json.map((one: unknown) => {
  const block = lightBlockFromJson(one);
  if (!block.ok) throw new Error(block.error.message);
  return block.value;
});
const names = blocks.map((block) => [block.header.height, block] as const);

describe('heights that CometBFT made', () => {
  it.each(names)('have the hashes that it gave them: %i', (_, { header, blockHash, validators }) => {
    expect(engineHeaderHash(header)).toEqual(blockHash);
    expect(validatorsHash(validators)).toEqual(header.validatorsHash);
  });

  it('begin with the servers of the genesis in the order that CometBFT gives them', () => {
    const { genesis } = new TestLedger();
    const [template] = genesis.ledgerServers;
    const ledgerServers = keys.map((key: string) => ({ ...template!, key: fromHex(key, 32)! }));
    const { start } = lightTrustOf({ ...genesis, ledgerServers }, 0);
    expect(start).toMatchObject({ validators: blocks[0]!.validators });
    const own = { ...start, chainId: new TextDecoder().decode(blocks[0]!.header.chainId), timeMs };
    expect(followLight([blocks[0]!], { start: own, nowMs: timeMs + 60_000 })).toMatchObject({ ok: true });
  });

  it('are followed from the validators of the genesis, at once and one after the other', () => {
    const validators = blocks[0]!.validators;
    expect(validators.map(({ key }) => key)).toEqual(
      expect.arrayContaining(keys.map((key: string) => fromHex(key, 32))),
    );
    expect(validators.every(({ power }) => power === VALIDATOR_POWER)).toBe(true);
    const chainId = new TextDecoder().decode(blocks[0]!.header.chainId);
    const trust = { start: { chainId, timeMs, validators }, nowMs: timeMs + 60_000 };
    for (const given of [blocks, [blocks[0]!], [blocks[1]!], [blocks[2]!], blocks.slice(1)])
      expect(followLight(given, trust)).toEqual({ ok: true, value: given.at(-1) });
    const other = { ...trust, start: { ...trust.start, chainId: `${chainId.slice(0, -1)}x` } };
    expect(followLight(blocks, other)).toMatchObject({ error: { code: 'light-chain' } });
    const renamed = { ...blocks[2]!.header, chainId: utf8(`${chainId.slice(0, -1)}x`) };
    const forged = { ...blocks[2]!, header: renamed, blockHash: engineHeaderHash(renamed) };
    expect(followLight([forged], other)).toMatchObject({ error: { code: 'light-signature' } });
  });

  it('are the same JSON again, and no other is read', () => {
    expect(blocks.map(lightBlockToJson)).toEqual(json);
    expect(lightBlockFromJson({ ...json[0], round: -1 })).toMatchObject({
      error: { code: 'light-block-json' },
    });
  });
});
