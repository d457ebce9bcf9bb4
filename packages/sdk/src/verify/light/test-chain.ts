import { testKeys } from '@iotw/assignment/test-network';
import { compareBytes, utf8 } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { sha256 } from '@iotw/kernel/sha256';
import { VALIDATOR_POWER, validatorAddress } from '@iotw/protocol/engine-chain';
import type { EngineHeader, EngineValidator, LightBlock } from '@iotw/protocol/light-block';
import { engineHeaderHash, validatorsHash, voteBytes } from './engine-hashes.js';

/** What a test changes of a height before it is signed. */
export interface HeightChanges {
  readonly header?: Partial<EngineHeader>;
  /** Who votes, by place in the list of validators; all unless given. */
  readonly voters?: readonly number[];
  readonly round?: number;
}

/** Seconds since 1970 at height 0. */
export const BEGIN_S = 1_800_000_000;

/** Heights of a chain whose validators a test names: each a second after the one before. */
export class TestChain {
  readonly chainId: string;
  /** Who votes at a height. */
  readonly #servers: (height: number) => readonly KeyPair[];

  constructor(chainId: string, servers: (height: number) => readonly KeyPair[]) {
    this.chainId = chainId;
    this.#servers = servers;
  }

  #keys(height: number): KeyPair[] {
    const address = ({ publicKey }: KeyPair): Uint8Array => validatorAddress(publicKey);
    return [...this.#servers(height)].sort((a, b) => compareBytes(address(a), address(b)));
  }

  validators(height: number): EngineValidator[] {
    return this.#keys(height).map(({ publicKey }) => ({ key: publicKey, power: VALIDATOR_POWER }));
  }

  /** A committed height. */
  block(height: number, { header: change, voters, round = 0 }: HeightChanges = {}): LightBlock {
    const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
    const keys = this.#keys(height);
    const header: EngineHeader = {
      ...{ blockVersion: 11, appVersion: 1, chainId: utf8(this.chainId), height },
      ...{ seconds: BEGIN_S + height, nanos: 1_000 * height },
      ...{ lastBlockHash: filled(1), lastPartsTotal: 1, lastPartsHash: filled(2), lastCommitHash: filled(3) },
      dataHash: filled(4),
      validatorsHash: validatorsHash(this.validators(height)),
      nextValidatorsHash: validatorsHash(this.validators(height + 1)),
      ...{ consensusHash: filled(5), appHash: sha256(filled(height % 256)), lastResultsHash: filled(6) },
      ...{ evidenceHash: filled(7), proposer: validatorAddress(keys[0]!.publicKey) },
      ...change,
    };
    const decided = {
      header,
      round,
      blockHash: engineHeaderHash(header),
      partsTotal: 1,
      partsHash: filled(8),
    };
    const votes = (voters ?? keys.map((_, i) => i)).map((validator) => {
      const vote = { validator, seconds: header.seconds, nanos: 5 + validator };
      return { ...vote, signature: sign(voteBytes(decided, vote), keys[validator]!.secretKey) };
    });
    return { ...decided, votes, validators: this.validators(height) };
  }
}

export const server = (index: number): KeyPair => testKeys('server', index);
