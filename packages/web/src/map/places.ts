/** Where the names of regions lie: longitude, latitude. Genesis files name cities, countries or clouds' regions. */
const KNOWN: Readonly<Record<string, readonly [longitude: number, latitude: number]>> = {
  taipei: [121.5, 25.0],
  singapore: [103.8, 1.35],
  frankfurt: [8.7, 50.1],
  oregon: [-120.5, 44.0],
  tokyo: [139.7, 35.7],
  osaka: [135.5, 34.7],
  seoul: [127.0, 37.6],
  'hong kong': [114.2, 22.3],
  mumbai: [72.9, 19.1],
  sydney: [151.2, -33.9],
  jakarta: [106.8, -6.2],
  bangkok: [100.5, 13.8],
  dubai: [55.3, 25.2],
  'tel aviv': [34.8, 32.1],
  johannesburg: [28.0, -26.2],
  'cape town': [18.4, -33.9],
  nairobi: [36.8, -1.3],
  lagos: [3.4, 6.5],
  london: [-0.1, 51.5],
  dublin: [-6.3, 53.3],
  paris: [2.35, 48.9],
  amsterdam: [4.9, 52.4],
  berlin: [13.4, 52.5],
  zurich: [8.5, 47.4],
  milan: [9.2, 45.5],
  madrid: [-3.7, 40.4],
  warsaw: [21.0, 52.2],
  stockholm: [18.1, 59.3],
  helsinki: [24.9, 60.2],
  virginia: [-78.0, 38.0],
  ohio: [-82.9, 40.4],
  iowa: [-93.6, 42.0],
  texas: [-99.0, 31.5],
  california: [-121.0, 37.4],
  montreal: [-73.6, 45.5],
  toronto: [-79.4, 43.7],
  'sao paulo': [-46.6, -23.6],
  santiago: [-70.7, -33.5],
  bogota: [-74.1, 4.7],
  mexico: [-99.1, 19.4],
  asia: [105, 30],
  europe: [12, 49],
  africa: [20, 3],
  'north america': [-98, 40],
  'south america': [-59, -14],
  oceania: [134, -25],
};

/** Places on open sea for regions whose names say nothing: apart from each other and from the known ones. */
const SPARE: readonly (readonly [number, number])[] = [
  ...([
    [-35, 32],
    [-25, -15],
    [75, -20],
    [-140, 5],
    [-110, -25],
    [165, 25],
  ] as const),
  ...([
    [60, 0],
    [-160, 40],
    [5, -35],
    [-50, 48],
    [175, -10],
    [95, -38],
  ] as const),
];

export type Position = readonly [longitude: number, latitude: number];

/** A position for every region, by its number in the genesis; the same names lie at the same places everywhere. */
export function placesOf(regions: readonly string[]): readonly Position[] {
  let unknown = 0;
  return regions.map((region) => {
    const name = region.toLowerCase().replaceAll(/[-_]/g, ' ').trim();
    const known = KNOWN[name] ?? Object.entries(KNOWN).find(([key]) => name.includes(key))?.[1];
    return known ?? SPARE[unknown++ % SPARE.length]!;
  });
}

/** How far a device of its region lies from the region's middle, so that a cloud of devices is round: x, y in -1 .. 1. */
export function spread(device: number): readonly [x: number, y: number] {
  // Devices go to regions in turn: without mixing their numbers each region's would lie on a spiral.
  let word = Math.imul(device + 1, 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  word ^= word >>> 16;
  const angle = ((word & 0xffff) / 0x10000) * 2 * Math.PI;
  const radius = Math.sqrt(((word >>> 16) / 0x10000) * 0.98 + 0.02);
  return [Math.cos(angle) * radius, Math.sin(angle) * radius];
}
