import { ok, type Result } from '@iotw/kernel/result';
import { MAX_MQTT_PORT } from '../node/entrances.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { DEFAULT_MESH_PORT, NEW_NODE_OPTIONS, type NewNodeOptions, portOption } from './new-node-options.js';
import { readPeers, severalTexts } from './peer-places.js';

interface TrustNodeOptions extends NewNodeOptions {
  readonly mqttPort?: number;
}

const DEFAULT_MQTT_PORT = 1883;

/** `iotw genesis node`: a trust node that a vote is to admit. */
export const addGenesisNode: AddCommands = (noun, run) => {
  addVerb<TrustNodeOptions>(noun, run, {
    usage: 'node',
    summary: 'keys, configuration and admission proposal of a new trust node',
    examples: [
      'iotw genesis node --genesis genesis.json --dir trust-4 --index 4 --region frankfurt --cloud cloud-east --peer ledger:0=ledger.example.net:7100',
    ],
    options: [
      ...NEW_NODE_OPTIONS,
      {
        flags: '--index <n>',
        summary: 'its number: as many as there are trust nodes (iotw lane list)',
        required: true,
        parse: integer(0, 63),
      },
      {
        flags: '--peer <node=host:port>',
        summary: 'a node to dial: ledger servers, then trust nodes; may be repeated',
        parse: severalTexts,
      },
      portOption('mesh', 'links', DEFAULT_MESH_PORT, 0),
      portOption('mqtt', 'devices', DEFAULT_MQTT_PORT, 0, MAX_MQTT_PORT),
    ],
    notes: [
      'Then: iotw proposal create trustNodeAdmit @DIR/admission.json (docs/operate/admit-a-trust-node.md).',
    ],
    run: node,
  });
};

async function node(_context: CommandContext, options: TrustNodeOptions): Promise<Result<Answer>> {
  const { createTrustNode } = await import('../node/new-trust-node.js');
  const peers = readPeers(options.peer ?? [], ['trust', 'ledger']);
  if (!peers.ok) return peers;
  const { dir, genesis, index, region, cloud } = options;
  const made = await createTrustNode({
    ...{ dir, genesis, index, region, cloud, peers: peers.value },
    operator: options.operator ?? '',
    meshPort: options.meshPort ?? DEFAULT_MESH_PORT,
    mqttPort: options.mqttPort ?? DEFAULT_MQTT_PORT,
  });
  if (!made.ok) return made;
  const { account, key, files } = made.value;
  return ok({
    json: { index, account, key, files },
    text: () => [
      ...formatFields([
        ['trust node', String(index)],
        ['key', key],
        ['account', `${account}: fund it, it pays for evidence and key rotations`],
        ['directory', dir],
      ]),
      `propose it: iotw proposal create trustNodeAdmit @${dir}/admission.json`,
      `start it:   iotw node --config ${dir}/node.json`,
    ],
  });
}
