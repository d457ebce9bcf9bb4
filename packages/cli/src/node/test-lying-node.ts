/**
 * Test support: `iotw` with an adversary's code between CometBFT and the ledger. Run as a program: the lie, then the words of
 * `iotw`. Nothing that a user runs comes here. Tells each lie as a line `{"kind":"lied"}`.
 */
import { randomBytes } from 'node:crypto';
import { CometEngine } from '@iotw/adapters/cometbft/comet-engine';
import { ok } from '@iotw/kernel/result';
import { type RoundInput, RoundInputType } from '@iotw/protocol/round';
import { ResponseProcessProposal_ProposalStatus as Status } from 'cosmjs-types/tendermint/abci/types';

const engine = CometEngine.prototype;

function lied(): void {
  process.stdout.write('{"kind":"lied"}\n');
}

/** Proposes what becomes of an honest proposal, and votes for whatever it is shown. */
function proposing(lie: (txs: Uint8Array[]) => Uint8Array[] | undefined): void {
  const { prepareProposal } = engine;
  engine.prepareProposal = async function (request) {
    const honest = await prepareProposal.call(this, request);
    const other = honest.ok ? lie(honest.value.txs) : undefined;
    if (other === undefined) return honest;
    lied();
    return ok({ txs: other });
  };
  engine.processProposal = async () => ok({ status: Status.ACCEPT });
}

/** Changes the round of an honest proposal; undefined: there is nothing in it to lie about. */
function changing(change: (round: RoundInput) => RoundInput | undefined): void {
  proposing(([tx]) => {
    const round = tx && change(RoundInputType.deserialize(tx));
    return round && [RoundInputType.serialize(round)];
  });
}

function saying(extension: () => Uint8Array): void {
  engine.extendVote = async () => {
    lied();
    return ok({ voteExtension: extension() });
  };
}

/** Rounds that pass before it lies. */
const LATER = 15;

/** Answers FinalizeBlock with another hash, from the so-and-so-many-th round on. */
function misleading(from: number): void {
  const { finalizeBlock } = engine;
  let rounds = 0;
  engine.finalizeBlock = async function (request) {
    const honest = await finalizeBlock.call(this, request);
    if (!honest.ok || request.txs.length === 0 || rounds++ < from) return honest;
    lied();
    return ok({ ...honest.value, appHash: new Uint8Array(randomBytes(32)) });
  };
}

/** What a ledger server may do to the others through its CometBFT. */
const LIES: Readonly<Record<string, () => void>> = {
  censorship: () =>
    changing((round) =>
      round.blocks.length === 0 ? undefined : { ...round, blocks: [], seedProof: new Uint8Array(0) },
    ),
  'a certificate without votes': () =>
    changing((round) => {
      const [first, ...rest] = round.blocks;
      if (first === undefined) return undefined;
      return { ...round, blocks: [{ ...first, certificate: { ...first.certificate, votes: [] } }, ...rest] };
    }),
  'a time of its own': () => changing((round) => ({ ...round, timeMs: round.timeMs + 3_600_000 })),
  'an act that nobody proved': () =>
    changing((round) => ({
      ...round,
      misbehaviours: [{ server: 0, kind: 0, height: 1, timeMs: round.timeMs - 1 }],
    })),
  garbage: () => proposing(() => [new Uint8Array(randomBytes(300))]),
  'two rounds in a block': () => proposing(([tx]) => tx && [tx, tx]),
  'no vote extensions': () => saying(() => new Uint8Array(0)),
  'noise as vote extensions': () => saying(() => new Uint8Array(randomBytes(64))),
  'another state hash': () => misleading(0),
  // When it has what it missed, and votes.
  'another state hash, later': () => misleading(LATER),
};

const [lie, ...words] = process.argv.slice(2);
LIES[lie!]!();
process.argv.splice(2, process.argv.length, ...words);
await import('../main.js');
