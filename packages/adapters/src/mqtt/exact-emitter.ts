/**
 * The message bus inside the embedded broker. Devices may subscribe to their own topics and hello
 * only, never to a pattern, so a map of exact topics replaces the topic trie: an answer that
 * nobody subscribes to costs one lookup, and a pattern that slipped past the access list matches nothing.
 * Implements the interface of mqemitter that aedes uses.
 */
interface BusPacket {
  readonly topic: string;
}
type Listener = (packet: BusPacket, done: () => void) => void;

export class ExactEmitter {
  closed = false;
  private readonly listeners = new Map<string, Listener[]>();

  on(topic: string, listener: Listener, done?: () => void): this {
    const list = this.listeners.get(topic);
    if (list === undefined) this.listeners.set(topic, [listener]);
    else list.push(listener);
    if (done) setImmediate(done);
    return this;
  }

  removeListener(topic: string, listener: Listener, done?: () => void): this {
    const list = this.listeners.get(topic)?.filter((each) => each !== listener);
    if (list !== undefined && list.length > 0) this.listeners.set(topic, list);
    else this.listeners.delete(topic);
    if (done) setImmediate(done);
    return this;
  }

  /** Delivers in order; `done` comes never synchronously, because the caller may stand inside a parser. */
  emit(packet: BusPacket, done?: (error?: Error) => void): this {
    const list = this.closed ? undefined : this.listeners.get(packet.topic);
    let waiting = list?.length ?? 0;
    if (list === undefined || waiting === 0) {
      if (done) process.nextTick(done);
      return this;
    }
    const delivered = () => {
      waiting -= 1;
      if (waiting === 0 && done) process.nextTick(done);
    };
    for (const listener of list) listener(packet, delivered);
    return this;
  }

  close(done?: () => void): this {
    this.closed = true;
    this.listeners.clear();
    if (done) setImmediate(done);
    return this;
  }
}
