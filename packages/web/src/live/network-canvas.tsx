import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Colours, drawMoving, drawScene } from './draw.ts';
import classes from './live.module.css';
import type { LivePicture } from './picture.ts';
import type { Scene } from './scene.ts';
import { stageOf } from './stage.ts';

/** Where nothing is to move, the picture is brought up to date so often, ms. */
const STILL_MS = 1_000;

/** The picture of the network; one animation frame at a time, none while nothing moves. */
export default function NetworkCanvas({
  picture,
  scene,
  still,
  onNews,
  label,
}: {
  readonly picture: LivePicture;
  readonly scene: Scene;
  /** Nothing moves: the committee changes, that is all. */
  readonly still: boolean;
  /** Calls back whenever the picture has changed; returns how to stop. */
  readonly onNews: (changed: () => void) => () => void;
  readonly label: string;
}) {
  const { t, i18n } = useTranslation('live');
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('light');
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const parent = canvas.current?.parentElement;
    if (!parent) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(parent);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are those of the scheme
  useEffect(() => {
    const element = canvas.current;
    const g = element?.getContext('2d');
    if (!element || !g || width === 0) return;
    const stage = stageOf(scene, width);
    const colours = coloursOf(element);
    const ratio = Math.min(2, window.devicePixelRatio);
    const ground = document.createElement('canvas');
    for (const sized of [element, ground]) {
      sized.width = Math.round(stage.width * ratio);
      sized.height = Math.round(stage.height * ratio);
    }
    element.style.height = `${stage.height}px`;
    const below = ground.getContext('2d');
    if (!below) return;
    below.scale(ratio, ratio);
    const names = { api: t('legend.api'), ledgerServers: t('legend.ledger') };
    drawScene(below, scene, stage, colours, names);

    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      frame = 0;
      const nowMs = performance.now();
      g.setTransform(1, 0, 0, 1, 0, 0);
      g.clearRect(0, 0, element.width, element.height);
      g.drawImage(ground, 0, 0);
      g.scale(ratio, ratio);
      drawMoving(g, { scene, stage, colours }, picture, nowMs, still);
      if (!still && picture.moving(nowMs)) wake();
    };
    const wake = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    const changed = () => {
      if (!still) wake();
      else
        timer ??= setTimeout(() => {
          timer = undefined;
          wake();
        }, STILL_MS);
    };
    wake();
    const stop = onNews(changed);
    return () => {
      stop();
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [picture, scene, still, onNews, width, scheme, i18n.language]);

  return <canvas ref={canvas} className={classes.canvas} role="img" aria-label={label} />;
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--live-${name}`).trim();
  return {
    ...{ land: colour('land'), text: colour('text'), surface: colour('surface'), device: colour('device') },
    ...{ network: colour('network'), flow: colour('flow') },
    ...{ miner: colour('miner'), witness: colour('witness') },
  };
}
