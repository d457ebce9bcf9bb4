import { type EngineWorld, TestServer } from '@iotw/nodes/engine/conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cometBftForTests } from './test-binary.js';
import { EVERYBODY, openCometWorld } from './test-comet-world.js';

const wishes: number[] = [];
const servers = EVERYBODY.map(({ server }) => new TestServer(server, wishes, (run) => setTimeout(run, 2)));
let world: EngineWorld;

async function kill(...indices: number[]): Promise<void> {
  for (const index of indices) {
    servers[index]!.end();
    await world.kill(servers[index]!);
  }
}

/** Every running server decides so many rounds more, one after the other. */
async function decide(rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    wishes.push(wishes.length + 1);
    await world.until(() => {
      const running = servers.filter(({ engine }) => engine !== undefined);
      for (const { engine } of running) engine!.poke();
      return running.every(({ disk }) => disk.rounds.length === wishes.length);
    });
  }
}

describe.skipIf(cometBftForTests() === undefined)(
  'four ledger servers, of which rounds let some vote',
  () => {
    beforeAll(async () => {
      const only = (...voters: number[]) => EVERYBODY.filter(({ server }) => voters.includes(server));
      for (const server of servers)
        server.electorate = (rounds) => (rounds < 3 ? EVERYBODY : rounds < 8 ? only(0, 1) : only(0, 2));
      world = await openCometWorld();
      await Promise.all(servers.map((server) => world.start(server)));
    });
    afterAll(() => world.close());

    test('two go on alone once the others have no vote any more', { timeout: 120_000 }, async () => {
      // What a round changes holds two blocks later: by the end of two more rounds.
      await decide(5);
      await kill(2, 3);
      await decide(3);
    });

    test('one that left comes back to vote in the place of another', { timeout: 120_000 }, async () => {
      await world.start(servers[2]!);
      await world.start(servers[3]!);
      await decide(2);
      await kill(1, 3);
      await decide(2);
      expect(servers.flatMap(({ violations }) => violations)).toEqual([]);
    });
  },
);
