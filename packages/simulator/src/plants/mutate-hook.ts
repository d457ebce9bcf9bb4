/** Module hooks of Node: they replace one stretch of one compiled file of the network as it is loaded. */
import { compiledFind, type Mutation } from './mutation.js';

let mutation: Mutation | undefined;

/** @public Called by Node with what `register` was given. */
export function initialize(data: Mutation): void {
  mutation = data;
}

interface Loaded {
  readonly format: string;
  readonly source?: string | ArrayBuffer | Uint8Array;
  readonly shortCircuit?: boolean;
}

/** @public Called by Node for every module. */
export async function load(
  url: string,
  context: object,
  nextLoad: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await nextLoad(url, context);
  if (mutation === undefined) return loaded;
  const slash = mutation.file.indexOf('/');
  const path = `/${mutation.file.slice(0, slash)}/dist/${mutation.file.slice(slash + 1)}.js`;
  if (!url.endsWith(path)) return loaded;
  const source = new TextDecoder().decode(loaded.source as Uint8Array);
  const parts = source.split(compiledFind(mutation));
  if (parts.length - 1 !== (mutation.times ?? 1))
    throw new Error(
      `${path} holds ${mutation.find} ${parts.length - 1} times: mend the plant ${mutation.name}`,
    );
  return { ...loaded, source: parts.join(mutation.replace) };
}
