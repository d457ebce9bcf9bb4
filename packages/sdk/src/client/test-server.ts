/** Test support: an HTTP server whose answers a test writes down. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, received: Received) => void;

export class TestServer {
  readonly received: Received[] = [];
  url = '';
  /** Answers by `METHOD path`, taken one after another; the last stays. */
  readonly #answers = new Map<string, Answer[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => this.#answer(request, response, Buffer.concat(parts)));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  on(route: string, ...answers: readonly Answer[]): void {
    this.#answers.set(route, [...answers]);
  }

  /** Requests of a route so far. */
  count(route: string): number {
    return this.received.filter(({ method, url }) => `${method} ${url.split('?')[0]}` === route).length;
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { method = '', url = '', headers } = request;
    const received = { method, url, headers, body };
    this.received.push(received);
    const answers = this.#answers.get(`${method} ${url.split('?')[0]}`);
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    (answer ?? problem(404, 'route-unknown', 'There is no such route.'))(response, received);
  }
}

export function json(value: unknown, status = 200): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

export function octets(bytes: Uint8Array): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
  };
}

export function problem(
  status: number,
  code: string,
  detail: string,
  headers: object = {},
  data?: object,
): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(
      JSON.stringify({ type: `urn:iotw:problem:${code}`, title: 'No', status, code, detail, data }),
    );
  };
}

/** The connection breaks without an answer. */
export const hangUp: Answer = (response) => {
  response.destroy();
};

/** Nothing ever comes. */
export const silence: Answer = () => undefined;
