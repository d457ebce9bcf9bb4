import type { Result } from '@iotw/kernel/result';
import { type CertifiedBlock, decodeCertifiedBlock } from '@iotw/protocol/certificate';
import type { Connection } from './connection.js';
import { callBytes, path } from './request.js';

/**
 * GET /v1/blocks/:lane/:height in SSZ, with its body: what `verifyBlock` takes.
 * Codes: those of a call, `block-not-found`, `malformed`.
 */
export async function getCertifiedBlock(
  connection: Connection,
  lane: number,
  height: number,
): Promise<Result<CertifiedBlock>> {
  const bytes = await callBytes(connection, {
    path: path`/v1/blocks/${lane}/${height}`,
    accept: 'application/octet-stream',
  });
  return bytes.ok ? decodeCertifiedBlock(bytes.value) : bytes;
}
