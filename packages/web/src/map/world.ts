import { type GeoProjection, geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import world from 'world-atlas/land-110m.json';
import type { Position } from './places.ts';

const topology = world as unknown as Parameters<typeof feature>[0];
const land = feature(topology, topology.objects.land!);

/** The map's own size; everything else is scaled. Most of the ice is cut off. */
export const WORLD = { width: 1_000, height: 470 } as const;

const projection: GeoProjection = geoNaturalEarth1()
  .scale(178)
  .translate([WORLD.width / 2, 262]);

/** All land as an SVG path in the map's size. */
export const landPath: string = geoPath(projection)(land) ?? '';

/** A position in the map's size. */
export function onMap(position: Position): readonly [x: number, y: number] {
  return projection([...position]) ?? [WORLD.width / 2, WORLD.height / 2];
}
