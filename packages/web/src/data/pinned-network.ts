/**
 * The network that this browser came to know first. Everything that is verified stands on its id, the hash of the genesis:
 * a server that later shows another one is not believed until the person says so.
 */
const KEPT = 'iotw-network';
const ID = /^[0-9a-f]{64}$/;

export function pinnedNetwork(): string | undefined {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept !== null && ID.test(kept) ? kept : undefined;
  } catch {
    // Storage is blocked: every visit is the first.
    return undefined;
  }
}

/** Keeps a network's id; where storage is blocked it is forgotten with the page. */
export function pinNetwork(id: string): void {
  try {
    if (ID.test(id)) localStorage.setItem(KEPT, id);
  } catch {
    // See above.
  }
}
