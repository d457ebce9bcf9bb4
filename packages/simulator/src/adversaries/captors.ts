import { ledgerPeer, type PeerId, trustPeer } from '@iotw/nodes/messages';
import type { Adversary } from './adversary.js';

/** Who holds whom. A party has one captor at most: the first that names it. */
export class Captors {
  readonly all: readonly Adversary[];
  readonly #devices = new Map<number, Adversary>();
  readonly #nodes = new Map<PeerId, Adversary>();

  constructor(all: readonly Adversary[]) {
    this.all = all;
    for (const adversary of [...all].reverse()) {
      for (const device of adversary.held.devices) this.#devices.set(device, adversary);
      for (const node of adversary.held.trustNodes) this.#nodes.set(trustPeer(node), adversary);
      for (const server of adversary.held.ledgerServers) this.#nodes.set(ledgerPeer(server), adversary);
    }
  }

  ofDevice(device: number): Adversary | undefined {
    return this.#devices.get(device);
  }

  ofNode(peer: PeerId): Adversary | undefined {
    return this.#nodes.get(peer);
  }
}
