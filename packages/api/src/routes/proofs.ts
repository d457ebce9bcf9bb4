import { z } from 'zod';
import { SEED_PROOFS_PER_CALL } from '../limits.js';
import { sendProblem } from '../problem.js';
import { findBlock } from '../views/blocks.js';
import { findEpoch } from '../views/epochs.js';
import { SpecObject } from '../views/forms.js';
import { laneView } from '../views/lanes.js';
import { blockProof, epochProof, roundProof, seedProofs } from '../views/proofs.js';
import { findRound } from '../views/rounds.js';
import { SignerChangesSchema, signerChanges } from '../views/signers.js';
import { type App, answers, NumberText, type RouteContext, send } from './reply.js';

/** Public data (spec: clause 9.11): what anybody needs to check epochs, rounds and blocks without this server. */
export function proofRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/blocks/:lane/:height/proof',
    {
      schema: {
        operationId: 'getBlockProof',
        tags: ['proofs'],
        summary: 'A block, its place in its round and its results with their paths',
        params: z.object({ lane: NumberText, height: NumberText }),
        response: answers({ 200: SpecObject }),
      },
    },
    async (request, reply) => {
      const { lane, height } = request.params;
      const known = laneView(context, lane);
      const found = known.ok ? findBlock(context, lane, Math.min(height, 2 ** 33 - 1)) : known;
      return found.ok
        ? reply.send(blockProof(context, found.value))
        : sendProblem(request, reply, found.error);
    },
  );
  app.get(
    '/v1/rounds/:number/proof',
    {
      schema: {
        operationId: 'getRoundProof',
        tags: ['proofs'],
        summary: 'Header and signatures of a round, SSZ in hex',
        params: z.object({ number: NumberText }),
        response: answers({ 200: z.object({ round: z.unknown() }) }),
      },
    },
    async (request, reply) => {
      const layout = findRound(context, request.params.number);
      return layout.ok ? reply.send(roundProof(layout.value)) : sendProblem(request, reply, layout.error);
    },
  );
  app.get(
    '/v1/epochs/:epoch/proof',
    {
      schema: {
        operationId: 'getEpochProof',
        tags: ['proofs'],
        summary: 'Seed, seed proof, pool, parameters and trust nodes of an epoch, with the votes for them',
        params: z.object({ epoch: NumberText }),
        response: answers({ 200: SpecObject }),
      },
    },
    async (request, reply) => {
      const found = findEpoch(context, request.params.epoch);
      return found.ok
        ? reply.send(epochProof(context, found.value))
        : sendProblem(request, reply, found.error);
    },
  );
  app.get(
    '/v1/seeds',
    {
      schema: {
        operationId: 'listSeedProofs',
        tags: ['proofs'],
        summary: 'Seed proofs of consecutive epochs: the chain of seeds',
        querystring: z.object({
          from: NumberText.default(1).describe('first epoch'),
          limit: z.coerce.number().int().min(1).max(SEED_PROOFS_PER_CALL).default(SEED_PROOFS_PER_CALL),
        }),
        response: answers({ 200: z.object({ items: z.array(z.unknown()) }) }),
      },
    },
    async (request, reply) => {
      const { from, limit } = request.query;
      const items = seedProofs(context, from, limit);
      return items.ok
        ? send(request, reply, { ok: true, value: { items: items.value } })
        : sendProblem(request, reply, items.error);
    },
  );
  app.get(
    '/v1/signers',
    {
      schema: {
        operationId: 'listSignerChanges',
        tags: ['proofs'],
        summary:
          'Blocks that changed who signs: replaced keys of nodes, and the votes that admit or suspend them',
        querystring: z.object({ from: NumberText.default(0).describe('first round') }),
        response: answers({ 200: SignerChangesSchema }),
      },
    },
    async (request, reply) => send(request, reply, signerChanges(context, request.query.from)),
  );
}
