import { adjudicate } from '@iotw/assignment/adjudicate';
import { toHex } from '@iotw/kernel/bytes';
import { decodeAttestation } from '@iotw/protocol/attestation';
import type { IncoherentAttempt } from '@iotw/protocol/certificate';
import type { Genesis } from '@iotw/protocol/genesis';
import { MAX_LEDGER_SERVERS, MAX_TRUST_NODES } from '@iotw/protocol/limits';
import {
  type DeviceRegister,
  EVIDENCE_KIND,
  type KeyRotate,
  NODE_ROLE,
  type Operation,
  REVOKE_KIND,
} from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { Governance, type PublicValue } from './governance.js';
import { devicesOf } from './pool-devices.js';
import { Removals } from './removals.js';

type NodeKeys = Pick<KeyRotate, 'key' | 'linkKey'>;

/** The round that something took effect in, and the epoch that ends the term of who it blacklists (see blacklistTerm). */
export interface Moment {
  readonly round: number;
  readonly term: number;
}

/**
 * What elections need to know beside pools, gathered from the blocks that were verified: the nodes'
 * present keys, and who was removed when (spec: clauses 7.6, 8.7 to 8.9). It believes result codes: those
 * stand under round headers that ledger servers signed.
 */
export class ChainState {
  readonly trustNodeKeys: Uint8Array[];
  readonly ledgerServerKeys: Uint8Array[];
  readonly #vrfKeys: Uint8Array[];
  /** Numbers of ledger servers and trust nodes that a vote has suspended. */
  readonly #suspendedServers = new Set<number>();
  readonly #suspendedNodes = new Set<number>();
  readonly #governance: Governance;
  /** Every signing and link key that a node ever had: none is given out again. */
  readonly #nodeKeys = new Set<string>();
  /** Keys that were replaced in the round under way: its header may still be signed by them. */
  readonly replacedKeys = new Map<number, Uint8Array>();
  /** Counts what may have changed who signs. */
  signerChanges = 0;
  readonly #removals = new Removals();
  /** maker/batch by device key, and the round that revoked a batch. */
  readonly #batches = new Map<string, string>();
  /** DEVICE_CLASS by device key. */
  readonly #classes = new Map<string, number>();
  readonly #revokedBatches = new Map<string, number>();
  readonly #revokedKeys = new Map<string, number>();

  constructor(genesis: Genesis) {
    this.trustNodeKeys = genesis.trustNodes.map(({ key }) => key);
    this.ledgerServerKeys = genesis.ledgerServers.map(({ key }) => key);
    this.#vrfKeys = genesis.ledgerServers.map(({ vrfKey }) => vrfKey);
    this.#governance = new Governance(genesis);
    for (const node of [...genesis.trustNodes, ...genesis.ledgerServers]) this.#record(node);
    for (const device of genesis.devices) this.#register(device);
  }

  /** The maker's number of the batch that a device was registered under; undefined where that is not known. */
  batchOf(key: Uint8Array): number | undefined {
    const named = this.#batches.get(toHex(key));
    return named === undefined ? undefined : Number(named.slice(named.indexOf('/') + 1));
  }

  /** The class that a device was registered with; undefined where that is not known. */
  classOf(key: Uint8Array): number | undefined {
    return this.#classes.get(toHex(key));
  }

