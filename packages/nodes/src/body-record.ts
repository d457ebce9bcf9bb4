import type { Store, Write } from '@iotw/kernel/ports/store';
import type { BlockHeader } from '@iotw/protocol/header';

/**
 * The bodies of blocks on disk, each once (ADR 10): a lane's own record and the record of the round that
 * holds the block both refer to it by the block's place and root. The body becomes durable with whichever of the
 * two is written first, in the same commit.
 */
export const BODY_TABLE = 'bodies';

type BodyOf = Pick<BlockHeader, 'lane' | 'incarnation' | 'height' | 'root'>;

const PLACE_BYTES = 14;

/** lane u16, incarnation u32, height u64, big-endian: a lane's bodies lie side by side in order. Then the root. */
function bodyKey({ lane, incarnation, height, root }: BodyOf): Uint8Array {
  const key = new Uint8Array(PLACE_BYTES + root.length);
  const view = new DataView(key.buffer);
  view.setUint16(0, lane);
  view.setUint32(2, incarnation);
  view.setBigUint64(6, BigInt(height));
  key.set(root, PLACE_BYTES);
  return key;
}

/** `body`: not to be changed any more; the same array given again is not written again. */
export function bodyWrite(header: BodyOf, body: Uint8Array): Write {
  return { table: BODY_TABLE, key: bodyKey(header), value: body, once: true };
}

export function bodyErase(header: BodyOf): Write {
  return { table: BODY_TABLE, key: bodyKey(header), value: undefined };
}

/** undefined: it is not there. */
export function storedBody(store: Pick<Store, 'get'>, header: BodyOf): Uint8Array | undefined {
  return store.get(BODY_TABLE, bodyKey(header));
}
