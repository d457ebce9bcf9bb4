import { DelayProxy, type Place } from './delay-proxy.js';

/** How the sites of a network of processes reach each other. */
export interface Wiring {
  /** Address that the processes of a site listen on; clients and devices reach it too. */
  host(site: number): string;
  /** Words before every command of a site. */
  under(site: number): readonly string[];
  /** Where site `from` reaches that port of site `to`. */
  way(from: number, to: number, port: number): Promise<Place>;
  close(): Promise<void>;
}

/** One machine, and a delay between its sites where one is asked for, ms one way. */
export class LocalWiring implements Wiring {
  readonly #delayMs: number;
  readonly #proxies: DelayProxy[] = [];

  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  host(): string {
    return '127.0.0.1';
  }

  under(): readonly string[] {
    return [];
  }

  async way(from: number, to: number, port: number): Promise<Place> {
    const host = this.host();
    if (this.#delayMs === 0 || from === to) return { host, port };
    const proxy = await DelayProxy.open({ host, port }, this.#delayMs);
    this.#proxies.push(proxy);
    return proxy.place;
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }
}
