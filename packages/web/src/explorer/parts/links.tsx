import type { ReactNode } from 'react';
import { AppLink } from '../../app/link.tsx';
import { short } from '../../data/format.ts';
import classes from './parts.module.css';

/** Where things of the network are shown in the app. */
export const places = {
  transaction: (id: string) => `/tx/${id}`,
  block: (lane: number, height: number) => `/block/${lane}/${height}`,
  round: (n: number) => `/round/${n}`,
  lane: (n: number) => `/lane/${n}`,
  epoch: (n: number) => `/epoch/${n}`,
  device: (name: number | string) => `/device/${name}`,
  account: (address: string) => `/account/${encodeURIComponent(address)}`,
  maker: (n: number) => `/maker/${n}`,
  trustNode: (n: number) => `/trust-node/${n}`,
  vote: (n: number) => `/votes/${n}`,
} as const;

/** A link inside the app. */
export function To({ to, children, mono }: { to: string; children: ReactNode; mono?: boolean }) {
  return (
    <AppLink to={to} className={mono ? `${classes.link} ${classes.mono}` : classes.link}>
      {children}
    </AppLink>
  );
}

export const TransactionLink = ({ id }: { readonly id: string }) => (
  <To to={places.transaction(id)} mono>
    {short(id)}
  </To>
);
export const BlockLink = ({ lane, height }: { readonly lane: number; readonly height: number }) => (
  <To to={places.block(lane, height)} mono>
    {lane}:{height}
  </To>
);
export const AccountLink = ({ address, whole }: { readonly address: string; readonly whole?: boolean }) => (
  <To to={places.account(address)} mono>
    {whole ? address : short(address)}
  </To>
);
/** A place by its number, such as a round. */
export const NumberLink = ({
  of,
  n,
}: {
  readonly of: 'round' | 'lane' | 'epoch' | 'device' | 'maker' | 'trustNode' | 'vote';
  readonly n: number;
}) => (
  <To to={places[of](n)} mono>
    {n}
  </To>
);
