import { fail, ok, type Result } from '@iotw/kernel/result';
import type * as abci from 'cosmjs-types/tendermint/abci/types';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';

type Answer<T> = Promise<Result<T>>;

/** ABCI 2.0 as CometBFT 0.38 speaks it. A failure is told to CometBFT as an exception, which stops it. */
export interface AbciApplication {
  info(request: abci.RequestInfo): Answer<abci.ResponseInfo>;
  initChain(request: abci.RequestInitChain): Answer<abci.ResponseInitChain>;
  query(request: abci.RequestQuery): Answer<abci.ResponseQuery>;
  checkTx(request: abci.RequestCheckTx): Answer<abci.ResponseCheckTx>;
  prepareProposal(request: abci.RequestPrepareProposal): Answer<abci.ResponsePrepareProposal>;
  processProposal(request: abci.RequestProcessProposal): Answer<abci.ResponseProcessProposal>;
  extendVote(request: abci.RequestExtendVote): Answer<abci.ResponseExtendVote>;
  verifyVoteExtension(request: abci.RequestVerifyVoteExtension): Answer<abci.ResponseVerifyVoteExtension>;
  finalizeBlock(request: abci.RequestFinalizeBlock): Answer<abci.ResponseFinalizeBlock>;
  commit(request: abci.RequestCommit): Answer<abci.ResponseCommit>;
  listSnapshots(request: abci.RequestListSnapshots): Answer<abci.ResponseListSnapshots>;
  offerSnapshot(request: abci.RequestOfferSnapshot): Answer<abci.ResponseOfferSnapshot>;
  loadSnapshotChunk(request: abci.RequestLoadSnapshotChunk): Answer<abci.ResponseLoadSnapshotChunk>;
  applySnapshotChunk(request: abci.RequestApplySnapshotChunk): Answer<abci.ResponseApplySnapshotChunk>;
}

/** The calls; the members of Request and Response have the same names. */
const CALLS = [
  'info',
  'initChain',
  'query',
  'checkTx',
  'prepareProposal',
  'processProposal',
  'extendVote',
  'verifyVoteExtension',
  'finalizeBlock',
  'commit',
  'listSnapshots',
  'offerSnapshot',
  'loadSnapshotChunk',
  'applySnapshotChunk',
] as const satisfies readonly (keyof AbciApplication)[];

/** Decodes one request. Errors: `abci-malformed`, `abci-unknown-request` (none of ABCI 2.0's, or several). */
function decodeRequest(bytes: Uint8Array): Result<Request> {
  let request: Request;
  try {
    request = Request.decode(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('abci-malformed', `An ABCI message can't be decoded (${why}): the peer is no CometBFT 0.38.`);
  }
  const members = Object.values(request).filter((member) => member !== undefined);
  if (members.length === 1) return ok(request);
  return fail(
    'abci-unknown-request',
    `An ABCI message holds ${members.length} requests that are known: the peer is no CometBFT 0.38.`,
  );
}

/** The answer to one request, encoded. Errors: those of decodeRequest and of the application. */
export async function answerTo(bytes: Uint8Array, application: AbciApplication): Promise<Result<Uint8Array>> {
  const request = decodeRequest(bytes);
  if (!request.ok) return request;
  const { echo, flush } = request.value;
  if (echo !== undefined) return ok(encoded({ echo: { message: echo.message } }));
  if (flush !== undefined) return ok(encoded({ flush: {} }));
  for (const call of CALLS) {
    const body = request.value[call];
    if (body === undefined) continue;
    const answer = await (application[call] as (body: unknown) => Answer<unknown>)(body);
    return answer.ok ? ok(encoded({ [call]: answer.value })) : answer;
  }
  return fail('abci-unknown-request', 'An ABCI message holds a request that ABCI 2.0 does not have.');
}

/** A failure as CometBFT is told of it. */
export function exceptionOf(error: { readonly code: string; readonly message: string }): Uint8Array {
  return encoded({ exception: { error: `${error.code}: ${error.message}` } });
}

function encoded(response: Response): Uint8Array {
  return Response.encode(response).finish();
}
