import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { poolRoot } from '@iotw/protocol/pool';
import { checkVersion } from '@iotw/protocol/versions';
import type { ChainViewState, PeerId, PeerMessage } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';

/** What a trust node believes of a ledger server's word. */

/**
 * Whether a whole view hangs together, as far as a trust node can tell: every snapshot has the root that its
 * devices, parameters and trust nodes give, the running epoch's is there, every trust node has its lane.
 * Error: `view-invalid`.
 */
function checkView(view: ChainViewState): Result<void> {
  const invalid = (why: string): Result<never> =>
    fail('view-invalid', `A ledger server's view does not hang together: ${why}. Ask another one.`);
  if (!view.snapshots.some(({ epoch }) => epoch === view.epoch))
    return invalid(`epoch ${view.epoch} runs, and its snapshot is missing`);
  const stranger = view.lanes.findIndex(({ lane }, i) => lane !== i);
  if (stranger !== -1 || view.lanes.length !== view.nodes.trust.length)
    return invalid('lanes and trust nodes are not the same');
  for (const snapshot of view.snapshots) {
    if (!equalBytes(poolRoot(snapshot), snapshot.root))
      return invalid(`the pool of epoch ${snapshot.epoch} has another root`);
    if (snapshot.trustNodes.some(({ index }) => index >= view.nodes.trust.length))
      return invalid(`epoch ${snapshot.epoch} has a trust node that it does not list`);
  }
  return ok(undefined);
}

/**
 * Whether to follow what a peer tells of rounds: it is a ledger server that takes part, and this software
 * knows their version; else it is told, `version-unknown`. One server's word ends no node: it may be a lie.
 */
export function heeds(
  { view, versions }: TrustNodeContext,
  from: PeerId,
  message: Extract<PeerMessage, { kind: 'notice' | 'view' }>,
  effects: TrustNodeEffect[],
): boolean {
  if (!view.ledgerServers.includes(from)) return false;
  const { version } = message.kind === 'view' ? message.view : message.notice.header;
  const known = checkVersion(version, versions);
  if (!known.ok) effects.push({ kind: 'refused', error: known.error });
  return known.ok;
}

/**
 * Whether the node may sign by the first view it was given: the view hangs together and lists this node with the
 * key that it has or is to have next. Errors: `view-invalid`, `node-suspended` (no vote has admitted it yet), `node-key-wrong`.
 */
export function mayBegin({ index, held }: TrustNodeContext, view: ChainViewState): Result<void> {
  const checked = checkView(view);
  if (!checked.ok) return checked;
  const listed = view.nodes.trust[index];
  if (listed === undefined)
    return fail('node-suspended', `Trust node ${index} is not admitted yet: it waits for the vote.`);
  if (equalBytes(listed.key, held.listed(listed.key).publicKey)) return ok(undefined);
  return fail(
    'node-key-wrong',
    `The ledger lists another key for trust node ${index} than the key file holds: use this node's own key file, and replace its keys by iotw node rotate.`,
  );
}

/**
 * What the network lets a trust node do: `waiting` for the ledger's word, `admitted` but without a lane that takes
 * blocks (its first epoch is still to come, or it lacks funds), `serving`, or `suspended`.
 */
export type Standing = 'waiting' | 'admitted' | 'serving' | 'suspended';

export function standingOf({ index, view }: TrustNodeContext): Standing {
  const listed = view.nodes.trust[index];
  if (listed === undefined) return 'waiting';
  if (!listed.standing) return 'suspended';
  return view.lane(index).suspended ? 'admitted' : 'serving';
}
