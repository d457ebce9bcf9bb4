// When a state is saved: as soon as the rounds behind it are half as many bytes again as the pages that changed.
import { toHex } from '@iotw/kernel/bytes';
import { TestNetwork } from '@iotw/ledger/test-network';
import { describe, expect, it } from 'vitest';
import { sheetKey } from './restore.js';
import { MAX_EPOCHS_BEHIND, StateSaves } from './state-saves.js';

const written = (bytes: number) => [
  { table: 'rounds', key: new Uint8Array(1), value: new Uint8Array(bytes) },
];

/** Bytes of rounds at which so many are saved. */
const enough = (unsaved: number) => Math.ceil((3 * unsaved) / 2);

/** A ledger whose last round ended an epoch, the edge before it saved; what would be saved of it. */
function edge(smallBytes = 0) {
  const network = new TestNetwork();
  const { ledger } = network;
  const saves = new StateSaves(ledger, 0, smallBytes);
  expect(saves.round).toBe(0);
  // After a start nobody knows what is behind: the first edge saves.
  expect(saves.atEdge(network.endEpoch(), false)).toBeDefined();
  expect([saves.round, ledger.unsavedBytes]).toEqual([ledger.round, 0]);
  const before = ledger.round;
  const outcome = network.endEpoch();
  const { unsavedBytes: unsaved } = ledger;
  expect(unsaved).toBeGreaterThan(1_000);
  return { network, ledger, outcome, unsaved, saves, before };
}

describe('a state is saved at an edge', () => {
  it.each([
    ['not while its pages are more than two thirds of the rounds', -1, false, false],
    ['once the rounds are half as many bytes again', 0, false, true],
    ['when this very state is asked for', -1, true, true],
  ])('%s', (_, more, asked, expected) => {
    const { ledger, outcome, unsaved, saves, before } = edge();
    saves.wrote(written(enough(unsaved) + more));
    expect(saves.atEdge(outcome, asked) !== undefined).toBe(expected);
    expect(saves.round).toBe(expected ? ledger.round : before);
    expect(ledger.unsavedBytes).toBe(expected ? 0 : unsaved);
  });

  it('whatever the rounds are while its pages are few', () => {
    const { outcome, saves } = edge(1_000_000);
    expect(saves.atEdge(outcome, false)).toBeDefined();
  });

  it('before the rules of another version begin', () => {
    const { outcome, saves } = edge();
    const header = { ...outcome.header, version: outcome.header.version + 1 };
    expect(saves.atEdge({ ...outcome, header }, false)).toBeDefined();
  });

  it('with what shows that it is that very state', () => {
    const { outcome, unsaved, saves } = edge();
    saves.wrote(written(enough(unsaved)));
    const writes = saves.atEdge(outcome, false)!;
    const hex = writes.map(({ key }) => toHex(key));
    expect(hex).toContain(toHex(sheetKey('meta', 0)));
    expect(writes.at(-1)).toMatchObject({ table: 'state-before', value: outcome.edge!.stateBefore });
  });

  it('counts anew from there, deletions as nothing', () => {
    const { network, ledger, outcome, unsaved, saves } = edge();
    saves.wrote([...written(enough(unsaved)), { table: 'rounds', key: new Uint8Array(1), value: undefined }]);
    expect(saves.atEdge(outcome, false)).toBeDefined();
    const next = network.endEpoch();
    saves.wrote(written(enough(ledger.unsavedBytes) - 1));
    expect(saves.atEdge(next, false)).toBeUndefined();
    saves.wrote(written(1));
    expect(saves.atEdge(next, false)).toBeDefined();
  });

  it('after so many epochs at the latest', () => {
    const { network, outcome, saves } = edge();
    const saved = [saves.atEdge(outcome, false) !== undefined];
    while (saved.length < 2 * MAX_EPOCHS_BEHIND)
      saved.push(saves.atEdge(network.endEpoch(), false) !== undefined);
    const wait = Array.from({ length: MAX_EPOCHS_BEHIND - 1 }, () => false);
    expect(saved).toEqual([...wait, true, ...wait, true]);
  });
});
