import { getBlock } from '@iotw/sdk/client/chain';
import { getElection } from '@iotw/sdk/client/elections';
import { events } from '@iotw/sdk/client/events';
import { useEffect, useRef, useState } from 'react';
import { connection } from '../data/connection.ts';
import { LivePicture, type Member } from './picture.ts';
import { type RoundNews, readRoundNews } from './round-news.ts';

/** How often a block's committee is asked for at most, and how often words and charts change. */
const COMMITTEE_MS = 1_500;
const WORDS_MS = 2_000;

export interface Live {
  readonly picture: LivePicture;
  readonly onNews: (changed: () => void) => () => void;
  /** Grows whenever words and charts are to be made anew. */
  readonly turn: number;
}

/** The stream of rounds, and of now and then one block its committee, taken up into a picture as long as the page is open. */
export function useLive(lanes: number): Live {
  const lanesNow = useRef(lanes);
  lanesNow.current = lanes;
  const [live] = useState(() => {
    const picture = new LivePicture(() => lanesNow.current);
    const listeners = new Set<() => void>();
    return {
      picture,
      told: () => {
        for (const listener of listeners) listener();
      },
      onNews: (changed: () => void) => {
        listeners.add(changed);
        return () => {
          listeners.delete(changed);
        };
      },
    };
  });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    const { picture, told } = live;
    let asking = false;
    let askedMs = Number.NEGATIVE_INFINITY;
    const ask = async (news: RoundNews) => {
      const block = news.blocks.at(-1);
      if (block === undefined || asking || performance.now() - askedMs < COMMITTEE_MS) return;
      asking = true;
      askedMs = performance.now();
      await takeCommittee(picture, block.lane, block.height);
      asking = false;
      told();
    };
    const read = async () => {
      for await (const event of events(connection, { events: ['round'], signal: stop.signal })) {
        // A refused stream leaves the figures, which are asked for.
        if (!event.ok) return;
        const news = readRoundNews(event.value.data);
        if (news === undefined) continue;
        picture.round(news, performance.now());
        ask(news).catch(() => undefined);
        told();
      }
    };
    read().catch(() => undefined);
    const timer = setInterval(() => setTurn((before) => before + 1), WORDS_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [live]);
  return { picture: live.picture, onNews: live.onNews, turn };
}

/** A block whose election can't be told (its pool is not kept) lights up nothing. */
async function takeCommittee(picture: LivePicture, lane: number, height: number): Promise<void> {
  const [election, block] = await Promise.all([
    getElection(connection, lane, height),
    getBlock(connection, lane, height),
  ]);
  if (election.ok) {
    const members = election.value.ranks.flatMap(({ device, region, answer }): Member[] =>
      answer === 'miner' || answer === 'witness' ? [{ device, region, role: answer }] : [],
    );
    picture.committee({ lane, height, members }, performance.now());
  }
  const made = block.ok ? block.value.header.timeMs : undefined;
  if (block.ok && typeof made === 'number') picture.finality(made, block.value.timeMs);
}
