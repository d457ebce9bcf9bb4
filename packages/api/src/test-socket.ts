/** Test support: a client's end of the API's WebSocket, with its answers in order. */
import { WebSocket } from 'ws';

export class TestSocket {
  readonly #socket: WebSocket;
  readonly #answers: (string | Uint8Array)[] = [];
  readonly #waiting: ((answer: string | Uint8Array) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, binary: boolean) => {
      const answer = binary ? new Uint8Array(data) : data.toString();
      const next = this.#waiting.shift();
      if (next === undefined) this.#answers.push(answer);
      else next(answer);
    });
  }

  /** `api`: the API's http address; `query` begins with `?`. */
  static open(api: string, query = ''): Promise<TestSocket> {
    const socket = new WebSocket(`${api.replace('http', 'ws')}/v1/stream${query}`);
    const client = new TestSocket(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  /** Sends text or a binary frame and gives the next answer. */
  ask(message: string | Uint8Array): Promise<string | Uint8Array> {
    this.#socket.send(message);
    const answer = this.#answers.shift();
    return answer === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(answer);
  }

  close(): void {
    this.#socket.terminate();
  }
}
