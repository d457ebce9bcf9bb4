import { z } from 'zod';
import { PageQuery, pageOf } from '../views/page.js';
import {
  CommitteeSchema,
  committeeView,
  findProposal,
  ProposalSchema,
  proposalPage,
  UpcomingParametersSchema,
  upcomingParameters,
} from '../views/proposals.js';
import { RolesSchema, rolesView } from '../views/roles.js';
import { type App, answers, NumberText, type RouteContext, send } from './reply.js';

/** The steering committee: members, proposals with their votes, parameters to come. */
export function committeeRoutes(app: App, context: RouteContext): void {
  app.get(
    '/v1/committee',
    {
      schema: {
        operationId: 'getCommittee',
        tags: ['committee'],
        summary: 'Members of the steering committee and their threshold',
        response: answers({ 200: CommitteeSchema }),
      },
    },
    async (_request, reply) => reply.send(committeeView(context)),
  );
  app.get(
    '/v1/proposals',
    {
      schema: {
        operationId: 'listProposals',
        tags: ['committee'],
        summary: 'Proposals with their votes, newest first',
        querystring: PageQuery,
        response: answers({ 200: pageOf(ProposalSchema) }),
      },
    },
    async (request, reply) => send(request, reply, proposalPage(context, request.query)),
  );
  app.get(
    '/v1/proposals/:number',
    {
      schema: {
        operationId: 'getProposal',
        tags: ['committee'],
        summary: 'One proposal with its votes',
        params: z.object({ number: NumberText }),
        response: answers({ 200: ProposalSchema }),
      },
    },
    async (request, reply) => send(request, reply, findProposal(context, request.params.number)),
  );
  app.get(
    '/v1/roles/:address',
    {
      schema: {
        operationId: 'getRoles',
        tags: ['committee'],
        summary: 'What a key may do on the ledger beside owning money, whether or not it has an account',
        params: z.object({ address: z.string().max(128).describe('address or key in hex') }),
        response: answers({ 200: RolesSchema }),
      },
    },
    async (request, reply) => send(request, reply, rolesView(context, request.params.address)),
  );
  app.get(
    '/v1/parameters/upcoming',
    {
      schema: {
        operationId: 'getUpcomingParameters',
        tags: ['committee'],
        summary: 'Parameters of the running epoch and of those that are frozen',
        response: answers({ 200: UpcomingParametersSchema }),
      },
    },
    async (_request, reply) => reply.send(upcomingParameters(context)),
  );
}
