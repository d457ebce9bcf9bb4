import { ok, type Result } from '@iotw/kernel/result';
import { getLedgerServers, type LedgerServerInfo } from '@iotw/sdk/client/chain';
import { time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { connection } from './submission.js';

/** `iotw server list`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'list',
    summary: 'every ledger server: whether it votes on rounds, and what was proven of it',
    examples: ['iotw server list', 'iotw server list --json'],
    shared: ['api'],
    notes: [
      'A suspended one votes again after a vote of the committee: iotw proposal create ledgerServerReinstate.',
    ],
    run: list,
  });
};

async function list(context: CommandContext): Promise<Result<Answer>> {
  const servers = await getLedgerServers(connection(context));
  if (!servers.ok) return servers;
  return ok({
    json: servers.value,
    text: () =>
      formatTable(
        [
          { name: 'server', right: true },
          ...['operator', 'region', 'cloud', 'votes', 'what was proven'].map((name) => ({ name })),
        ],
        servers.value.map((server) => [
          String(server.index),
          server.operator,
          server.region,
          server.cloud,
          VOTES[server.suspended ?? 'yes'],
          proven(server),
        ]),
      ),
  });
}

const VOTES = {
  yes: 'yes',
  'by-vote': 'no, by vote',
  'for-misbehaviour': 'no, for what it did',
  'not-yet': 'not yet: it has to be heard of',
} as const;

/** The last act of the server that the engine proved; it may have been reinstated since. */
function proven({ misbehaviours }: LedgerServerInfo): string {
  const last = misbehaviours.at(-1);
  if (last === undefined) return '';
  const what = last.kind === 'double-vote' ? 'signed twice' : 'signed a fork';
  const kept = last.suspended ? '' : ', kept in service: the network needs it';
  return `${what} at height ${last.height}, ${time(last.timeMs)}${kept}`;
}
