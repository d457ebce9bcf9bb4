import { concatBytes, readU64, utf8, writeU64 } from '@iotw/kernel/bytes';
import type { Store, Write } from '@iotw/kernel/ports/store';
import { type EngineOrigin, EngineOriginType } from '@iotw/nodes/engine/origin';

const TABLE = 'engine';
const KEY = utf8('cometbft-height');
const ORIGIN_KEY = utf8('cometbft-origin');

/** The write that says which height of CometBFT the durable state stands for. */
export function heightWrite(height: number): Write {
  const value = new Uint8Array(8);
  writeU64(value, 0, height);
  return { table: TABLE, key: KEY, value };
}

/** The height of CometBFT that the store's rounds stand for; 0 where it has run on another engine or not at all. */
export function readHeight(store: Pick<Store, 'get'>): number {
  const value = store.get(TABLE, KEY);
  return value === undefined ? 0 : readU64(value, 0);
}

function roundKey(round: number): Uint8Array {
  const number = new Uint8Array(8);
  writeU64(number, 0, round);
  return concatBytes(utf8('round-height'), number);
}

/** The write that says which height of CometBFT holds a round: the commit of the next one proves it. */
export function roundHeightWrite(round: number, height: number): Write {
  return { ...heightWrite(height), key: roundKey(round) };
}

/** The write that forgets it, with the round. */
export function roundHeightErase(round: number): Write {
  return { table: TABLE, key: roundKey(round), value: undefined };
}

/** The height that holds a round; undefined where the store's rounds came otherwise. */
export function readRoundHeight(store: Pick<Store, 'get'>, round: number): number | undefined {
  const value = store.get(TABLE, roundKey(round));
  return value === undefined ? undefined : readU64(value, 0);
}

const RETAIN_KEY = utf8('cometbft-retain');

/** The write that says below which height CometBFT was told to let its blocks go. */
export function retainWrite(height: number): Write {
  return { ...heightWrite(height), key: RETAIN_KEY };
}

/** 0: it keeps all. */
export function readRetain(store: Pick<Store, 'get'>): number {
  const value = store.get(TABLE, RETAIN_KEY);
  return value === undefined ? 0 : readU64(value, 0);
}

/** Written with a state that came by state sync, removed once CometBFT goes on from it. */
const JOINING = { table: TABLE, key: utf8('joining') };

export function joiningWrite(joining: boolean): Write {
  return { ...JOINING, value: joining ? Uint8Array.of(1) : undefined };
}

/** Whether the stored state came by state sync and CometBFT may not go on from it yet. */
export function isJoining(store: Pick<Store, 'get'>): boolean {
  return store.get(JOINING.table, JOINING.key) !== undefined;
}

/** The write that carries a ledger over to CometBFT: from that round on no other engine orders it. */
export function originWrite(origin: EngineOrigin): Write {
  return { table: TABLE, key: ORIGIN_KEY, value: EngineOriginType.serialize(origin) };
}

/** Where the store's ledger was carried over; undefined: it was not, or has run on CometBFT from its genesis on. */
export function readOrigin(store: Pick<Store, 'get'>): EngineOrigin | undefined {
  const value = store.get(TABLE, ORIGIN_KEY);
  return value === undefined ? undefined : EngineOriginType.deserialize(value);
}
