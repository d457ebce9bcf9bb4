import { readFile } from 'node:fs/promises';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { isHostAddress } from '@iotw/protocol/host-address';
import { MAX_ADDRESS_BYTES } from '@iotw/protocol/limits';
import { z } from 'zod';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex characters');
const port = z.number().int().min(0).max(65_535);
const listen = z.strictObject({ host: z.string().min(1), port });

const peer = z.string().regex(/^(trust|ledger):(0|[1-9]\d{0,3})$/, 'a node such as trust:1 or ledger:0');

const origin = z
  .string()
  .refine(isOrigin, 'https:// (or http://), a host in lower case and a port if it is not the usual one');
const publicOrigins = z
  .strictObject({ app: origin, signer: origin })
  .refine(
    ({ app, signer }) => app !== signer,
    'two origins: what signs is out of the reach of the app only apart',
  );

/** As a browser writes it: no path, no slash at the end, no usual port. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** An external MQTT broker and this trust node's service credential there; see docs/operate/external-broker.md. */
const externalBroker = z.strictObject({
  url: z.string().regex(/^(mqtts?|wss?):[/][/]/, 'mqtt://, mqtts://, ws:// or wss:// and a host'),
  username: z.string().min(1).optional(),
  /** File that holds the password alone. */
  passwordFile: z.string().min(1).optional(),
  /** PEM file of the authority that signed the broker's certificate. */
  caFile: z.string().min(1).optional(),
});

/** Where the devices of a trust node log in, as others reach it; told on the ledger. */
const announce = z
  .string()
  .refine(
    isHostAddress,
    `mqtt://, mqtts://, ws:// or wss://, a host and a port, at most ${MAX_ADDRESS_BYTES} characters`,
  );

/** Fewest days of rounds that a ledger server may keep. */
const LEAST_DAYS = 3;

