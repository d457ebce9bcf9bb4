import { type Failure, fail, type Result } from '@iotw/kernel/result';
import {
  isSignerMessage,
  type SignerAnswers,
  type SignerCall,
  type SignerEvent,
  type SignerRequest,
  type SignerState,
} from '../signer/messages.ts';

/** What the client needs of the frame that holds the signer; a test hands in two ends of a wire. */
export interface SignerWire {
  send(call: SignerCall): void;
  /** Called with what came from the signer's own window and origin alone. */
  listen(take: (data: unknown) => void): void;
  /** Shows or hides the frame. */
  show(visible: boolean): void;
}

/** How long the signer may take to come up, ms. */
const READY_MS = 20_000;

type Answer = (answer: Result<unknown, Failure>) => void;

/** The app's end of the talk with the signer: requests and their answers, and the state as it changes. */
export class SignerClient {
  readonly #wire: SignerWire;
  readonly #waiting = new Map<number, Answer>();
  readonly #listeners = new Set<() => void>();
  readonly #ready: Promise<boolean>;
  #nextId = 1;
  #state: SignerState | undefined;

  constructor(wire: SignerWire, readyMs = READY_MS) {
    this.#wire = wire;
    this.#ready = new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), readyMs);
      wire.listen((data) => {
        if (!isSignerMessage(data)) return;
        const event = data as unknown as SignerEvent;
        if (event.kind === 'ready') {
          clearTimeout(timer);
          resolve(true);
        } else this.#take(event);
      });
    });
  }

  /** What the signer said last; undefined: nothing yet. */
  get state(): SignerState | undefined {
    return this.#state;
  }

  /** Called after each change of `state`; gives back how to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks the signer. Codes: `signer-unreachable` (it did not start), and those of its answers. */
  async request<R extends SignerRequest>(request: R): Promise<Result<SignerAnswers[R['type']]>> {
    if (!(await this.#ready)) {
      return fail(
        'signer-unreachable',
        'The signer did not start: check that the server serves it and that nothing blocks its frame, then load the page again.',
      );
    }
    const id = this.#nextId++;
    const answer = await new Promise<Result<unknown>>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#wire.send({ iotwSigner: 1, id, request });
    });
    if (answer.ok && isState(answer.value)) this.#setState(answer.value);
    return answer as Result<SignerAnswers[R['type']]>;
  }

  #take(event: SignerEvent): void {
    if (event.kind === 'show') this.#wire.show(event.visible);
    if (event.kind === 'state') this.#setState(event.state);
    if (event.kind === 'answer') {
      const answer = this.#waiting.get(event.id);
      this.#waiting.delete(event.id);
      answer?.(event.answer);
    }
  }

  #setState(state: SignerState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function isState(value: unknown): value is SignerState {
  return typeof value === 'object' && value !== null && 'vault' in value;
}
