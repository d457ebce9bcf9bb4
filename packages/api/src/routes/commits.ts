import { fail } from '@iotw/kernel/result';
import { LightBlockType } from '@iotw/protocol/light-block';
import { lightBlockToJson } from '@iotw/protocol/light-block-json';
import { z } from 'zod';
import { sendProblem } from '../problem.js';
import { SpecObject } from '../views/forms.js';
import { pruned } from '../views/pruned.js';
import { type App, answers, type RouteContext, sendBytes, wantsBytes } from './reply.js';

/** Commits of the engine's heights: where a light verification begins, and what leads from there to a receipt's. */
export function commitRoutes(app: App, { backend }: RouteContext): void {
  app.get(
    '/v1/commits/:height',
    {
      schema: {
        operationId: 'getCommit',
        tags: ['proofs'],
        summary: 'Header, validators and votes of one height of CometBFT',
        description:
          'JSON, or SSZ with Accept: application/octet-stream. `latest` is the newest height. Networks with one ledger server have none.',
        params: z.object({ height: z.union([z.literal('latest'), z.string().regex(/^[1-9][0-9]{0,15}$/)]) }),
        response: answers({ 200: SpecObject }),
      },
    },
    async (request, reply) => {
      const { engineCommits: commits } = backend;
      const { height } = request.params;
      if (commits === undefined) {
        const message = 'One ledger server orders this network: its signature in a receipt is the proof.';
        return sendProblem(request, reply, fail('commit-not-found', message).error);
      }
      const found = await commits.lightBlock(height === 'latest' ? commits.height : Number(height));
      if (!found.ok && found.error.code === 'commit-not-found' && Number(height) <= commits.height) {
        const gone = pruned({ backend }, `Height ${height} of CometBFT`);
        if (!gone.ok) return sendProblem(request, reply, gone.error);
      }
      if (!found.ok) return sendProblem(request, reply, found.error);
      return wantsBytes(request)
        ? sendBytes(reply, LightBlockType.serialize(found.value))
        : reply.send(lightBlockToJson(found.value));
    },
  );
}
