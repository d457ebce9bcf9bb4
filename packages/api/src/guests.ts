import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type KeyPair, sign } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { registerDigest } from '@iotw/protocol/digests';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import type { ApiContext } from './context.js';
import { HourlyCounts } from './hourly-counts.js';
import { GUESTS_PER_ADDRESS_HOUR } from './limits.js';
import { isLoopback } from './stream/streams.js';

/** The batch under which people join with an app: its key vouches, its quota bounds them all (spec: clause 7.10). */
export interface GuestOptions {
  readonly keys: KeyPair;
  readonly maker: number;
  readonly batch: number;
}

/** What a browser needs to register as a device of class `user`. */
export interface GuestVoucher {
  readonly maker: number;
  readonly batch: number;
  readonly region: number;
  /** Hex. */
  readonly batchSignature: string;
}

/** Vouches for people's devices, so many per address of the internet and hour; the ledger holds the batch's quota. */
export class Guests {
  readonly #context: ApiContext;
  readonly #options: GuestOptions;
  readonly #perAddress = new HourlyCounts(GUESTS_PER_ADDRESS_HOUR);

  constructor(context: ApiContext, options: GuestOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** How many more may join; 0 as well where the batch is unknown or revoked. */
  get left(): number {
    const { ledger } = this.#context.backend;
    const { batches } = ledger.makers;
    const row = batches.find(this.#options.maker, this.#options.batch);
    if (row < 0 || batches.isRevoked(row, ledger.round)) return 0;
    return Math.max(0, batches.col.quota[row]! - batches.col.used[row]!);
  }

  /**
   * The batch's signature for a device's key (hex) in a region. Errors: `guest-key`, `device-exists`, `device-region`, `guest-quota`,
   * `guest-limit`.
   */
  vouch(key: string, region: number, address: string): Result<GuestVoucher> {
    const { backend } = this.#context;
    const device = fromHex(key, 32);
    if (device === undefined) return fail('guest-key', "The device's key is 64 lower-case hex characters.");
    if (backend.ledger.devices.find(device) !== -1) {
      return fail('device-exists', 'The device is on the ledger already: it needs no voucher.');
    }
    if (region >= backend.genesis.regions.length) {
      return fail('device-region', `This network has ${backend.genesis.regions.length} regions, from 0.`);
    }
    if (this.left === 0) {
      return fail(
        'guest-quota',
        'As many people have joined this network as may: ask its operator for room.',
      );
    }
    if (!isLoopback(address) && !this.#perAddress.take(address, Date.now())) {
      return fail(
        'guest-limit',
        'As many devices have joined from this address of the internet as may in an hour: come back later.',
      );
    }
    const { keys, maker, batch } = this.#options;
    const content = { key: device, maker, batch, region, deviceClass: DEVICE_CLASS.user };
    const batchSignature = toHex(sign(registerDigest(backend.network, content), keys.secretKey));
    return ok({ maker, batch, region, batchSignature });
  }
}
