import { landPath } from '../map/world.ts';
import type { LivePicture } from './picture.ts';
import { placeOfDevice, type Scene } from './scene.ts';
import { type Box, gate, onStage, type Stage } from './stage.ts';

export interface Colours {
  readonly land: string;
  readonly text: string;
  readonly surface: string;
  readonly device: string;
  readonly network: string;
  readonly flow: string;
  readonly miner: string;
  readonly witness: string;
}

export interface Names {
  readonly api: string;
  readonly ledgerServers: string;
}

type Point = { readonly x: number; readonly y: number };

const NODE = 8;
const FONT = '12px system-ui, sans-serif';

/** What stays until the network, the size or the theme changes; drawn once, and copied in every frame. */
export function drawScene(
  g: CanvasRenderingContext2D,
  scene: Scene,
  stage: Stage,
  colours: Colours,
  names: Names,
): void {
  g.clearRect(0, 0, stage.width, stage.height);
  g.save();
  g.translate(stage.left, stage.top);
  g.scale(stage.scale, stage.scale);
  g.fillStyle = colours.land;
  g.fill(new Path2D(landPath));
  g.restore();
  g.fillStyle = colours.device;
  const dot = stage.width < 560 ? 1.5 : 2.2;
  for (const device of scene.devices) {
    const at = onStage(stage, device);
    g.fillRect(at.x - dot / 2, at.y - dot / 2, dot, dot);
  }
  g.strokeStyle = colours.network;
  g.globalAlpha = 0.25;
  for (const node of scene.trustNodes) {
    const at = onStage(stage, node);
    curve(g, gate(stage.api), at);
    curve(g, at, gate(stage.ledger));
  }
  g.globalAlpha = 1;
  g.font = FONT;
  g.textAlign = 'center';
  box(g, stage.api, colours, names.api, false);
  g.fillStyle = colours.text;
  g.textBaseline = 'alphabetic';
  g.fillText(names.ledgerServers, stage.ledger.x + stage.ledger.width / 2, 15);
  g.strokeStyle = colours.network;
  g.strokeRect(stage.ledger.x, stage.ledger.y, stage.ledger.width, stage.ledger.height);
  for (const [index, at] of stage.ledgerServers.entries())
    box(g, at, colours, at.width > 14 ? String(scene.ledgerServers[index]) : '', true);
  for (const region of scene.used) label(g, scene, stage, colours, region);
  g.textBaseline = 'middle';
  for (const node of scene.trustNodes) {
    const { x, y } = onStage(stage, node);
    box(g, { x: x - NODE, y: y - NODE, width: 2 * NODE, height: 2 * NODE }, colours, String(node.lane), true);
  }
}

function label(
  g: CanvasRenderingContext2D,
  scene: Scene,
  stage: Stage,
  colours: Colours,
  region: number,
): void {
  const place = scene.regions[region]!;
  const { x, y } = onStage(stage, place);
  const half = g.measureText(place.name).width / 2 + 2;
  g.textBaseline = 'top';
  g.lineWidth = 3;
  g.strokeStyle = colours.surface;
  const at = Math.min(stage.width - half, Math.max(half, x));
  const below = Math.min(stage.height - 14, y + Math.max(NODE + 3, 31 * stage.scale));
  g.strokeText(place.name, at, below);
  g.fillStyle = colours.text;
  g.fillText(place.name, at, below);
  g.lineWidth = 1;
}

function box(g: CanvasRenderingContext2D, at: Box, colours: Colours, text: string, filled: boolean): void {
  g.beginPath();
  g.roundRect(at.x, at.y, at.width, at.height, 4);
  g.fillStyle = filled ? colours.network : colours.surface;
  g.fill();
  g.strokeStyle = filled ? colours.surface : colours.network;
  g.stroke();
  g.fillStyle = filled ? colours.surface : colours.text;
  g.textBaseline = 'middle';
  g.fillText(text, at.x + at.width / 2, at.y + at.height / 2 + 1, at.width - 4);
}

/** What moves: dots under way and the committee. Its work is bounded by what the picture holds. */
export function drawMoving(
  g: CanvasRenderingContext2D,
  { scene, stage, colours }: { readonly scene: Scene; readonly stage: Stage; readonly colours: Colours },
  picture: LivePicture,
  nowMs: number,
  still: boolean,
): void {
  const lit = picture.lit;
  if (lit !== undefined) {
    const node = nodeAt(scene, stage, lit.lane);
    g.globalAlpha = still ? 1 : picture.brightness(nowMs);
    for (const { device, region, role } of lit.members) {
      const place = placeOfDevice(scene, device, region);
      if (place === undefined) continue;
      const at = onStage(stage, place);
      g.strokeStyle = role === 'miner' ? colours.miner : colours.witness;
      g.fillStyle = g.strokeStyle;
      g.lineWidth = 1.5;
      if (node !== undefined) curve(g, node, at);
      disc(g, at, role === 'miner' ? 5.5 : 4.5);
    }
    g.globalAlpha = 1;
    g.lineWidth = 1;
  }
  if (still) return;
  g.fillStyle = colours.flow;
  for (const { flow, gone } of picture.flowsAt(nowMs)) {
    const node = nodeAt(scene, stage, flow.lane);
    if (node === undefined) continue;
    const [from, to] = flow.leg === 'to-lane' ? [gate(stage.api), node] : [node, gate(stage.ledger)];
    disc(g, along(from, to, gone), Math.min(5, 2.2 + Math.log2(1 + flow.transactions) / 2));
  }
}

function nodeAt(scene: Scene, stage: Stage, lane: number): Point | undefined {
  const node = scene.trustNodes[lane]?.lane === lane ? scene.trustNodes[lane] : undefined;
  return node === undefined ? undefined : onStage(stage, node);
}

const bend = (from: Point, to: Point): Point => ({
  x: (from.x + to.x) / 2,
  y: Math.min(from.y, to.y) * 0.5 + ((from.y + to.y) / 2) * 0.5,
});

function curve(g: CanvasRenderingContext2D, from: Point, to: Point): void {
  const middle = bend(from, to);
  g.beginPath();
  g.moveTo(from.x, from.y);
  g.quadraticCurveTo(middle.x, middle.y, to.x, to.y);
  g.stroke();
}

function along(from: Point, to: Point, t: number): Point {
  const middle = bend(from, to);
  const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
  return { x: a * from.x + b * middle.x + c * to.x, y: a * from.y + b * middle.y + c * to.y };
}

function disc(g: CanvasRenderingContext2D, { x, y }: Point, radius: number): void {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
  g.fill();
}
