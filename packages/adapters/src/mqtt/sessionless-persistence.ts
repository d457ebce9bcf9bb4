/**
 * A persistence for the embedded broker that keeps nothing about any client: no stored sessions,
 * no offline queues, no wills, no retained messages, so that no message outlives a right and no
 * sequence of packets makes memory grow. The one retained message there is, hello, is made on demand.
 * (aedes' default keeps a map entry per client id after a QoS 2 packet or an acknowledgement, for ever.)
 */
import { Readable } from 'node:stream';

interface StoredMessage {
  readonly cmd: 'publish';
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0;
  readonly retain: true;
}

export class SessionlessPersistence {
  constructor(
    private readonly retainedTopic: string,
    private readonly retainedPayload: () => Uint8Array,
  ) {}

  async setup(_broker: unknown): Promise<void> {}

  async storeRetained(): Promise<void> {}
  createRetainedStream(topic: string): Readable {
    return this.createRetainedStreamCombi([topic]);
  }
  createRetainedStreamCombi(topics: readonly string[]): Readable {
    const found: StoredMessage[] = [];
    if (topics.includes(this.retainedTopic)) {
      const payload = Buffer.from(this.retainedPayload());
      found.push({ cmd: 'publish', topic: this.retainedTopic, payload, qos: 0, retain: true });
    }
    return Readable.from(found);
  }

  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}
  async subscriptionsByClient(): Promise<[]> {
    return [];
  }
  async subscriptionsByTopic(): Promise<[]> {
    return [];
  }
  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return { subsCount: 0, clientsCount: 0 };
  }

  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(): Promise<undefined> {
    return undefined;
  }
  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket(): Promise<void> {}
  /** Never found: QoS 2 is refused before it comes here. */
  async incomingGetPacket(): Promise<undefined> {
    return undefined;
  }
  async incomingDelPacket(): Promise<void> {}

  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {
    return undefined;
  }
  async delWill(): Promise<undefined> {
    return undefined;
  }
  streamWill(): Readable {
    return Readable.from([]);
  }
  getClientList(): Readable {
    return Readable.from([]);
  }

  async destroy(): Promise<void> {}
}
