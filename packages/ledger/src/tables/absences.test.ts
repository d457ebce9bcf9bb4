import { expect, it } from 'vitest';
import { Absences } from './absences.js';

function three(): Absences {
  const absences = new Absences();
  absences.keep(7, 10, 20);
  absences.keep(8, 10, 21);
  absences.keep(7, 30, 31);
  return absences;
}

const covered = (absences: Absences, device: number) =>
  Array.from({ length: 40 }, (_, round) => round).filter((round) => absences.covers(device, round));
const rounds = (from: number, until: number) => Array.from({ length: until - from }, (_, i) => from + i);

it('covers the rounds from the first up to the last, without it', () => {
  expect(covered(three(), 7)).toEqual([...rounds(10, 20), 30]);
  expect(covered(three(), 8)).toEqual(rounds(10, 21));
  expect(covered(three(), 9)).toEqual([]);
});

it('forgets what ended by a round, and nothing else', () => {
  const absences = three();
  absences.forget(20);
  expect(covered(absences, 7)).toEqual([30]);
  expect(covered(absences, 8)).toEqual(rounds(10, 21));
  expect(absences.rows).toBe(2);
});

it('knows nothing of what was undone', () => {
  const absences = three();
  absences.truncate(2);
  expect(covered(absences, 7)).toEqual(rounds(10, 20));
  absences.keep(9, 35, 36);
  expect(covered(absences, 7)).toEqual(rounds(10, 20));
  expect(covered(absences, 9)).toEqual([35]);
});

it('is the same when it was loaded from its pages', () => {
  const absences = three();
  const loaded = new Absences();
  const page = new Uint8Array(absences.pageBytes(0));
  absences.packPage(0, page, 0);
  expect(loaded.loadPage(0, absences.rows, page)).toBe(true);
  loaded.finishLoad(absences.rows);
  expect(covered(loaded, 7)).toEqual([...rounds(10, 20), 30]);
});
