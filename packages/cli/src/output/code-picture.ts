import type { Result } from '@iotw/kernel/result';
import { writeNew } from '../node/write-new.js';

/** A code of a device as lines for a terminal. In capitals, which take less room in a QR; readers take both. */
export async function codeLines(code: string): Promise<readonly string[]> {
  const { default: encodeQr } = await import('qr');
  return encodeQr(code.toUpperCase(), 'ascii').trimEnd().split('\n');
}

/** Writes the same as SVG for a label. Codes: those of `writeNew`. */
export async function writeLabel(path: string, code: string): Promise<Result<unknown>> {
  const { default: encodeQr } = await import('qr');
  return writeNew(path, encodeQr(code.toUpperCase(), 'svg'));
}
