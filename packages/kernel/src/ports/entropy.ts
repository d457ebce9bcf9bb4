/** Fresh random bytes fit for keys, from the operating system or the browser. Never a seeded generator. */
export type Entropy = (length: number) => Uint8Array;
