import { z } from 'zod';

/** Forms that stand in many answers. Amounts are base units (10^-6 IOTW), exact integers. */
export const Hex32 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('32 bytes in hex');
export const Bytes = z.string().describe('bytes in hex');
export const Amount = z.int().describe('base units, 10^-6 IOTW');
export const Count = z.int().min(0);
export const TimeMs = z.int().describe('agreed time, ms since 1970');
export const Address = z.string().describe('bech32m address');
/** An object whose fields the spec lays down (clause 13). */
export const SpecObject = z.record(z.string(), z.unknown());
