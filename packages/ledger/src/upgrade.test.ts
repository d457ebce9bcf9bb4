/** Upgrades at a height: the vote, its bounds, and what software does that knows the version or does not. */
import { MAX_PROPOSAL_EPOCHS } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import { RESULT_CODES, resultCodeName } from '@iotw/protocol/result';
import { KNOWN_VERSIONS } from '@iotw/protocol/versions';
import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import type { TestNetwork } from './test-network.js';
import { proposeOp, voteOp } from './test-operations.js';
import { adopt, committeeNetwork, of } from './test-proposals.js';
import { SavedPages } from './test-saved-pages.js';
import { NEXT_VERSIONS } from './test-versions.js';
import { VERSION_RULES } from './version-rules.js';

const to = (version: number, epoch: number) => of('upgrade', { version, epoch });
const fund = { type: 'laneFund', lane: 0, credit: 5, bond: 1 } as const;

/** A network whose software knows version 2, and another server's software that does not. */
function bothKinds(): { readonly t: TestNetwork; readonly old: Ledger } {
  const t = committeeNetwork({}, { versions: NEXT_VERSIONS });
  return { t, old: Ledger.genesis(t.genesis) };
}

it('there is a row of rules for every version that this software knows', () => {
  expect([...VERSION_RULES.keys()]).toEqual(KNOWN_VERSIONS);
});

describe('an upgrade', () => {
  it('sets the version from the first round of its epoch on, and rules follow it', () => {
    const { t } = bothKinds();
    adopt(t, to(2, 2));
    expect(t.ledger.upgrades.pending).toBeUndefined();
    t.endEpoch();
    expect(t.ledger.upgrades.pending).toEqual({ version: 2, epoch: 2 });
    expect(t.send('alice', fund).code).toBe('ok');
    // The round that ends epoch 1 is the last of version 1.
    expect(t.endEpoch().header).toMatchObject({ version: 1, epoch: 2 });
    expect(t.ledger.upgrades).toMatchObject({ version: 2, since: t.ledger.round + 1, pending: undefined });
    expect(t.send('alice', fund).code).toBe('lane-unknown');
    expect(t.round([]).header.version).toBe(2);
    expect(t.ledger.proposals.read(0)).toMatchObject({ state: 'executed', effectiveEpoch: 2 });
  });

  it('stops a ledger whose software does not know it, after the last round before; software that does goes on', () => {
    const { t, old } = bothKinds();
    const both = (blocks: Parameters<TestNetwork['round']>[0], options = {}) => {
      const input = t.input(options);
      expect(old.validateRound(input, blocks).ok).toBe(true);
      const theirs = old.applyRound(input, blocks);
      const ours = t.round(blocks, options);
      expect(theirs.hash).toEqual(ours.hash);
    };
    const send = (sender: string, operation: Operation) =>
      both([t.block(0, [t.transaction(sender, [operation])])]);
    const end = () =>
      both([], {
        timeMs: t.ledger.epochs.startMs + t.ledger.parameters.epochMs,
        seedProof: t.seedProof(),
      });
    send('member0', proposeOp(to(2, 2), 5));
    send('member1', voteOp(0));
    end();
    end();
    // They left epoch 1 with one state; what comes next only one of them can judge.
    expect(old.stateHash).toEqual(t.ledger.stateHash);
    const input = t.input();
    const refused = old.validateRound(input, []);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'upgrade-needed', data: { version: 2, round: t.ledger.round + 1 } },
    });
    expect(refused.ok ? '' : refused.error.message).toContain('install software that knows version 2');
    expect(old.round).toBe(t.ledger.round);

    // Another program takes over the same pages.
    const pages = new SavedPages(old.save());
    const renewed = Ledger.load(pages.read, t.genesis, { versions: NEXT_VERSIONS });
    if (!renewed.ok) throw new Error(renewed.error.message);
    expect(renewed.value.validateRound(input, []).ok).toBe(true);
    expect(renewed.value.applyRound(input, []).hash).toEqual(t.round([]).hash);
  });

  it('that is pending is taken back by a vote for the running version', () => {
    const { t } = bothKinds();
    adopt(t, to(2, 3));
    t.endEpoch();
    adopt(t, to(1, 0));
    t.endEpoch();
    expect(t.ledger.upgrades).toMatchObject({ version: 1, pending: undefined });
    t.endEpoch();
    t.endEpoch();
    expect(t.ledger.upgrades.version).toBe(1);
  });

  it('of two that are adopted in one epoch only the first counts', () => {
    const { t } = bothKinds();
    adopt(t, to(2, 4));
    const second = adopt(t, to(3, 5));
    t.endEpoch();
    const read = t.ledger.proposals.read(second)!;
    expect([read.state, resultCodeName(read.code)]).toEqual(['void', 'upgrade-pending']);
    expect(t.ledger.upgrades.pending).toEqual({ version: 2, epoch: 4 });
  });

  it('that was adopted too late for its epoch is void', () => {
    const { t } = bothKinds();
    t.send('member0', proposeOp(to(2, 2), 5));
    t.endEpoch();
    expect(t.send('member1', voteOp(0)).code).toBe('ok');
    t.endEpoch();
    const read = t.ledger.proposals.read(0)!;
    expect([read.state, resultCodeName(read.code)]).toEqual(['void', 'upgrade-epoch']);
    expect(t.ledger.upgrades).toMatchObject({ version: 1, pending: undefined });
  });

  const rows: readonly (readonly [title: string, version: number, epoch: number, code: string])[] = [
    ['version 0', 0, 5, 'upgrade-version'],
    ['the running version in an epoch', 1, 5, 'upgrade-version'],
    ['the running version where nothing is pending', 1, 0, 'proposal-no-change'],
    ['the running epoch', 2, 0, 'upgrade-epoch'],
    ['the next epoch', 2, 1, 'upgrade-epoch'],
    ['an epoch too far away', 2, MAX_PROPOSAL_EPOCHS + 1, 'upgrade-epoch'],
  ];
  it.each(rows)('to %s is refused: %i from epoch %i, %s', (_, version, epoch, code) => {
    const { t } = bothKinds();
    expect(t.send('member0', proposeOp(to(version, epoch))).code).toBe(code);
  });

  it('is refused while another is pending', () => {
    const { t } = bothKinds();
    adopt(t, to(2, 9));
    t.endEpoch();
    expect(t.send('member0', proposeOp(to(3, 10))).code).toBe('upgrade-pending');
  });

  it('has a test for each of its codes', () => {
    const tested = [...rows.map(([, , , code]) => code), 'upgrade-pending'];
    const codes = Object.keys(RESULT_CODES).filter((code) => code.startsWith('upgrade-'));
    expect(codes.filter((code) => !tested.includes(code))).toEqual([]);
  });
});
