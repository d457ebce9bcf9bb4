import { ok } from '@iotw/kernel/result';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { faucet } from '@iotw/sdk/client/faucet';
import { waitForReceipt } from '@iotw/sdk/client/receipts';
import { movedAmount } from '@iotw/sdk/transaction/fee';
import { type AddCommands, defineNoun } from './command.js';
import { answered, connection, outcomeOf } from './submission.js';

/** `iotw faucet <address>`: asks the node's faucet and waits until the money is there. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun(noun, run, {
    usage: 'faucet <address>',
    summary: 'test money for an account',
    examples: ['iotw faucet tiotw1...'],
    shared: ['api'],
    run: async (context, _options, address) => {
      const server = connection(context);
      const grant = await faucet(server, address!);
      if (!grant.ok) return grant;
      const { id } = grant.value;
      const receipt =
        grant.value.receipt === undefined ? await waitForReceipt(server, id) : ok(grant.value.receipt);
      if (!receipt.ok) return receipt;
      const amount = movedBy(receipt.value.envelope);
      return answered({ ...outcomeOf(id, receipt.value), ...(amount === undefined ? {} : { amount }) });
    },
  });
};

/** What the faucet's own transaction moves, base units. */
function movedBy(envelope: Uint8Array): number | undefined {
  const decoded = decodeEnvelope(envelope);
  return decoded.ok ? movedAmount(decoded.value.transaction.operations) : undefined;
}
