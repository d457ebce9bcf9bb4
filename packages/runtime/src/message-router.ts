import type { PeerId, PeerMessage } from '@iotw/nodes/messages';

export type Receive = (from: PeerId, message: PeerMessage) => void;

interface Delivery {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly message: PeerMessage;
}

/**
 * Carries what the machines say to each other: to a machine of this process by reference, to any other over
 * the mesh. Messages wait until `deliverAll`, so that no machine is entered while another one's step runs.
 */
export class MessageRouter {
  readonly #local = new Map<PeerId, Receive>();
  #remote: (from: PeerId, to: PeerId, message: PeerMessage) => void = () => {};
  #waiting: Delivery[] = [];

  /** A machine of this process. */
  add(peer: PeerId, receive: Receive): void {
    this.#local.set(peer, receive);
  }

  /** Where messages to machines of other processes go; without it they are lost, as on a broken link. */
  connect(remote: (from: PeerId, to: PeerId, message: PeerMessage) => void): void {
    this.#remote = remote;
  }

  send(from: PeerId, to: PeerId, message: PeerMessage): void {
    this.#waiting.push({ from, to, message });
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Delivers until nobody says anything more. */
  deliverAll(): void {
    while (this.#waiting.length > 0) {
      const deliveries = this.#waiting;
      this.#waiting = [];
      for (const { from, to, message } of deliveries) {
        const receive = this.#local.get(to);
        if (receive !== undefined) receive(from, message);
        else this.#remote(from, to, message);
      }
    }
  }
}