/** Schema of a node's configuration file: one JSON object, unknown members refused. */
export const nodeConfigSchema = z.strictObject({
  /** Directory of the ledger, the lanes and the index; made where it does not exist. */
  data: z.string().min(1),
  /** The network's genesis (JSON, see `iotw genesis`). */
  genesis: z.string().min(1),
  /** File with this node's key seeds; readable by its owner only. */
  keys: z.string().min(1),
  roles: z.array(z.enum(['trust', 'ledger', 'api'])).min(1),
  /**
   * `signerPort`: the wallet's signer, an origin of its own; without it no wallet is served. `public`: where browsers find app and signer, behind a
   * proxy on this machine.
   */
  api: listen.extend({ signerPort: port.optional(), public: publicOrigins.optional() }).optional(),
  /** One MQTT entrance per trust node of this process: the built-in broker, or an external one. */
  mqtt: z
    .array(
      z.union([
        z.strictObject({
          trustNode: z.number().int().min(0),
          tcp: listen,
          ws: listen.optional(),
          /** TLS with the key of `tlsSeed`, which devices pin. */
          tls: listen.optional(),
          announce: announce.optional(),
        }),
        z.strictObject({
          trustNode: z.number().int().min(0),
          broker: externalBroker,
          announce: announce.optional(),
        }),
      ]),
    )
    .default([]),
  /** Links to nodes of other processes: one entry for each node of this one that has any. */
  mesh: z
    .array(
      z.strictObject({
        self: peer,
        listen: listen.optional(),
        /** Nodes to dial; a link needs one of its two ends to dial. `linkKey`: see docs/operate/processes.md. */
        peers: z
          .array(
            z.strictObject({ peer, host: z.string().min(1), port: port.min(1), linkKey: hex32.optional() }),
          )
          .default([]),
      }),
    )
    .optional(),
  /**
   * The ledger server orders together with the others, on CometBFT; without this it orders alone. `file`: the binary,
   * where it is neither named by IOTW_COMETBFT nor on the path. `listen` and `peers`: of CometBFT itself. `rpc`: where it answers
   * servers that join. `stateSync`: a server without a ledger joins from a snapshot; see docs/operate/state-sync.md.
   */
  cometbft: z
    .strictObject({
      file: z.string().min(1).optional(),
      listen: listen.extend({ port: port.min(1) }),
      peers: z
        .array(
          z.strictObject({ server: z.number().int().min(0), host: z.string().min(1), port: port.min(1) }),
        )
        .default([]),
      rpc: listen.extend({ port: port.min(1) }).optional(),
      stateSync: z
        .strictObject({
          trustHeight: z.number().int().min(1),
          trustHash: z
            .string()
            .regex(/^[0-9A-Fa-f]{64}$/, '64 hex characters: the hash of a block of CometBFT'),
          /** CometBFT's `rpc` of other ledger servers. */
          rpcServers: z
            .array(z.string().regex(/^https?:[/][/][^\s,"]+$/, 'http:// or https://, a host and a port'))
            .min(2)
            .max(16),
        })
        .optional(),
      /** What it gives to servers that join: the newest `keep` (4), one in so many seconds (60). `keep` 0: none. */
      snapshots: z
        .strictObject({
          keep: z.number().int().min(0).max(10).optional(),
          everySeconds: z.number().int().min(1).max(604_800).optional(),
        })
        .optional(),
    })
    .optional(),
  /**
   * Rounds of so many last days are kept, in whole epochs; without this all are (an archive). At least 3: a double signature is
   * punished for two, and a light client trusts a block for one. See docs/operate/pruning.md.
   */
  keep: z.strictObject({ days: z.number().int().min(LEAST_DAYS).max(36_500) }).optional(),
  /** Threads that verify transaction signatures. */
  verifyWorkers: z.number().int().min(1).max(64).default(2),
  /** When blocks leave: transactions that make one full, most in one, longest wait for more. */
  lanes: z
    .strictObject({
      blockTarget: z.number().int().min(1).max(1024).optional(),
      blockMost: z.number().int().min(1).max(1024).optional(),
      lingerMs: z.number().int().min(0).max(1_000).optional(),
    })
    .optional(),
  /** Most bytes the data directory's pages may use. */
  storeBytes: z.number().int().min(1_048_576).optional(),
});

export type NodeConfig = z.infer<typeof nodeConfigSchema>;

/** The seeds that a node is to have after its next KeyRotate: it takes them by itself in the round that lists them. */
const next = z.strictObject({ seed: hex32, linkSeed: hex32 }).optional();

/** Schema of a node's key file: 32-byte seeds in hex. */
export const nodeKeysSchema = z.strictObject({
  trust: z
    .array(
      z.strictObject({
        index: z.number().int().min(0),
        seed: hex32,
        accountSeed: hex32,
        linkSeed: hex32,
        /** Of the key that its devices pin; a rotation leaves it as it is. */
        tlsSeed: hex32.optional(),
        next,
      }),
    )
    .default([]),
  ledger: z
    .strictObject({ index: z.number().int().min(0), seed: hex32, vrfSeed: hex32, linkSeed: hex32, next })
    .optional(),
  /** Seed of the faucet's account: only on test networks. */
  /** The key with which the API server of this process signs assignments. */
  api: z.strictObject({ index: z.number().int().min(0), seed: hex32 }).optional(),
  faucetSeed: hex32.optional(),
  /** The batch under which people join with an app: only where this server is to vouch for them. */
  guests: z
    .strictObject({
      maker: z.number().int().min(0).max(0xffff),
      batch: z.number().int().min(0).max(0xffff_ffff),
      seed: hex32,
    })
    .optional(),
});

export type NodeKeys = z.infer<typeof nodeKeysSchema>;

/**
 * Reads a JSON file by a schema. Errors: `config-unreadable`, `config-invalid` (names the member and what it
 * must be).
 */
export async function readConfigFile<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<Result<z.infer<S>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return fail('config-unreadable', `The file ${path} can't be read: check the path and its permissions.`, {
      path,
    });
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return fail('config-invalid', `The file ${path} is not JSON: ${(error as Error).message}.`, { path });
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  // A misspelt member says more than the one that is missing for it.
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const member = issue.path.length === 0 ? 'the file' : issue.path.join('.');
  return fail('config-invalid', `In ${path}, ${member}: ${issue.message}.`, { path, member });
}
