import { useTranslation } from 'react-i18next';
import classes from './map.module.css';
import { placesOf, spread } from './places.ts';
import { landPath, onMap, WORLD } from './world.ts';

export interface MapMember {
  readonly device: number;
  /** Number of the region in the genesis. */
  readonly region: number;
  readonly role: string;
}

const CLOUD = 16;

/** A committee on the world map: who mined, who witnessed, and the trust node whose block it is. */
export function CommitteeMap({
  regions,
  members,
  lane,
}: {
  readonly regions: readonly string[];
  readonly members: readonly MapMember[];
  /** Region of the lane's trust node; undefined: not known. */
  readonly lane: number | undefined;
}) {
  const { t } = useTranslation('explorer');
  const places = placesOf(regions).map(onMap);
  const center = lane === undefined ? undefined : places[lane];
  const points = members.flatMap((member) => {
    const place = places[member.region];
    if (place === undefined) return [];
    const [dx, dy] = spread(member.device);
    return [{ ...member, x: place[0] + dx * CLOUD, y: place[1] + dy * CLOUD }];
  });
  const used = new Set([...members.map(({ region }) => region), ...(lane === undefined ? [] : [lane])]);
  return (
    <svg
      viewBox={`0 0 ${WORLD.width} ${WORLD.height}`}
      className={classes.map}
      role="img"
      aria-label={t('committee.map', { count: points.length })}
    >
      <path d={landPath} className={classes.land} />
      {center !== undefined &&
        points.map(({ device, x, y }) => (
          <path
            key={device}
            className={classes.link}
            d={`M${center[0]} ${center[1]} Q${(center[0] + x) / 2} ${Math.min(center[1], y) - Math.abs(center[0] - x) / 6 - 10} ${x} ${y}`}
          />
        ))}
      {center !== undefined && (
        <rect x={center[0] - 6} y={center[1] - 6} width={12} height={12} rx={3} className={classes.node} />
      )}
      {points.map(({ device, x, y, role }) => (
        <circle
          key={device}
          cx={x}
          cy={y}
          r={role === 'miner' ? 8 : 6}
          className={classes[role] ?? classes.witness}
        />
      ))}
      {[...used].map((region) => {
        const place = places[region];
        if (place === undefined) return null;
        return (
          <text key={region} x={place[0]} y={place[1] + 34} className={classes.label} textAnchor="middle">
            {regions[region]}
          </text>
        );
      })}
    </svg>
  );
}
