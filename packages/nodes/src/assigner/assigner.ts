import { equalBytes } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import { assignedDigestOf } from '@iotw/protocol/assigned';
import { blockHash } from '@iotw/protocol/header';
import { MAX_INCOHERENT_ATTEMPTS } from '@iotw/protocol/limits';
import { ASSIGNER, type AssignerRole } from '@iotw/protocol/parameters';
import type { HeldKeys } from '../held-keys.js';
import { type PeerId, type PeerMessage, trustPeer } from '../messages.js';

/** A key of this process that may be asked to sign assignments. */
export interface AssignerIdentity {
  readonly role: Exclude<AssignerRole, 'trust-node'>;
  readonly index: number;
  readonly keys: HeldKeys;
}

/**
 * The assigner of a process with a ledger: a ledger server's own key, or that of an API server beside it. Signs
 * what a lane is about to have answered, if the ledger's state allows it (spec: clause 7.9). Whom the lane asks
 * follows from the draw; the assigner has nothing to choose and keeps nothing.
 */
export class Assigner {
  readonly #ledger: Ledger;
  readonly #checker: SignatureChecker;
  readonly #identities: readonly AssignerIdentity[];

  constructor(ledger: Ledger, checker: SignatureChecker, identities: readonly AssignerIdentity[]) {
    this.#ledger = ledger;
    this.#checker = checker;
    this.#identities = identities;
  }

  /**
   * The statement that a lane's trust node asked for. undefined where it is not to be given: the epoch names
   * other assigners, or the header is not signed by its lane or stands at no place that could be certified now.
   */
  answer(
    from: PeerId,
    request: Extract<PeerMessage, { readonly kind: 'assign-request' }>,
  ): Extract<PeerMessage, { readonly kind: 'assigned' }> | undefined {
    const { header, signature, attempt } = request;
    const { network, trustNodes, ledgerServers, lanes, round } = this.#ledger;
    const { lane, incarnation, height, epoch } = header;
    const snapshot = this.#ledger.snapshotOf(epoch);
    const cursor = lanes.read(lane);
    if (snapshot === undefined || cursor === undefined || from !== trustPeer(lane)) return undefined;
    if (attempt > MAX_INCOHERENT_ATTEMPTS || epoch + 1 < this.#ledger.epoch) return undefined;
    if (incarnation !== cursor.incarnation || height <= cursor.height) return undefined;
    if (header.refRound > round + REF_ROUNDS_AHEAD) return undefined;
    const identity = this.#identities.find(({ role }) => ASSIGNER[role] === snapshot.parameters.assigner);
    const assigner = snapshot.assigners.find(({ index }) => index === identity?.index);
    if (identity === undefined || assigner === undefined) return undefined;
    // A key rotated since the freeze signs nothing more of that epoch.
    const listed = identity.role === 'ledger-server' ? ledgerServers.key(identity.index) : assigner.key;
    const { publicKey, secretKey } = identity.keys.listed(listed);
    if (!equalBytes(publicKey, assigner.key)) return undefined;
    const hash = blockHash(network, header);
    if (!this.#checker.verify(signature, hash, trustNodes.key(lane))) return undefined;
    const role = ASSIGNER[identity.role];
    const digest = assignedDigestOf(network, header, hash, { role, attempt }, assigner);
    const signed = sign(digest, secretKey);
    this.#checker.markValid(signed, digest, publicKey);
    const assigned = { attempt, role, index: identity.index, signature: signed };
    return { kind: 'assigned', lane, incarnation, height, assigned };
  }
}

/** A lane may follow another ledger server that is this many rounds ahead. */
const REF_ROUNDS_AHEAD = 64;
