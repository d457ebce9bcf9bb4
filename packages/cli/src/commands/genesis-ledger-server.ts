import { ok, type Result } from '@iotw/kernel/result';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { DEFAULT_MESH_PORT, NEW_NODE_OPTIONS, type NewNodeOptions, portOption } from './new-node-options.js';
import { readPeers, severalTexts } from './peer-places.js';

interface ServerOptions extends NewNodeOptions {
  readonly cometPort?: number;
  readonly cometPeer?: readonly string[];
}

const DEFAULT_COMET_PORT = 26_656;

/** `iotw genesis ledger-server`: a ledger server that a vote is to admit. */
export const addGenesisLedgerServer: AddCommands = (noun, run) => {
  addVerb<ServerOptions>(noun, run, {
    usage: 'ledger-server',
    summary: 'keys, configuration and admission proposal of a new ledger server on CometBFT',
    examples: [
      'iotw genesis ledger-server --genesis genesis.json --dir ledger-1 --index 1 --region frankfurt --cloud cloud-east --peer ledger:0=l0.example.net:7100 --comet-peer ledger:0=l0.example.net:26656',
    ],
    options: [
      ...NEW_NODE_OPTIONS,
      {
        flags: '--index <n>',
        summary: 'its number: as many as there are ledger servers, in the order of the proposals',
        required: true,
        parse: integer(1, 63),
      },
      {
        flags: '--peer <node=host:port>',
        summary: 'links to dial: ledger servers before it, and trust nodes that run; may be repeated',
        parse: severalTexts,
      },
      {
        flags: '--comet-peer <node=host:port>',
        summary: 'CometBFT of another ledger server, each of them; may be repeated',
        parse: severalTexts,
      },
      portOption('mesh', 'links', DEFAULT_MESH_PORT, 1),
      portOption('comet', 'CometBFT', DEFAULT_COMET_PORT, 1),
    ],
    notes: [
      'Then: iotw proposal create ledgerServerAdmit @DIR/admission.json, and docs/operate/admit-a-ledger-server.md, or the migration (carry-a-ledger.md).',
    ],
    run: server,
  });
};

async function server(_context: CommandContext, options: ServerOptions): Promise<Result<Answer>> {
  const { createLedgerServer } = await import('../node/new-ledger-server.js');
  const peers = readPeers(options.peer ?? [], ['trust', 'ledger']);
  if (!peers.ok) return peers;
  const cometPeers = readPeers(options.cometPeer ?? [], ['ledger']);
  if (!cometPeers.ok) return cometPeers;
  const { dir, genesis, index, region, cloud } = options;
  const made = await createLedgerServer({
    ...{ dir, genesis, index, region, cloud },
    peers: peers.value,
    cometPeers: cometPeers.value,
    operator: options.operator ?? '',
    meshPort: options.meshPort ?? DEFAULT_MESH_PORT,
    cometPort: options.cometPort ?? DEFAULT_COMET_PORT,
  });
  if (!made.ok) return made;
  const { account, key, files } = made.value;
  return ok({
    json: { index, account, key, files },
    text: () => [
      ...formatFields([
        ['ledger server', String(index)],
        ['key', key],
        ['account', `${account}: it may rotate the keys`],
        ['directory', dir],
      ]),
      `propose it:       iotw proposal create ledgerServerAdmit @${dir}/admission.json`,
      `import the ledger: iotw ledger import --in FILE --data ${dir}/data --genesis ${genesis}`,
      `start it:         iotw node --config ${dir}/node.json`,
    ],
  });
}
