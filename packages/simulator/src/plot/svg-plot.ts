/** Line plots as SVG text: no dependency, the same bytes for the same numbers. */

export interface PlotSeries {
  readonly name: string;
  /** Points by ascending x; a series may have holes, drawn as gaps, where y is undefined. */
  readonly points: readonly (readonly [x: number, y: number | undefined])[];
  /** A band around it, such as a confidence interval: low and high by x. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Powers of ten on the y axis; points at or below 0 are left out. */
  readonly logarithmic?: boolean;
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 90;
const RIGHT = 190;
const TOP = 44;
const BOTTOM = 56;
/** Told apart also by people who see fewer colours (Okabe and Ito). */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#f0e442'];
const TICKS = 6;

/** A line plot of some series; numbers are shown with four significant digits. */
export function svgPlot(options: PlotOptions, series: readonly PlotSeries[]): string {
  const scaleY = options.logarithmic === true ? (y: number) => Math.log10(y) : (y: number) => y;
  const shown = (y: number | undefined): y is number =>
    y !== undefined && Number.isFinite(y) && (options.logarithmic !== true || y > 0);
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = series.flatMap(({ points, band = [] }) => [
    ...points.map(([, y]) => y),
    ...band.flatMap(([, low, high]) => [low, high]),
  ]);
  const [x0, x1] = bounds(xs);
  const [y0, y1] = bounds(ys.filter(shown).map(scaleY));
  const px = (x: number) => LEFT + ((x - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const py = (y: number) => HEIGHT - BOTTOM - ((scaleY(y) - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const place = (x: number, y: number) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="15">${escapeText(options.title)}</text>`,
  ];
  for (let tick = 0; tick <= TICKS; tick++) {
    const x = x0 + ((x1 - x0) * tick) / TICKS;
    const level = y0 + ((y1 - y0) * tick) / TICKS;
    const y = HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * tick) / TICKS;
    const value = options.logarithmic === true ? 10 ** level : level;
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end">${number(value)}</text>`,
      `<text x="${px(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${number(x)}</text>`,
    );
  }
  parts.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${escapeText(options.x)}</text>`,
    `<text transform="translate(18 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeText(options.y)}</text>`,
  );
  series.forEach(({ name, points, band }, i) => {
    const color = COLORS[i % COLORS.length]!;
    const inBand = (band ?? []).filter(([, low, high]) => shown(low) && shown(high));
    if (inBand.length > 1) {
      const up = inBand.map(([x, , high]) => place(x, high));
      const down = inBand.map(([x, low]) => place(x, low)).reverse();
      parts.push(`<polygon points="${[...up, ...down].join(' ')}" fill="${color}" fill-opacity="0.15"/>`);
    }
    for (const run of runs(points, shown)) {
      parts.push(
        `<polyline points="${run.map(([x, y]) => place(x, y)).join(' ')}" fill="none" stroke="${color}" stroke-width="1.8"/>`,
      );
      if (points.length <= 24) {
        for (const [x, y] of run) {
          const [cx, cy] = place(x, y).split(',');
          parts.push(`<circle cx="${cx}" cy="${cy}" r="2.6" fill="${color}"/>`);
        }
      }
    }
    const y = TOP + 16 * i + 8;
    parts.push(
      `<line x1="${WIDTH - RIGHT + 12}" x2="${WIDTH - RIGHT + 32}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="3"/>`,
      `<text x="${WIDTH - RIGHT + 38}" y="${y + 4}">${escapeText(name)}</text>`,
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

/** Unbroken stretches of the points that are shown. */
function runs(
  points: PlotSeries['points'],
  shown: (y: number | undefined) => y is number,
): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [[]];
  for (const [x, y] of points) {
    if (shown(y)) found.at(-1)!.push([x, y]);
    else if (found.at(-1)!.length > 0) found.push([]);
  }
  return found.filter((run) => run.length > 0);
}

function bounds(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}

function number(value: number): string {
  const text = String(Number(value.toPrecision(4)));
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(2).replace('+', '')
    : text;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
