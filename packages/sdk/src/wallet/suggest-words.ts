import { wordlist } from '@scure/bip39/wordlists/english.js';

/** Most words that are given. */
const MOST = 4;
/** Letters that may differ; beyond it a suggestion would be a guess. */
const FAR = 2;
const MAX_LETTERS = 32;

/**
 * Words of the English BIP-39 list that are like `word`, nearest first: the same beginning of four letters (which names a word
 * of the list alone), else at most two letters changed, added, left out or swapped. Empty: nothing is like it.
 */
export function suggestWords(word: string): readonly string[] {
  const typed = word.normalize('NFKD').toLowerCase();
  if (typed.length === 0 || typed.length > MAX_LETTERS) return [];
  const found: { readonly like: string; readonly away: number }[] = [];
  for (const like of wordlist) {
    const apart = distance(typed, like);
    const begins = typed.length >= 4 && like.slice(0, 4) === typed.slice(0, 4);
    const away = begins ? Math.min(apart, 1) : apart;
    if (away <= FAR && away < typed.length) found.push({ like, away });
  }
  return found
    .sort((a, b) => a.away - b.away || (a.like < b.like ? -1 : 1))
    .slice(0, MOST)
    .map(({ like }) => like);
}

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > FAR) return FAR + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
