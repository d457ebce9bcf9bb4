import { encodePoolDevices } from '@iotw/protocol/pool';
import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { DeviceBlocksSchema, deviceBlocks } from '../views/device-blocks.js';
import { DeviceQuery, DeviceSchema, devicePage, deviceView, resolveDevice } from '../views/devices.js';
import { EarningSchema, earningPage } from '../views/earnings.js';
import { EpochSchema, epochPage, epochView, findEpoch, PoolDeviceSchema, poolPage } from '../views/epochs.js';
import { FarmsQuery, FarmsSchema, farmsView } from '../views/farms.js';
import { findMaker, MakerSchema, makerPage } from '../views/makers.js';
import { PageQuery, pageOf } from '../views/page.js';
import { RewardsQuery, RewardsSchema, rewardsView } from '../views/rewards.js';
import { WhySchema, whyView } from '../views/why.js';
import { type App, answers, type RouteContext, send, sendBytes, wantsBytes } from './reply.js';

const DeviceParams = z.object({ id: z.string().max(128).describe('number, or key in hex') });
const EpochParams = z.object({ epoch: z.coerce.number().int().min(0).max(0xffff_ffff) });

/** Devices, epochs, pools, rewards and makers. */
export function deviceRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/devices',
    {
      schema: {
        operationId: 'listDevices',
        tags: ['devices'],
        summary: 'Devices by number',
        querystring: DeviceQuery,
        response: answers({ 200: pageOf(DeviceSchema) }),
      },
    },
    async (request, reply) => send(request, reply, devicePage(context, request.query)),
  );
  app.get(
    '/v1/devices/:id',
    {
      schema: {
        operationId: 'getDevice',
        tags: ['devices'],
        summary: 'One device',
        params: DeviceParams,
        response: answers({ 200: DeviceSchema }),
      },
    },
    async (request, reply) => {
      const device = resolveDevice(context, request.params.id);
      return device.ok
        ? reply.send(deviceView(context, device.value))
        : sendProblem(request, reply, device.error);
    },
  );
  app.get(
    '/v1/devices/:id/why',
    {
      schema: {
        operationId: 'whyPaid',
        tags: ['devices'],
        summary: 'Why a device was paid in an ended epoch, or not',
        params: DeviceParams,
        querystring: EpochParams.partial(),
        response: answers({ 200: WhySchema }),
      },
    },
    async (request, reply) => {
      const device = resolveDevice(context, request.params.id);
      if (!device.ok) return sendProblem(request, reply, device.error);
      const epoch = request.query.epoch ?? Math.max(0, context.backend.ledger.epoch - 1);
      return send(request, reply, whyView(context, device.value, epoch));
    },
  );
  app.get(
    '/v1/devices/:id/earnings',
    {
      schema: {
        operationId: 'listDeviceEarnings',
        tags: ['devices'],
        summary: 'What ended epochs paid a device, newest first',
        description: 'Epochs that paid it nothing are left out. A page may be short and still have a next.',
        params: DeviceParams,
        querystring: PageQuery,
        response: answers({ 200: pageOf(EarningSchema) }),
      },
    },
    async (request, reply) => {
      const device = resolveDevice(context, request.params.id);
      return device.ok
        ? send(request, reply, earningPage(context, device.value, request.query))
        : sendProblem(request, reply, device.error);
    },
  );
  app.get(
    '/v1/devices/:id/blocks',
    {
      schema: {
        operationId: 'listDeviceBlocks',
        tags: ['devices'],
        summary: 'Blocks that hold something a device signed as a witness, newest first',
        description:
          'Answers in certificates and failed attempts, and those that evidence, appeals and left-out answers showed.',
        params: DeviceParams,
        querystring: PageQuery,
        response: answers({ 200: DeviceBlocksSchema }),
      },
    },
    async (request, reply) => {
      const device = resolveDevice(context, request.params.id);
      if (!device.ok) return sendProblem(request, reply, device.error);
      return send(request, reply, deviceBlocks(context, device.value, request.query));
    },
  );
  app.get(
    '/v1/makers',
    {
      schema: {
        operationId: 'listMakers',
        tags: ['devices'],
        summary: 'Makers and their batches',
        querystring: PageQuery,
        response: answers({ 200: pageOf(MakerSchema) }),
      },
    },
    async (request, reply) => send(request, reply, makerPage(context, request.query)),
  );
  app.get(
    '/v1/makers/:maker',
    {
      schema: {
        operationId: 'getMaker',
        tags: ['devices'],
        summary: 'A maker and its batches',
        params: z.object({ maker: z.coerce.number().int().min(0).max(65_535) }),
        response: answers({ 200: MakerSchema }),
      },
    },
    async (request, reply) => send(request, reply, findMaker(context, request.params.maker)),
  );
  app.get(
    '/v1/farms',
    {
      schema: {
        operationId: 'listFarms',
        tags: ['devices'],
        summary: 'Who holds how much of an ended epoch’s pool, weight and pay, and which devices move as one',
        description: 'From public ledger data alone; what the flags mean: docs/operate/farms.md.',
        querystring: FarmsQuery,
        response: answers({ 200: FarmsSchema }),
      },
    },
    async (request, reply) => send(request, reply, farmsView(context, request.query)),
  );
  epochRoutes(app, context);
}

function epochRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/epochs',
    {
      schema: {
        operationId: 'listEpochs',
        tags: ['epochs'],
        summary: 'Epochs, newest first',
        querystring: PageQuery,
        response: answers({ 200: pageOf(EpochSchema) }),
      },
    },
    async (request, reply) => send(request, reply, epochPage(context, request.query)),
  );
  app.get(
    '/v1/epochs/:epoch',
    {
      schema: {
        operationId: 'getEpoch',
        tags: ['epochs'],
        summary: 'Seed, pool root and settlement of an epoch',
        params: EpochParams,
        response: answers({ 200: EpochSchema }),
      },
    },
    async (request, reply) => {
      const epoch = findEpoch(context, request.params.epoch);
      return epoch.ok
        ? reply.send(epochView(context, epoch.value))
        : sendProblem(request, reply, epoch.error);
    },
  );
  app.get(
    '/v1/epochs/:epoch/pool',
    {
      schema: {
        operationId: 'getPool',
        tags: ['epochs'],
        summary: 'The frozen pool that elections are drawn from',
        description:
          'JSON pages, or the whole pool with Accept: application/octet-stream: 50 bytes a device.',
        params: EpochParams,
        querystring: PageQuery,
        response: answers({ 200: pageOf(PoolDeviceSchema) }),
      },
    },
    async (request, reply) => {
      const epoch = findEpoch(context, request.params.epoch);
      if (!epoch.ok) return sendProblem(request, reply, epoch.error);
      return wantsBytes(request)
        ? sendBytes(reply, encodePoolDevices(epoch.value.devices))
        : send(request, reply, poolPage(epoch.value, request.query));
    },
  );
  app.get(
    '/v1/rewards',
    {
      schema: {
        operationId: 'getRewards',
        tags: ['epochs'],
        summary: 'The reward pool, and what an ended epoch paid to devices',
        querystring: RewardsQuery,
        response: answers({ 200: RewardsSchema }),
      },
    },
    async (request, reply) => send(request, reply, rewardsView(context, request.query)),
  );
}