  #register({ key, maker, batch, deviceClass }: Genesis['devices'][number] | DeviceRegister): void {
    this.#batches.set(toHex(key), `${maker}/${batch}`);
    this.#classes.set(toHex(key), deviceClass);
  }

  /** Whether the device was out of the pool in the state of round `refRound`. */
  removedFrom(snapshot: EpochSnapshot): (device: number, refRound: number) => boolean {
    const byNumber = devicesOf(snapshot);
    return (device, refRound) => {
      if (this.#removals.covers(device, refRound)) return true;
      const key = byNumber.get(device);
      if (key === undefined) return false;
      const id = toHex(key.key);
      const batch = this.#revokedBatches.get(this.#batches.get(id) ?? '');
      const own = this.#revokedKeys.get(id);
      return (batch !== undefined && batch <= refRound) || (own !== undefined && own <= refRound);
    };
  }

  /** The public beacons' values that votes have named for `epoch`. */
  emergenciesOf(epoch: number): readonly PublicValue[] {
    return this.#governance.emergenciesOf(epoch);
  }

  /** Ledger servers that a vote has suspended. */
  get suspendedServers(): ReadonlySet<number> {
    return new Set(this.#suspendedServers);
  }

  /** VRF keys of the ledger servers that take turns at seeds, by number. */
  servingVrfKeys(): Uint8Array[] {
    return this.#vrfKeys.filter((_, server) => !this.#suspendedServers.has(server));
  }

  /** Trust nodes that no vote has suspended. */
  get standingNodes(): number {
    return this.trustNodeKeys.length - this.#suspendedNodes.size;
  }

  /** The edge that ends `ended`, in `round`: what the committee adopted takes effect (spec: clause 14.4), terms end. */
  edge(ended: number, round: number): void {
    for (const { kind, content } of this.#governance.edge(ended)) {
      this.signerChanges++;
      switch (kind) {
        case 'trustNodeAdmit':
          if (this.#takes(content, this.trustNodeKeys.length, MAX_TRUST_NODES))
            this.trustNodeKeys.push(content.key);
          break;
        case 'trustNodeSuspend':
          if (this.trustNodeKeys[content.index] !== undefined && this.standingNodes > 1)
            this.#suspendedNodes.add(content.index);
          break;
        case 'trustNodeReinstate':
          this.#suspendedNodes.delete(content.index);
          break;
        case 'ledgerServerAdmit':
          if (!this.#takes(content, this.ledgerServerKeys.length, MAX_LEDGER_SERVERS)) break;
          this.ledgerServerKeys.push(content.key);
          this.#vrfKeys.push(content.vrfKey);
          break;
        case 'ledgerServerSuspend':
          if (this.servingVrfKeys().length > 1) this.#suspendedServers.add(content.index);
          break;
        case 'ledgerServerReinstate':
          this.#suspendedServers.delete(content.index);
          break;
        case 'deviceReinstate':
          this.#removals.reinstate(content.device, round);
          break;
        default:
      }
    }
    this.#removals.epochBegins(ended + 1, round);
  }

  /** A transaction of `sender` that took effect. */
  applied(operations: readonly Operation[], sender: Uint8Array, { round, term }: Moment): void {
    for (const operation of operations) {
      this.#governance.applied(operation, sender);
      switch (operation.type) {
        case 'deviceRegister':
          this.#register(operation);
          break;
        case 'deviceRevoke':
          if (operation.kind === REVOKE_KIND.device) this.#revokedKeys.set(toHex(operation.device), round);
          else this.#revokedBatches.set(`${operation.maker}/${operation.batch}`, round);
          break;
        case 'evidence':
          if (
            operation.kind === EVIDENCE_KIND.deviceEquivocation ||
            operation.kind === EVIDENCE_KIND.falseAttestation
          ) {
            const accused = decodeAttestation(operation.first);
            if (accused.ok) this.#removals.remove(accused.value.device, round, term);
          }
          break;
        case 'appeal': {
          const cleared = decodeAttestation(operation.attestation);
          if (cleared.ok) this.#removals.reinstate(cleared.value.device, round);
          break;
        }
        case 'keyRotate':
          this.#rotate(operation);
          break;
        default:
      }
    }
  }

  /** Failed attempts of an applied block are judged by its true hash (spec: clause 8.7). */
  judged(
    attempts: readonly IncoherentAttempt[],
    parameters: Pick<Parameters, 'adjudicate'>,
    hash: Uint8Array,
    { round, term }: Moment,
  ): void {
    for (const attempt of attempts) {
      const { liars, unproven } = adjudicate(attempt, hash);
      const out =
        parameters.adjudicate === 0
          ? attempt.attestations.map(({ device }) => device)
          : [...liars, ...unproven];
      for (const device of out) this.#removals.remove(device, round, term);
    }
  }

  #rotate(operation: KeyRotate): void {
    const { role, index, key } = operation;
    const keys = role === NODE_ROLE.trust ? this.trustNodeKeys : this.ledgerServerKeys;
    // Forged data may rotate anything: its results fail, but it is read to the end.
    if (role > NODE_ROLE.ledger || keys[index] === undefined) return;
    this.signerChanges++;
    if (role === NODE_ROLE.ledger && !this.replacedKeys.has(index)) this.replacedKeys.set(index, keys[index]);
    keys[index] = key;
    this.#record(operation);
  }

  /** Whether an admission that was adopted is still possible: of two with one key the second comes to nothing. */
  #takes(node: NodeKeys, rows: number, most: number): boolean {
    const used = this.#nodeKeys.has(toHex(node.key)) || this.#nodeKeys.has(toHex(node.linkKey));
    if (used || rows >= most) return false;
    this.#record(node);
    return true;
  }

  #record({ key, linkKey }: NodeKeys): void {
    this.#nodeKeys.add(toHex(key)).add(toHex(linkKey));
  }
}
