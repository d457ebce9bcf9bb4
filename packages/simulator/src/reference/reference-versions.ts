import { FIRST_VERSION } from '@iotw/protocol/versions';
import type { AppliedRound } from '../invariants/applied-round.js';
import { refusedInNext } from '../world/next-version.js';
import type { AppliedOperation, ReferenceRule } from './reference-rule.js';
import type { ReferenceVotes } from './reference-votes.js';

/** Clause 15: the version of each round by the votes, and that it is applied by the rules of that version. */
export class ReferenceVersions implements ReferenceRule {
  readonly name = 'votes-decide';
  readonly #votes: ReferenceVotes;
  #version = FIRST_VERSION;

  /** `votes`: asked before this rule, at each edge. */
  constructor(votes: ReferenceVotes) {
    this.#votes = votes;
  }

  certificates({ outcome }: AppliedRound): string | undefined {
    const { version } = outcome.header;
    return version === this.#version
      ? undefined
      : `the round is of version ${version}, by the votes it is of ${this.#version}`;
  }

  operation({ operation }: AppliedOperation): string | undefined {
    return this.#version > FIRST_VERSION && refusedInNext(operation)
      ? `${operation.type} takes effect in version ${this.#version}, which knows it no more`
      : undefined;
  }

  /** The round that ended an epoch is the last of its version; the next one opens with the version planned for it. */
  edge({ outcome }: AppliedRound): undefined {
    const planned = this.#votes.upgrade;
    if (planned !== undefined && planned.epoch <= outcome.header.epoch) this.#version = planned.version;
  }
}
