import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Store } from '@iotw/kernel/ports/store';
import type { TransactionVerifier } from '@iotw/kernel/ports/verifier';
import type { Failure } from '@iotw/kernel/result';
import type { VersionTable } from '@iotw/ledger/version-rules';
import type { TrustNodeLimits } from '@iotw/nodes/trust-node/context';
import type { Standing } from '@iotw/nodes/trust-node/ledger-word';
import type { Genesis } from '@iotw/protocol/genesis';
import type { CometPlan, LedgerIdentity } from './ledger-role.js';
import type { MeshIdentity } from './mesh-links.js';
import type { WallClock } from './wall-clock.js';

export interface TrustIdentity {
  readonly index: number;
  readonly keys: KeyPair;
  /** Those that sign once the ledger lists them. */
  readonly nextKeys?: KeyPair;
  readonly accountKeys: KeyPair;
  /** Where its devices log in, an MQTT URL, to be told on the ledger. */
  readonly address?: string;
}

export interface NodeProcessOptions {
  readonly genesis: Genesis;
  readonly store: Store;
  readonly verifier: TransactionVerifier;
  readonly clock: WallClock;
  readonly trust: readonly TrustIdentity[];
  /** The ledger server of this process; without one its trust nodes follow a remote one over the mesh. */
  readonly ledger?: LedgerIdentity;
  /** The ledger server orders with the others on CometBFT; without this it orders alone. */
  readonly cometbft?: CometPlan;
  /** How the nodes of this process meet those of others; none: it is the whole network. */
  readonly mesh?: readonly MeshIdentity[];
  readonly limits?: Partial<TrustNodeLimits>;
  /** How far back the ledger server keeps rounds, in agreed time, ms; without this it keeps all (an archive). */
  readonly keepMs?: number;
  /** The protocol's versions that this process knows, with their rules; default: those of the product. */
  readonly versions?: VersionTable | undefined;
  readonly failpoints?: Failpoints;
  readonly log?: (line: string, data: Readonly<Record<string, unknown>>) => void;
  /** What the network lets a trust node of this process do has changed. */
  readonly onStanding?: (trustNode: number, standing: Standing) => void;
  /** Gives up a state sync that is under way, so that `open` ends. */
  readonly stop?: AbortSignal;
  /** The process can't go on (the disk refuses, a round can't be applied): stop it. */
  readonly onHalt: (fault: Failure) => void;
}
