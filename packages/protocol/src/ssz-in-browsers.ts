/**
 * Every list type of @chainsafe/ssz makes a view of Node's Buffer when it is constructed, for the hash of its
 * length; we hash by kernel/merkle and never call it, but browsers have no Buffer and the types could not
 * even be made. Where there is none, this stands in with what that constructor needs; imported before any type.
 */
const scope = globalThis as { Buffer?: unknown };
scope.Buffer ??= {
  /** Also as other libraries call it once they see it: with a text. */
  from: (value: ArrayBuffer | string, offset?: number, length?: number): Uint8Array =>
    typeof value === 'string' ? new TextEncoder().encode(value) : new Uint8Array(value, offset, length),
  isBuffer: () => false,
};

export {};
