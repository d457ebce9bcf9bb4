// Options of the firmware's commands.

/**
 * @param {string[]} words `--name value` pairs
 * @param {Record<string, string | undefined>} defaults by name
 * @returns {Record<string, string | undefined>} Throws what is wrong with the words.
 */
export function optionsOf(words, defaults) {
  const options = { ...defaults };
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, '');
    if (!words[i].startsWith('--') || !Object.hasOwn(defaults, name) || words[i + 1] === undefined)
      throw new Error(
        `options: ${Object.keys(defaults)
          .map((each) => `--${each} VALUE`)
          .join(' ')}`,
      );
    options[name] = words[i + 1];
  }
  return options;
}

/** A whole number above 0. Throws what is wrong. @param {string} name @param {string} text */
export function countOf(name, text) {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new Error(`--${name} is a whole number above 0, not ${text}`);
  return Number(text);
}
