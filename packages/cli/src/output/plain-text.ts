/** What a terminal would obey instead of showing: controls, and marks that turn or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Foreign text (names, memos, answers of a node) made safe for one line of a terminal: nothing in it can
 * move the cursor, change colours or reverse what stands beside it.
 */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, '\u{fffd}');
}
