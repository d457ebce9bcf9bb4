import type { Result } from '@iotw/kernel/result';

/**
 * The boot counter of a device (spec: clause 8). With the counter inside a boot it numbers the
 * attestations, so it must never repeat: `next` raises it and resolves only when the new number is
 * durable. Losing the store means losing the device's key as well: register it anew.
 */
export interface BootStore {
  /** Errors: `boot-store-locked`, `boot-store-failed`, `boot-store-exhausted`. */
  next(): Promise<Result<number>>;
  close(): Promise<void>;
}

/** The counter is a u32. */
export const MAX_BOOT = 0xffff_ffff;
