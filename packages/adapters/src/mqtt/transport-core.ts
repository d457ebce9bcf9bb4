/** What both transports share: handlers, counters, incidents, hello and the rate of one device. */
import { LOGIN_TOKEN_BYTES } from '@iotw/protocol/device-wire';
import { helloMessage, PROTOCOL_VERSION } from '@iotw/protocol/hello';
import type { FailpointName } from '../failpoints/failpoint-names.js';
import type { Failpoints } from '../failpoints/failpoints.js';
import type { MessageHandler, Presence, PresenceHandler, TransportOptions } from './device-transport.js';
import { Incidents } from './incidents.js';
import { DEFAULT_LIMITS, type TransportLimits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

/** Milliseconds of a clock that never steps back. */
export const monotonicMs = (): number => performance.now();

/** The rate state of one device. */
export interface DeviceRate {
  readonly bucket: TokenBucket;
  /** Messages dropped so far. */
  excess: number;
}

export class TransportCore {
  readonly limits: TransportLimits;
  readonly incidents: Incidents;
  logins = 0;
  assignments = 0;
  results = 0;
  transactions = 0;
  telemetry = 0;
  readonly failpoints: Failpoints | undefined;
  private resultHandler: MessageHandler = nobody;
  private transactionHandler: MessageHandler = nobody;
  private telemetryHandler: MessageHandler = nobody;
  private statusHandler: MessageHandler = nobody;
  private presenceHandler: PresenceHandler = () => {};

  constructor(options: TransportOptions) {
    this.failpoints = options.failpoints;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.incidents = new Incidents(options.log, this.limits.logPerSecond, monotonicMs);
  }

  onResult(handler: MessageHandler): void {
    this.resultHandler = handler;
  }
  onTransaction(handler: MessageHandler): void {
    this.transactionHandler = handler;
  }
  onTelemetry(handler: MessageHandler): void {
    this.telemetryHandler = handler;
  }
  onStatus(handler: MessageHandler): void {
    this.statusHandler = handler;
  }
  onPresenceChange(handler: PresenceHandler): void {
    this.presenceHandler = handler;
  }

  newRate(): DeviceRate {
    return {
      bucket: new TokenBucket(this.limits.messagesPerSecond, this.limits.messageBurst, monotonicMs()),
      excess: 0,
    };
  }

  /** `pass`, or `drop` this message, or `close` the device: it has had enough dropped. Counts `mqtt-rate-exceeded`. */
  admitMessage(rate: DeviceRate, device: string): 'pass' | 'drop' | 'close' {
    if (rate.bucket.take(monotonicMs())) return 'pass';
    rate.excess += 1;
    this.incidents.add({ code: 'mqtt-rate-exceeded', device });
    return rate.excess > this.limits.excessBeforeClose ? 'close' : 'drop';
  }

  /** Hands a message to its handler, with bytes of its own: parsers hand out views of large read buffers. */
  deliver(leaf: 'result' | 'tx' | 'telemetry' | 'status', device: string, payload: Uint8Array): void {
    this.failpoints?.hit(RECEIVED[leaf]);
    const bytes = new Uint8Array(payload);
    if (leaf === 'result') {
      this.results += 1;
      this.resultHandler(device, bytes);
    } else if (leaf === 'tx') {
      this.transactions += 1;
      this.transactionHandler(device, bytes);
    } else if (leaf === 'status') {
      this.statusHandler(device, bytes);
    } else {
      this.telemetry += 1;
      this.telemetryHandler(device, bytes);
    }
  }

  presence(device: string, presence: Presence): void {
    this.failpoints?.hit('mqtt-presence');
    this.presenceHandler(device, presence);
  }
}

function nobody(): void {}

const RECEIVED = {
  result: 'mqtt-result',
  tx: 'mqtt-transaction',
  telemetry: 'mqtt-telemetry',
  status: 'mqtt-status',
} as const satisfies Record<string, FailpointName>;

/** Topics whose messages the trust node's machine reads. A login token on `status` is the transport's own affair. */
export function isDelivered(
  leaf: string,
  payload: Uint8Array,
): leaf is 'result' | 'tx' | 'telemetry' | 'status' {
  if (leaf === 'status') return payload.length > 0 && payload.length !== LOGIN_TOKEN_BYTES;
  return leaf === 'result' || leaf === 'tx' || leaf === 'telemetry';
}

/** The hello of this trust node as it stands; `announce` where a broker in between hides the login. */
export function transportHello(options: TransportOptions, session: string, announce = false): Uint8Array {
  const tickets = options.tickets?.();
  const assigners = options.assigners?.() ?? [];
  const hosts = options.hosts?.() ?? [];
  return helloMessage({
    protocolVersion: PROTOCOL_VERSION,
    network: options.network,
    trustNode: options.trustNode,
    epoch: options.epoch(),
    session,
    laneKeys: options.laneKeys(),
    announce,
    ...(assigners.length === 0 ? {} : { assigners }),
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(tickets === undefined ? {} : { tickets }),
    ...(options.epochMs === undefined ? {} : { epochMs: options.epochMs() }),
  });
}
