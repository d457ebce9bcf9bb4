import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { Amount, Count } from '../views/forms.js';
import { type App, answers, type RouteContext, send } from './reply.js';

const ServicesSchema = z
  .object({
    signerPort: Count.nullable().describe("where the wallet's signer is on this host; null: nowhere"),
    signerOrigin: z
      .string()
      .nullable()
      .describe('where browsers find the signer, if not at that port; null: there'),
    faucetAmount: Amount.nullable().describe('what the faucet gives at once; null: there is none'),
    guests: z
      .object({ left: Count.describe('devices of people that may still join') })
      .nullable()
      .describe('whether people may join with a device of class user; null: not here'),
    entrances: z
      .array(z.object({ trustNode: Count, port: Count }))
      .describe('WebSocket ports on this host where devices log in'),
  })
  .meta({ id: 'WalletServices' });

const GuestBody = z.object({
  key: z.string().max(128).describe("the device's key, 64 characters of hex"),
  region: z.int().min(0).max(255).describe('number of the region it is in'),
});
const VoucherSchema = z
  .object({ maker: Count, batch: Count, region: Count, batchSignature: z.string() })
  .meta({ id: 'GuestVoucher' });

/** What a server offers a wallet beside the ledger: its signer, test money, and a place for people's devices. */
export function walletServiceRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/wallet-services',
    {
      schema: {
        operationId: 'getWalletServices',
        tags: ['operations'],
        summary: 'What this server offers a wallet: signer, faucet, guests, entrances for devices',
        response: answers({ 200: ServicesSchema }),
      },
    },
    async (_request, reply) => {
      const { faucet, guests, services } = context;
      return reply.send({
        signerPort: services.signerPort ?? null,
        signerOrigin: services.signerOrigin ?? null,
        faucetAmount: faucet?.amount ?? null,
        guests: guests === undefined ? null : { left: guests.left },
        entrances: [...services.entrances],
      });
    },
  );
  app.post(
    '/v1/guests',
    {
      schema: {
        operationId: 'vouchForGuest',
        tags: ['devices'],
        summary: "The guest batch's signature for a person's device",
        description:
          'The device still proves its key, and whoever registers it pays the fee. The batch has a quota on the ledger.',
        body: GuestBody,
        response: answers({ 200: VoucherSchema }),
      },
    },
    async (request, reply) => {
      const { guests } = context;
      if (guests === undefined) {
        const message = 'People join this network elsewhere: this server holds no guest batch.';
        return sendProblem(request, reply, { code: 'guests-off', message });
      }
      return send(request, reply, guests.vouch(request.body.key, request.body.region, request.ip));
    },
  );
}
