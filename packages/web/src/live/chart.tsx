import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count } from '../data/format.ts';
import classes from './live.module.css';
import type { Series } from './series.ts';

const HEIGHT = 110;

/** One line over time or epochs. What it shows is also told in words beside it, so it is hidden from screen readers. */
export default function Chart({ series, name }: { readonly series: Series; readonly name: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const scheme = useComputedColorScheme('light');
  const newest = useRef(series);
  newest.current = series;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are those of the scheme
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const stroke = style.getPropertyValue('--live-network').trim();
    const text = style.getPropertyValue('--live-text').trim();
    const made = new UPlot(
      {
        width: Math.max(100, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.15 : 1] } },
        axes: [
          { show: false },
          {
            size: 56,
            stroke: text,
            grid: { stroke: style.getPropertyValue('--live-land').trim(), width: 1 },
            ticks: { show: false },
            values: (_, splits) => splits.map(count),
          },
        ],
        series: [{}, { label: name, stroke, width: 1.5, points: { show: false } }],
      },
      dataOf(newest.current),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(100, element.clientWidth), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [scheme, name]);

  useEffect(() => {
    plot.current?.setData(dataOf(series));
  }, [series]);

  return <div ref={holder} className={classes.chart} aria-hidden="true" />;
}

function dataOf({ at, values }: Series): UPlot.AlignedData {
  return [[...at], [...values]];
}
