import type { PeerIdentity } from '@iotw/adapters/mesh/types';
import { concatBytes, readU32, toHex, utf8 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { ok, type Result } from '@iotw/kernel/result';
import type { ChainViewState, NodeSet, PeerMessage, RoundNotice } from '@iotw/nodes/messages';
import { PACKED_DEVICE_BYTES } from '@iotw/nodes/messages';
import type { Genesis } from '@iotw/protocol/genesis';
import { type HelloAssigner, helloAssigners } from '@iotw/protocol/hello';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import {
  type Directory,
  deviceRevoked,
  deviceUnknown,
  mayHost,
  nodeSuspended,
  ticketsOf,
} from './directory.js';

/** Keys one after another, 32 bytes each: what a process without a ledger keeps, to find its peers again. */
const TABLE = 'directory';
const LANE_KEYS = utf8('lane-keys');
const TRUST_LINKS = utf8('trust-links');
const LEDGER_LINKS = utf8('ledger-links');

interface LinkKeys {
  readonly trust: readonly Uint8Array[];
  readonly ledger: readonly Uint8Array[];
}

/** What a message changed. */
export interface DirectoryChange {
  /** Link or signing keys are others now: to be made durable, and links to be looked over. */
  readonly keys: boolean;
  /** Devices lost their right, or the keys they are told changed. */
  readonly devices: boolean;
}

const NOTHING: DirectoryChange = { keys: false, devices: false };

/**
 * The directory of a process without a ledger: starts from the genesis or the keys it saved, follows the
 * views and notices of ledger servers. A notice after a gap changes nothing; the trust node asks for the gap.
 */
export class RemoteDirectory implements Directory {
  #round = 0;
  #epoch = 0;
  #epochMs: number;
  #snapshot: EpochSnapshot | undefined;
  /** Of the epoch before the running one. */
  #before: EpochSnapshot | undefined;
  #trustKeys: readonly Uint8Array[];
  #linkKeys: LinkKeys;
  /** As the ledger was heard last; before that, the genesis' nodes are all that is known. */
  #nodes: NodeSet | undefined;
  #peers = new Map<string, PeerIdentity>();
  #devices = new Map<string, number>();
  readonly #revoked = new Set<number>();

  constructor(genesis: Genesis, store: Store) {
    this.#epochMs = genesis.parameters.epochMs;
    genesis.devices.forEach((device, number) => {
      this.#devices.set(toHex(device.key), number);
    });
    const saved = (key: Uint8Array): Uint8Array[] | undefined => splitKeys(store.get(TABLE, key));
    this.#trustKeys = saved(LANE_KEYS) ?? genesis.trustNodes.map(({ key }) => key);
    this.#linkKeys = {
      trust: saved(TRUST_LINKS) ?? genesis.trustNodes.map(({ linkKey }) => linkKey),
      ledger: saved(LEDGER_LINKS) ?? genesis.ledgerServers.map(({ linkKey }) => linkKey),
    };
    this.#indexPeers();
  }

  get epoch(): number {
    return this.#epoch;
  }

  get epochMs(): number {
    return this.#epochMs;
  }

  tickets(): { seed: Uint8Array; bits: number } | undefined {
    return ticketsOf(this.#snapshot);
  }

  assigners(): readonly HelloAssigner[] {
    return helloAssigners([this.#before, this.#snapshot]);
  }

  laneKeys(): readonly Uint8Array[] {
    return this.#trustKeys;
  }

  authorize(deviceKey: Uint8Array): Result<number> {
    const device = this.#devices.get(toHex(deviceKey));
    if (device === undefined) return deviceUnknown();
    return this.#revoked.has(device) ? deviceRevoked() : ok(device);
  }

  hosting(trustNode: number): Result<void> {
    const standing =
      this.#nodes === undefined
        ? trustNode < this.#trustKeys.length
        : this.#nodes.trust[trustNode]?.standing === true;
    return mayHost(trustNode, standing, this.#snapshot) ? ok(undefined) : nodeSuspended(trustNode);
  }

  peerOf(linkKey: Uint8Array): PeerIdentity | undefined {
    return this.#peers.get(toHex(linkKey));
  }

  /** Follows what a ledger server says. */
  follow(message: PeerMessage): DirectoryChange {
    if (message.kind === 'view') return this.#replace(message.view);
    if (message.kind === 'notice') return this.#apply(message.notice);
    return NOTHING;
  }

  /** What makes the keys durable. */
  saved(): Write[] {
    const write = (key: Uint8Array, keys: readonly Uint8Array[]): Write => ({
      table: TABLE,
      key,
      value: concatBytes(...keys),
    });
    return [
      write(LANE_KEYS, this.#trustKeys),
      write(TRUST_LINKS, this.#linkKeys.trust),
      write(LEDGER_LINKS, this.#linkKeys.ledger),
    ];
  }

  #replace(view: ChainViewState): DirectoryChange {
    if (view.round < this.#round) return NOTHING;
    this.#round = view.round;
    this.#epoch = view.epoch;
    const running = view.snapshots.find(({ epoch }) => epoch === view.epoch);
    this.#epochMs = running?.parameters.epochMs ?? this.#epochMs;
    this.#before = view.snapshots.find(({ epoch }) => epoch + 1 === view.epoch);
    this.#snapshot = running;
    if (view.devices !== undefined) {
      this.#devices = new Map();
      this.#revoked.clear();
      this.#addDevices(view.devices);
    }
    return { keys: this.#takeNodes(view.nodes), devices: true };
  }

  #apply(notice: RoundNotice): DirectoryChange {
    if (notice.header.number !== this.#round + 1) return NOTHING;
    this.#round = notice.header.number;
    this.#epoch = notice.header.epoch;
    this.#epochMs = notice.snapshot?.parameters.epochMs ?? this.#epochMs;
    if (notice.snapshot !== undefined) {
      this.#before = this.#snapshot;
      this.#snapshot = notice.snapshot;
    }
    if (notice.registered !== undefined) this.#addDevices(notice.registered);
    for (const device of notice.revoked ?? []) this.#revoked.add(device);
    const keys = notice.nodes !== undefined && this.#takeNodes(notice.nodes);
    return { keys, devices: keys || notice.revoked !== undefined };
  }

  #addDevices(packed: Uint8Array): void {
    for (let at = 0; at < packed.length; at += PACKED_DEVICE_BYTES)
      this.#devices.set(toHex(packed.subarray(at + 4, at + PACKED_DEVICE_BYTES)), readU32(packed, at));
  }

  #takeNodes(nodes: NodeSet): boolean {
    this.#nodes = nodes;
    const before = fingerprint(this.#trustKeys, this.#linkKeys);
    this.#trustKeys = nodes.trust.map(({ key }) => key);
    const links = (list: NodeSet['trust']) => list.map(({ linkKey }) => linkKey);
    this.#linkKeys = { trust: links(nodes.trust), ledger: links(nodes.ledger) };
    if (fingerprint(this.#trustKeys, this.#linkKeys) === before) return false;
    this.#indexPeers();
    return true;
  }

  #indexPeers(): void {
    this.#peers = new Map();
    this.#linkKeys.trust.forEach((key, index) => {
      this.#peers.set(toHex(key), { role: 'trust', index });
    });
    this.#linkKeys.ledger.forEach((key, index) => {
      this.#peers.set(toHex(key), { role: 'ledger', index });
    });
  }
}

function fingerprint(trustKeys: readonly Uint8Array[], links: LinkKeys): string {
  return [...trustKeys, ...links.trust, ...links.ledger].map(toHex).join();
}

function splitKeys(value: Uint8Array | undefined): Uint8Array[] | undefined {
  if (value === undefined) return undefined;
  return Array.from({ length: value.length / 32 }, (_, i) => value.slice(32 * i, 32 * i + 32));
}
