import { KNOWN_VERSIONS } from '@iotw/protocol/versions';
import { bad, type Finding, good } from './check.js';

const NAME = 'protocol version';
const ANSWER_MS = 2_000;

/** What a node says of it, as far as it is read. */
interface Protocol {
  readonly version: number;
  readonly pending: { readonly version: number; readonly epoch: number } | null;
}

/** Whether this software knows the version that the network runs, and the one it will; `api`: of a node that is asked. */
export async function checkProtocol(api: string, known = KNOWN_VERSIONS): Promise<Finding> {
  const knows = `this software knows ${known.join(', ')}`;
  const told = await protocolOf(api);
  if (told === undefined) return good(NAME, `${knows}; no node answers at ${api}`);
  const { version, pending } = told;
  if (!known.includes(version))
    return bad(NAME, `the network runs ${version}, ${knows}`, `install software that knows ${version}`);
  if (pending === null) return good(NAME, `the network runs ${version}, ${knows}`);
  const planned = `the network runs ${version}, and ${pending.version} from epoch ${pending.epoch} on, ${knows}`;
  return known.includes(pending.version)
    ? good(NAME, planned)
    : bad(NAME, planned, `before that epoch install software that knows ${pending.version}`);
}

async function protocolOf(api: string): Promise<Protocol | undefined> {
  try {
    const answer = await fetch(`${api}/v1/status`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { protocol } = (await answer.json()) as { protocol?: Protocol };
    return typeof protocol?.version === 'number' ? protocol : undefined;
  } catch {
    return undefined;
  }
}
