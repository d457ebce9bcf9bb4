/** One event of a server-sent stream. */
export interface ServerEvent {
  /** What Last-Event-ID has to say to go on behind it; '' before the first id. */
  readonly id: string;
  /** `message` where the stream names none. */
  readonly type: string;
  readonly data: string;
}

/** Characters of one event; a longer one ends the stream. */
export const MAX_EVENT_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads an event stream (WHATWG HTML, "Server-sent events", 9.2.6) that comes in pieces cut anywhere.
 * Pure: text in, events out.
 */
export class EventStreamParser {
  /** Id of the last event, kept over reconnections. */
  lastEventId: string;
  /** Pause before reconnecting that the server asked for, ms. */
  retryMs: number | undefined;
  /** Characters waiting for the end of their event; above MAX_EVENT_CHARACTERS give up the stream. */
  get waiting(): number {
    return this.#line.length + this.#data.length;
  }
  #line = '';
  #afterReturn = false;
  #first = true;
  #data = '';
  #hasData = false;
  #type = '';
  #id: string;

  constructor(lastEventId = '') {
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  /** The events that `text` completes, in order. */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    let rest = text;
    if (this.#first && rest !== '') {
      this.#first = false;
      if (rest.startsWith('\uFEFF')) rest = rest.slice(1);
    }
    // CR LF cut in two: the line feed belongs to the line that the return ended.
    if (this.#afterReturn && rest !== '') {
      this.#afterReturn = false;
      if (rest.startsWith('\n')) rest = rest.slice(1);
    }
    let from = 0;
    for (const match of rest.matchAll(/\r\n|\n|\r/g)) {
      this.#take(this.#line + rest.slice(from, match.index), events);
      this.#line = '';
      from = match.index + match[0].length;
    }
    if (rest.endsWith('\r')) this.#afterReturn = true;
    this.#line += rest.slice(from);
    return events;
  }

  #take(line: string, events: ServerEvent[]): void {
    if (line === '') {
      this.#dispatch(events);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const raw = colon === -1 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'data') {
      this.#data += `${value}\n`;
      this.#hasData = true;
    } else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(events: ServerEvent[]): void {
    this.lastEventId = this.#id;
    if (this.#hasData) {
      events.push({ id: this.#id, type: this.#type || 'message', data: this.#data.slice(0, -1) });
    }
    this.#data = '';
    this.#hasData = false;
    this.#type = '';
  }
}
