import { hasZeroBits } from '@iotw/assignment/tickets';
import { assert } from '@iotw/kernel/assert';
import { BoundedMap } from '@iotw/kernel/bounded-map';
import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { type KeyPair, sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { vrfOutput, vrfProve } from '@iotw/kernel/vrf';
import { assignedDigestOf } from '@iotw/protocol/assigned';
import { type Assignment, decodeAssignment } from '@iotw/protocol/assignment';
import { attestationDigest, bootHead } from '@iotw/protocol/attestation';
import {
  encodeDeviceResult,
  encodeDeviceStatus,
  encodeLoginToken,
  REFUSAL,
  type Refusal,
} from '@iotw/protocol/device-wire';
import { loginDigest, presenceDigest, ticketAlpha } from '@iotw/protocol/digests';
import { blockHash } from '@iotw/protocol/header';
import { MAX_BLOCK_TRANSACTIONS } from '@iotw/protocol/limits';

export interface DeviceNodeOptions {
  readonly network: Uint8Array;
  readonly keys: KeyPair;
  /** Raised and made durable by the shell before this machine is made (spec: clause 8). */
  readonly boot: number;
  /** Signing key of a lane's trust node. */
  readonly laneKey: (lane: number) => Uint8Array | undefined;
  /** Key of a node that signs assignments beside the lanes' trust nodes, by its role (ASSIGNER) and number. */
  readonly assignerKey?: (role: number, index: number) => Uint8Array | undefined;
  /** How a header's or an assigner's signature is checked; default: Ed25519 itself. A process of many devices hands in one shared cache. */
  readonly verifyHeader?: (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) => boolean;
  /** Answers kept so that a repeated assignment gets identical bytes; default 64. */
  readonly keptAnswers?: number;
}

const KEPT_ANSWERS = 64;
const MAX_COUNTER = 0xffff_ffff;

/** A device node: hashes what it is assigned, signs what it found, says that it is there. */
export class DeviceNode {
  readonly #options: DeviceNodeOptions;
  readonly #answers: BoundedMap<string, Uint8Array>;
  #counter = 0;
  #head: Uint8Array;

  constructor(options: DeviceNodeOptions) {
    this.#options = options;
    this.#answers = new BoundedMap(options.keptAnswers ?? KEPT_ANSWERS);
    this.#head = bootHead(options.network, options.keys.publicKey, options.boot);
  }

  /** Digest of the last attestation of this boot, or the boot's first head; 32 bytes. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** Attestations signed in this boot. */
  get counter(): number {
    return this.#counter;
  }

  /** `assign` topic in, `result` topic out. Hostile bytes get a refusal, never silence. */
  answer(bytes: Uint8Array): Uint8Array {
    const decoded = decodeAssignment(bytes);
    if (!decoded.ok) return refuse('malformed');
    const assignment = decoded.value;
    const laneKey = this.#options.laneKey(assignment.header.lane);
    if (laneKey === undefined) return refuse('lane-unknown');
    const cited = blockHash(this.#options.network, assignment.header);
    const slot = `${assignment.header.lane}/${assignment.header.incarnation}/${assignment.header.height}/${assignment.attempt}/${assignment.rank}/${toHex(cited)}`;
    const known = this.#answers.get(slot);
    if (known !== undefined) return known;
    const verifyHeader = this.#options.verifyHeader ?? verify;
    if (!verifyHeader(assignment.signature, cited, laneKey)) return refuse('header-signature');
    const root = merkleRoot(assignment.ids, assignment.header.count, MAX_BLOCK_TRANSACTIONS);
    if (!equalBytes(root, assignment.header.root)) return refuse('root-mismatch');
    const unassigned = this.#assignerRefusal(assignment, cited);
    if (unassigned !== undefined) return refuse(unassigned);
    if (this.#counter >= MAX_COUNTER) return refuse('counter-exhausted');
    const answer = this.#attest(assignment, cited, root);
    this.#answers.set(slot, answer);
    return answer;
  }

  /** A statement of an assigner must be its own; without one the lane's trust node assigns (spec: clause 8.2). */
  #assignerRefusal({ header, attempt, assigned }: Assignment, hash: Uint8Array): Refusal | undefined {
    if (assigned === undefined) return undefined;
    const { network, assignerKey, verifyHeader = verify } = this.#options;
    const { role, index, signature } = assigned;
    const key = assignerKey?.(role, index);
    if (key === undefined) return 'assigner-unknown';
    const digest = assignedDigestOf(network, header, hash, { role, attempt }, { index, key });
    return verifyHeader(signature, digest, key) ? undefined : 'assigner-signature';
  }

  #attest(assignment: Assignment, cited: Uint8Array, root: Uint8Array): Uint8Array {
    const { network, keys, boot } = this.#options;
    this.#counter += 1;
    const content = {
      lane: assignment.header.lane,
      incarnation: assignment.header.incarnation,
      height: assignment.header.height,
      attempt: assignment.attempt,
      rank: assignment.rank,
      cited,
      hash: blockHash(network, { ...assignment.header, root }),
      device: assignment.device,
      boot,
      counter: this.#counter,
      head: this.#head,
    };
    const digest = attestationDigest(network, content);
    this.#head = digest;
    return encodeDeviceResult({
      kind: 'attestation',
      attestation: { ...content, signature: sign(digest, keys.secretKey) },
    });
  }

  /** `status` topic: this device is there in `epoch`, hosted by trust node `host`. */
  presence(device: number, epoch: number, host: number): Uint8Array {
    const { network, keys } = this.#options;
    const signature = sign(presenceDigest(network, device, epoch, host), keys.secretKey);
    return encodeDeviceStatus({ kind: 'presence', ticket: { device, epoch, host, signature } });
  }

  /**
   * `status` topic: the ticket over the seed of `epoch` for the next epoch's pool; undefined where it has
   * lost, that is where the `bits` low bits of its output are not all zero.
   */
  ticket(device: number, epoch: number, seed: Uint8Array, bits: number): Uint8Array | undefined {
    const { network, keys } = this.#options;
    const proof = vrfProve(keys.secretKey, ticketAlpha(network, seed, epoch, device));
    const output = vrfOutput(proof);
    assert(output !== undefined, 'a proof just made has an output');
    if (!hasZeroBits(output, bits)) return undefined;
    return encodeDeviceStatus({ kind: 'ticket', ticket: { device, epoch, proof } });
  }

  /** MQTT password for one trust node and epoch; 70 bytes. */
  loginToken(trustNode: number, epoch: number): Uint8Array {
    const { network, keys } = this.#options;
    const digest = loginDigest(network, keys.publicKey, trustNode, epoch);
    return encodeLoginToken(trustNode, epoch, sign(digest, keys.secretKey));
  }
}

function refuse(code: Refusal): Uint8Array {
  return encodeDeviceResult({ kind: 'refusal', code: REFUSAL[code] });
}
