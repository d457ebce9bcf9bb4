import { BoundedMap } from '@iotw/kernel/bounded-map';
import { FIRST_SENDER_CODE, RESULT_CODES } from '@iotw/protocol/result';

export interface DevicePlaceLimits {
  /** Transactions that one device may have on their way, those that cost the lane lately included. */
  readonly perDevice: number;
  /** Epochs for which a transaction that cost the lane keeps its place. */
  readonly keptEpochs: number;
  /** Devices remembered; the oldest is forgotten. */
  readonly devices: number;
}

export const DEFAULT_DEVICE_PLACES: DevicePlaceLimits = { perDevice: 16, keptEpochs: 60, devices: 65_536 };

interface Places {
  onTheirWay: number;
  /** Transactions that cost the lane since epoch `since`. */
  cost: number;
  since: number;
}

/**
 * What devices may hand in by their `tx` topic where no ledger is at hand to screen it: a device has a few places;
 * a transaction takes one until it is decided, and one that the lane had to pay for keeps it for many epochs.
 * Keys cost nothing, but registered devices are scarce: so the lane's loss is at most perDevice floor
 * fees a device in keptEpochs epochs (spec: clause 10.2), whatever keys sign.
 */
export class DevicePlaces {
  readonly #limits: DevicePlaceLimits;
  readonly #devices: BoundedMap<string, Places>;

  constructor(limits: DevicePlaceLimits = DEFAULT_DEVICE_PLACES) {
    this.#limits = limits;
    this.#devices = new BoundedMap(limits.devices);
  }

  /** Takes a place for a transaction of `device` in the running epoch; false: it has none left (`device-tx-full`). */
  take(device: string, epoch: number): boolean {
    const known = this.#devices.get(device);
    const places = known ?? { onTheirWay: 0, cost: 0, since: epoch };
    if (epoch >= places.since + this.#limits.keptEpochs) {
      places.cost = 0;
      places.since = epoch;
    }
    if (places.onTheirWay + places.cost >= this.#limits.perDevice) return false;
    places.onTheirWay += 1;
    if (known === undefined) this.#devices.set(device, places);
    return true;
  }

  /** The transaction is decided with that result, or was never taken in (undefined). */
  leave(device: string, result: number | undefined, epoch: number): void {
    const places = this.#devices.get(device);
    if (places === undefined) return;
    places.onTheirWay = Math.max(0, places.onTheirWay - 1);
    if (result !== undefined && costsLane(result)) {
      if (places.cost === 0) places.since = epoch;
      places.cost += 1;
    }
  }
}

/** Whether a round's result was the including lane's cost. */
function costsLane(result: number): boolean {
  return (result > 0 && result < FIRST_SENDER_CODE) || result === RESULT_CODES['fee-unpaid'];
}
