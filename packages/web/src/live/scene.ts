import { placesOf, spread } from '../map/places.ts';
import { onMap } from '../map/world.ts';

/** Where everything stands, in the map's size (see `WORLD`). */
export interface Scene {
  /** By the region's number. */
  readonly regions: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  /** By lane. */
  readonly trustNodes: readonly { readonly lane: number; readonly x: number; readonly y: number }[];
  readonly ledgerServers: readonly number[];
  readonly devices: readonly { readonly x: number; readonly y: number }[];
  /** Regions that have a trust node or a device. */
  readonly used: ReadonlySet<number>;
}

/** Devices drawn at most: a cloud of more looks the same. */
export const MOST_DEVICES = 2_000;
/** Radius of a region's cloud of devices. */
const CLOUD = 30;
/** Distance of trust nodes of one region. */
const APART = 26;

export interface SceneInput {
  readonly regions: readonly string[];
  /** Region by name, as the API tells it. */
  readonly trustNodes: readonly { readonly index: number; readonly region: string }[];
  readonly ledgerServers: readonly { readonly index: number }[];
  readonly devices: readonly { readonly device: number; readonly region: number }[];
}

export function sceneOf({ regions, trustNodes, ledgerServers, devices }: SceneInput): Scene {
  const places = placesOf(regions).map(onMap);
  const used = new Set<number>();
  const inRegion = new Map<number, number>();
  const nodes: Scene['trustNodes'][number][] = [];
  for (const { index, region } of trustNodes) {
    const number = regions.indexOf(region);
    const place = places[number];
    if (place === undefined) continue;
    used.add(number);
    const before = inRegion.get(number) ?? 0;
    inRegion.set(number, before + 1);
    // Right, left, right ... of the region's place.
    const step = Math.ceil(before / 2) * (before % 2 === 0 ? -1 : 1);
    nodes.push({ lane: index, x: place[0] + step * APART, y: place[1] });
  }
  const drawn: Scene['devices'][number][] = [];
  for (const { device, region } of devices.slice(0, MOST_DEVICES)) {
    const at = deviceAt(places[region], device);
    if (at === undefined) continue;
    used.add(region);
    drawn.push(at);
  }
  return {
    regions: regions.map((name, number) => ({ name, x: places[number]![0], y: places[number]![1] })),
    trustNodes: nodes,
    ledgerServers: ledgerServers.map(({ index }) => index),
    devices: drawn,
    used,
  };
}

function deviceAt(place: readonly [number, number] | undefined, device: number) {
  if (place === undefined) return undefined;
  const [dx, dy] = spread(device);
  return { x: place[0] + dx * CLOUD, y: place[1] + dy * CLOUD };
}

/** Where a device of a region is drawn; undefined: the region is not of this network. */
export function placeOfDevice(scene: Scene, device: number, region: number) {
  const place = scene.regions[region];
  return deviceAt(place === undefined ? undefined : [place.x, place.y], device);
}
