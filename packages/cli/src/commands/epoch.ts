import { fail, ok } from '@iotw/kernel/result';
import { getEpoch } from '@iotw/sdk/client/epochs';
import { getNetwork } from '@iotw/sdk/client/network';
import { iotw } from '../output/forms.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb } from './command.js';
import { connection } from './submission.js';

/** Members of a settlement that are amounts. */
const AMOUNTS: readonly string[] = ['issued', 'paid'];

/** `iotw epoch show [epoch]`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'show [epoch]',
    summary: 'pool, seed and settlement of an epoch',
    examples: ['iotw epoch show', 'iotw epoch show 12 --json'],
    shared: ['api'],
    notes: ['Without a number: the running epoch.'],
    run: async (context, _options, text) => {
      if (text !== undefined && !/^[0-9]{1,9}$/.test(text)) {
        return fail('epoch-number', 'An epoch is named by its number, counted from 0.');
      }
      const server = connection(context);
      const network = text === undefined ? await getNetwork(server) : undefined;
      if (network?.ok === false) return network;
      const epoch = await getEpoch(server, network?.value.epoch ?? Number(text));
      if (!epoch.ok) return epoch;
      const { settlement, ...info } = epoch.value;
      return ok({
        json: epoch.value,
        text: () =>
          formatFields([
            ['epoch', `${info.epoch}, ${info.state}`],
            [
              'election',
              `mode ${info.mode}${info.fallback === true ? ' (too few tickets: the whole pool is drawn)' : ''}, randomness ${info.randomness}`,
            ],
            ['seed', info.seed],
            ['pool', `${info.poolDevices} devices, root ${info.poolRoot}`],
            ...Object.entries(settlement ?? {})
              .flatMap(([name, value]) =>
                typeof value === 'number' ? [[name, value] as const] : Object.entries(value),
              )
              .map(([name, value]) => [name, AMOUNTS.includes(name) ? iotw(value) : String(value)] as const),
          ]),
      });
    },
  });
};
