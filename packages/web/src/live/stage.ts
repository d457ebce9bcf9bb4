import { WORLD } from '../map/world.ts';
import type { Scene } from './scene.ts';

/** How the map lies on the screen. All lengths in CSS pixels. */
export interface Stage {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit of the map, and where its corner lies. */
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  readonly api: Box;
  /** Frame around all ledger servers, and each of them in it. */
  readonly ledger: Box;
  readonly ledgerServers: readonly Box[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Room above the map for the layers that have no place on it. */
const SKY = 74;
/** On screens narrower than this, the map shows the part of the world where the network is. */
const NARROW = 560;
const MARGIN = 75;

export function stageOf(scene: Scene, width: number): Stage {
  let [from, to] = [0, WORLD.width as number];
  const xs = [...scene.used].map((region) => scene.regions[region]!.x);
  if (width < NARROW && xs.length > 0) {
    from = Math.max(0, Math.min(...xs) - MARGIN);
    to = Math.min(WORLD.width, Math.max(from + 500, Math.max(...xs) + MARGIN));
    from = Math.max(0, Math.min(from, to - 500));
  }
  const scale = width / (to - from);
  const api = { x: 8, y: 26, width: Math.min(130, width * 0.3), height: 26 };
  const ledger = { x: width * 0.45, y: 22, width: width * 0.55 - 8, height: 34 };
  const count = Math.max(1, scene.ledgerServers.length);
  const each = Math.min(130, (ledger.width - 8) / count);
  const first = ledger.x + (ledger.width - each * count) / 2;
  return {
    ...{ width, height: Math.round(SKY + WORLD.height * scale), scale, left: -from * scale, top: SKY },
    ...{ api, ledger },
    ledgerServers: scene.ledgerServers.map((_, at) => ({
      x: first + at * each + 3,
      y: 26,
      width: Math.max(4, each - 6),
      height: 26,
    })),
  };
}

/** A point of the map on the screen. */
export function onStage(stage: Stage, { x, y }: { readonly x: number; readonly y: number }) {
  return { x: stage.left + x * stage.scale, y: stage.top + y * stage.scale };
}

/** The lower middle of a box: where lines to it end. */
export function gate({ x, y, width, height }: Box) {
  return { x: x + width / 2, y: y + height };
}
