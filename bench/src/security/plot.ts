/** Small deterministic SVG plots: lines over one axis, numbers rounded to a tenth of a pixel. */

export interface Series {
  readonly name: string;
  /** x and y, ascending by x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Ends of the intervals at the same places. */
  readonly bands?: readonly (readonly [low: number, high: number])[];
  readonly dashed?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Powers of ten on the y axis; points at or below `least` are left out. */
  readonly logY?: { readonly least: number };
  /** Places on the x axis that are named; six, evenly spread, unless given. */
  readonly ticks?: readonly number[];
}

const WIDTH = 640;
const HEIGHT = 380;
const AREA = { left: 70, top: 40, right: 460, bottom: 330 };
const COLOURS = ['#1f5fa8', '#b3401a', '#3a7d34', '#7a4a9c', '#9a7b00', '#444444'];
const TICKS = 5;

/** @public The plot as an SVG document. */
export function svgOf({ title, x, y, series, logY, ticks }: Plot): string {
  const shown = series.map((one) => ({
    ...one,
    points: logY === undefined ? one.points : one.points.filter(([, value]) => value > logY.least),
  }));
  const all = shown.flatMap(({ points }) => points);
  const height = (value: number): number =>
    logY === undefined ? value : Math.log10(Math.max(value, logY.least));
  const xs = all.map(([at]) => at);
  const ys = all.map(([, value]) => height(value));
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] =
    logY === undefined
      ? [0, Math.max(...ys, 1e-9)]
      : [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys) + 1e-9)];
  const px = (at: number): string =>
    tenth(AREA.left + ((at - x0) / (x1 - x0 || 1)) * (AREA.right - AREA.left));
  const py = (value: number): string =>
    tenth(AREA.bottom - ((height(value) - y0) / (y1 - y0 || 1)) * (AREA.bottom - AREA.top));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${AREA.left}" y="22" font-size="14">${escaped(title)}</text>`,
    `<text x="${(AREA.left + AREA.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(x)}</text>`,
    `<text x="16" y="${(AREA.top + AREA.bottom) / 2}" text-anchor="middle" transform="rotate(-90 16 ${(AREA.top + AREA.bottom) / 2})">${escaped(y)}</text>`,
  ];
  for (const at of ticks ?? Array.from({ length: TICKS + 1 }, (_, i) => x0 + ((x1 - x0) * i) / TICKS)) {
    parts.push(
      `<text x="${px(at)}" y="${AREA.bottom + 16}" text-anchor="middle" fill="#555555">${short(at)}</text>`,
    );
  }
  const rows = logY === undefined ? TICKS : Math.min(8, y1 - y0);
  for (let i = 0; i <= rows; i++) {
    const level = y0 + ((y1 - y0) * i) / rows;
    const value = logY === undefined ? level : 10 ** level;
    const at = py(value);
    parts.push(
      `<line x1="${AREA.left}" x2="${AREA.right}" y1="${at}" y2="${at}" stroke="#dddddd"/>`,
      `<text x="${AREA.left - 6}" y="${at}" text-anchor="end" fill="#555555">${short(value)}</text>`,
    );
  }
  shown.forEach(({ name, points, dashed, bands }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const line = points.map(([at, value]) => `${px(at)},${py(value)}`).join(' ');
    const dash = dashed === true ? ' stroke-dasharray="6 4"' : '';
    parts.push(`<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`);
    if (bands !== undefined && points.length === bands.length)
      points.forEach(([at], k) => {
        const [low, high] = bands[k]!;
        const [from, to] = [py(low), py(high)];
        parts.push(`<line x1="${px(at)}" x2="${px(at)}" y1="${from}" y2="${to}" stroke="${colour}"/>`);
      });
    const top = AREA.top + 12 + 20 * i;
    parts.push(
      `<line x1="${AREA.right + 12}" x2="${AREA.right + 36}" y1="${top}" y2="${top}" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<text x="${AREA.right + 42}" y="${top + 4}">${escaped(name)}</text>`,
    );
  });
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

function tenth(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.001 || size >= 1e6) return value.toExponential(0);
  return Number(value.toPrecision(3)).toString();
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
