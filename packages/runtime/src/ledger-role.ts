import { randomBytes } from 'node:crypto';
import type { CometPlace, OwnKeys } from '@iotw/adapters/cometbft/comet-host';
import { CometNode } from '@iotw/adapters/cometbft/comet-node';
import type { StateSyncPlan } from '@iotw/adapters/cometbft/home';
import { readHeight, readOrigin, roundHeightErase } from '@iotw/adapters/cometbft/position';
import { EmbeddedEngine } from '@iotw/adapters/engine/embedded-engine';
import type { CommitSource } from '@iotw/api/backend';
import { equalBytes, readU64 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Store, Write } from '@iotw/kernel/ports/store';
import type { VerifiedRun, VerifyRun } from '@iotw/kernel/ports/verifier';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { RoundOutcome } from '@iotw/ledger/round-outcome';
import { sequenceCode } from '@iotw/ledger/tables/sequences';
import { Assigner } from '@iotw/nodes/assigner/assigner';
import { checkAgreed } from '@iotw/nodes/engine/agreed';
import type { Agreed, AppliedRound, Engine, EngineClient } from '@iotw/nodes/engine/engine';
import { genesisOrigin } from '@iotw/nodes/engine/origin';
import { votedWith, votersOf } from '@iotw/nodes/engine/voters';
import { HeldKeys } from '@iotw/nodes/held-keys';
import { readBeaconStore } from '@iotw/nodes/ledger-server/beacon-member';
import {
  LedgerServer,
  type LedgerServerEffect,
  type LedgerServerEvent,
} from '@iotw/nodes/ledger-server/ledger-server';
import type { RestoredLedger } from '@iotw/nodes/ledger-server/restore';
import type { RoundRecord } from '@iotw/nodes/ledger-server/round-record';
import { StateSaves } from '@iotw/nodes/ledger-server/state-saves';
import { decodeMessage, encodeMessage } from '@iotw/nodes/message-codec';
import { ledgerPeer, type PeerId, type PeerMessage } from '@iotw/nodes/messages';
import type { Genesis } from '@iotw/protocol/genesis';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import type { RoundInput } from '@iotw/protocol/round';
import { ENVELOPE } from '@iotw/protocol/transaction';
import { KeptRounds } from './kept-rounds.js';
import { verifierFailed } from './local-entrance.js';
import { retainPlan } from './retain-plan.js';
import type { Shell } from './shell.js';
import type { SnapshotMaker, SnapshotPlan } from './state-sync.js';

export interface LedgerIdentity {
  readonly index: number;
  readonly keys: KeyPair;
  /** Those that sign once the ledger lists them. */
  readonly nextKeys?: KeyPair;
  readonly vrfKeys: KeyPair;
  /** The API server beside it, if it signs assignments. */
  readonly api?: { readonly index: number; readonly keys: KeyPair };
}

/** Where the ledger server's CometBFT runs and meets the others, and how a server joins by state sync. */
export interface CometPlan
  extends Pick<CometPlace, 'home' | 'file' | 'linkSeed' | 'listen' | 'peers' | 'rpc'> {
  /** Of the link key that it takes once the ledger lists it. */
  readonly nextLinkSeed?: Uint8Array | undefined;
  /** What an operator trusts: a server without a ledger joins from a snapshot. */
  readonly stateSync?: StateSyncPlan | undefined;
  /** What it gives to those that join. */
  readonly snapshots?: SnapshotPlan | undefined;
}

export interface LedgerRoleOptions {
  readonly identity: LedgerIdentity;
  readonly genesis: Genesis;
  readonly store: Pick<Store, 'get' | 'range'>;
  readonly restored: RestoredLedger;
  readonly checker: SignatureChecker;
  /** Verifies the transactions of a block that another process certified. */
  readonly verify: (run: VerifyRun) => Promise<VerifiedRun>;
  /** A round is applied and durable. */
  readonly applied: (record: RoundRecord, outcome: RoundOutcome) => void;
  /** Orders together with the other ledger servers, on CometBFT; without it this is the only one and orders alone. */
  readonly cometbft?: CometPlan;
  readonly snapshots?: SnapshotMaker | undefined;
  /** How far back rounds are kept, in agreed time, ms; undefined: all are. */
  readonly keepMs?: number | undefined;
}

const NOTHING = new Uint8Array(0);

/** How often the machine looks for stalled lanes and a proof that is due, ms. */
const DUTY_MS = 1_000;

/** The ledger server of this process: its machine and its engine. */
export class LedgerRole {
  readonly peer: PeerId;
  readonly ledger: Ledger;
  /** Which rounds are on disk. */
  readonly kept: KeptRounds;
  readonly #saves: StateSaves;
  readonly #shell: Shell;
  readonly #options: LedgerRoleOptions;
  readonly #held: HeldKeys;
  /** Link keys, for CometBFT. */
  readonly #link: HeldKeys | undefined;
  readonly #server: LedgerServer;
  readonly #engine: Engine;
  readonly #comet: CometNode | undefined;
  /** Answers that the engine waits for, by token of the question. */
  readonly #judging = new Map<number, (verdict: Result<void>) => void>();
  #nextJudge = 1;
  /** Pages of the state at an epoch's edge, for the commit of the round that made it. */
  #snapshot: Write[] | undefined;
  #durable: EngineClient['durable'];
  readonly #assigner: Assigner;
  #dutyAtMs = Number.NEGATIVE_INFINITY;

  constructor(shell: Shell, options: LedgerRoleOptions) {
    const { identity, genesis, store, cometbft, restored, checker, snapshots, keepMs } = options;
    const { ledger, snapshotRound: saved } = restored;
    this.#shell = shell;
    this.#options = options;
    this.ledger = ledger;
    this.peer = ledgerPeer(identity.index);
    const { index, vrfKeys } = identity;
    this.#held = new HeldKeys(identity.keys, identity.nextKeys);
    const keys = this.#held;
    this.#server = new LedgerServer({
      ...{ index, keys, vrfKeys },
      ledger,
      checker,
      beacon: { entropy: () => new Uint8Array(randomBytes(32)), stored: readBeaconStore(store) },
    });
    const { round, roundHash } = ledger;
    this.#saves = new StateSaves(ledger, saved);
    this.kept = new KeptRounds({
      ...{ store, commits: shell.commits, last: round, saved, timeMs: ledger.timeMs, keepMs },
      more: roundHeightErase,
      failpoints: shell.failpoints,
    });
    this.#durable = { number: round, hash: round === 0 ? shell.network : roundHash.slice() };
    const origin = readOrigin(store) ?? genesisOrigin(genesis);
    const client = this.#engineClient(origin.servers.length);
    if (cometbft === undefined) this.#engine = new EmbeddedEngine(client, shell.failpoints);
    else {
      const onFault = (fault: Failure): void => {
        const told = fault.code === 'cometbft-diverged' ? diverged(fault) : fault;
        shell.log(`CometBFT: ${told.message}`, { code: told.code });
        // Its consensus has stopped for good, and nothing that this server says is worth hearing.
        if (told !== fault) shell.halt(told);
      };
      const { failpoints } = shell;
      this.#link = new HeldKeys(...linkPairs(cometbft.linkSeed, cometbft.nextLinkSeed));
      const before = ledger.nodeKeys.heldAt(NODE_ROLE.ledger, index, round - 1);
      const key = ledger.ledgerServers.key(index);
      const own = {
        ...{ index, store, height: readHeight(store), snapshots: snapshots?.files, own: () => this.#own() },
        justRotated: round > 0 && !before.some((old) => equalBytes(old, key)),
      };
      const retain = keepMs === undefined ? undefined : retainPlan(store, this.kept, snapshots?.files);
      const place = { ...cometbft, ...own, network: shell.network, origin, onFault, failpoints, retain };
      this.#comet = new CometNode(client, place, () => shell.settle());
      this.#engine = this.#comet.engine;
    }
    this.#assigner = new Assigner(ledger, checker, [
      { role: 'ledger-server', index, keys },
      ...(identity.api === undefined
        ? []
        : [
            {
              role: 'api-server',
              index: identity.api.index,
              keys: new HeldKeys(identity.api.keys),
            } as const,
          ]),
    ]);
    shell.router.add(this.peer, (from, message) => this.#receive(from, message));
  }

  /** `servers`: how many may vote, as far as no vote has suspended them. */
  #engineClient(servers: number): EngineClient {
    const role = this;
    const shell = this.#shell;
    return {
      get durable() {
        return role.#durable;
      },
      get voters() {
        return votersOf(role.ledger, servers);
      },
      get votedWith() {
        return votedWith(role.ledger);
      },
      propose: (agreed) => this.#server.buildRound(agreed?.timeMs ?? shell.nowMs(), agreed?.misbehaviours),
      judge: (input, agreed, answer) => this.#judge(input, agreed, answer),
      decide: (input) => this.#step({ kind: 'decided', input }),
      keep: (own) => shell.commits.add(own, () => {}),
      extension: () => {
        const share = this.#server.seedShare(shell.nowMs());
        return share === undefined ? NOTHING : encodeMessage({ kind: 'seed-share', share });
      },
      heard: (server, extension) => this.#heard(server, extension),
    };
  }

  /** A signature for the next seed that came with another server's vote: as good as over a link. */
  #heard(server: number, extension: Uint8Array): boolean {
    const said = decodeMessage(this.#shell.network, extension);
    if (!said.ok || said.value.kind !== 'seed-share' || said.value.share.server !== server) return false;
    this.#step({ kind: 'peer', from: ledgerPeer(server), message: said.value });
    return true;
  }

  #judge(
    input: RoundInput | undefined,
    agreed: Agreed | undefined,
    answer: (verdict: Result<void>) => void,
  ): void {
    const checked = checkAgreed(this.ledger, input, agreed);
    if (!checked.ok || input === undefined) {
      answer(checked);
      return;
    }
    const token = this.#nextJudge++;
    this.#judging.set(token, answer);
    this.#step({ kind: 'judge', token, input });
  }

  /** Lets the engine begin: without CometBFT there is nothing to start. Errors: those of CometNode.start. */
  start(): Promise<Result<void>> {
    return this.#comet?.start() ?? Promise.resolve(ok(undefined));
  }

  /** What CometBFT is to be started with by now. */
  #own(): OwnKeys {
    const { ledgerServers } = this.ledger;
    const { index } = this.#options.identity;
    const linkKeys = Array.from({ length: ledgerServers.rows }, (_, i) => ledgerServers.bytes('linkKey', i));
    const keys = this.#held.listed(ledgerServers.key(index));
    return { keys, linkSeed: this.#link!.listed(linkKeys[index]).secretKey.slice(0, 32), linkKeys };
  }

  /** Other link keys than before; of CometBFT, which takes them with the next signing key. */
  holdLinkSeeds(linkSeed: Uint8Array, nextLinkSeed: Uint8Array | undefined): void {
    this.#link?.replace(...linkPairs(linkSeed, nextLinkSeed));
  }

  /** Other keys than before, and those that sign after the next rotation. */
  hold(keys: KeyPair, nextKeys: KeyPair | undefined): void {
    this.#held.replace(keys, nextKeys);
  }

  /** What proves its rounds beyond its own signature; undefined: the server orders alone. */
  get engineCommits(): CommitSource | undefined {
    return this.#comet?.commits;
  }

  /** No round is under way. */
  get idle(): boolean {
    return this.#engine.idle;
  }

  /** Whether the sender's sequence is used by what is durable; false while a round is under way. */
  spent(envelope: Uint8Array): boolean {
    const { accounts } = this.ledger;
    const account = accounts.find(envelope.subarray(ENVELOPE.sender, ENVELOPE.sequence));
    if (account === -1 || !this.#engine.idle) return false;
    const code = sequenceCode(accounts, account, readU64(envelope, ENVELOPE.sequence));
    return code === RESULT_CODES['sequence-used'];
  }

  /** Certified blocks refused since the start. */
  get refused(): number {
    return this.#server.refused;
  }

  /** Something may be there to decide. */
  decide(): void {
    this.#engine.poke();
  }

  /** The duties that no message asks for. */
  tick(nowMs: number): void {
    this.kept.tick(nowMs);
    if (nowMs - this.#dutyAtMs < DUTY_MS) return;
    this.#dutyAtMs = nowMs;
    this.#step({ kind: 'tick' });
  }

  async stop(): Promise<void> {
    this.#engine.stop();
    await this.#comet?.stop();
    await this.#options.snapshots?.stop();
  }

  #receive(from: PeerId, message: PeerMessage): void {
    if (message.kind !== 'assign-request') {
      this.#step({ kind: 'peer', from, message });
      return;
    }
    const assigned = this.#shell.halted ? undefined : this.#assigner.answer(from, message);
    if (assigned !== undefined) this.#shell.router.send(this.peer, from, assigned);
  }

  #step(event: LedgerServerEvent): void {
    const shell = this.#shell;
    if (shell.halted) return;
    const effects: LedgerServerEffect[] = [];
    this.#server.step(event, shell.nowMs(), effects);
    for (const effect of effects) this.#perform(effect);
  }

  #enter(event: LedgerServerEvent): void {
    this.#step(event);
    this.#shell.settle();
  }

  #perform(effect: LedgerServerEffect): void {
    const { router, failpoints } = this.#shell;
    switch (effect.kind) {
      case 'send':
        router.send(this.peer, effect.to, effect.message);
        break;
      case 'persist':
        if (effect.round === undefined) this.#persist(effect.token, effect.writes);
        else this.#applied(effect.token, effect.writes, effect.round);
        break;
      case 'edge':
        failpoints?.hit('runtime-snapshot-write');
        this.#snapshot = this.#saves.atEdge(
          effect.outcome,
          this.#options.snapshots?.due(effect.outcome.header) ?? false,
        );
        break;
      case 'applied':
        failpoints?.hit('runtime-round-announce');
        this.#durable = { number: effect.record.header.number, hash: effect.outcome.hash };
        for (const { server, height } of effect.record.input.misbehaviours)
          this.#shell.log(
            `ledger:${server} signed two things at height ${height}: \`iotw server list\` shows it`,
            {
              code: 'ledger-server-misbehaved',
            },
          );
        // The engine has made nothing else durable yet: that height is the round's.
        if (effect.outcome.edge !== undefined) {
          const { store, snapshots } = this.#options;
          const { round } = this.#saves;
          this.kept.ended(round, effect.outcome.header.timeMs);
          if (round === this.#durable.number) snapshots?.edge(readHeight(store), effect.outcome);
        }
        this.#options.applied(effect.record, effect.outcome);
        this.#engine.persisted(this.#durable.number);
        break;
      case 'verify':
        this.#options.verify(effect.run).then(
          ({ ids, valid }) => this.#enter({ kind: 'verified', token: effect.token, ids, valid }),
          (error: unknown) => verifierFailed(this.#shell, error),
        );
        break;
      case 'halted':
        this.#shell.halt(effect.fault);
        break;
      case 'verdict':
        this.#judging.get(effect.token)?.(effect.result);
        this.#judging.delete(effect.token);
        break;
    }
  }

  #applied(token: number, writes: readonly Write[], round: Pick<AppliedRound, 'number' | 'hash'>): void {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    this.#saves.wrote(writes);
    this.#engine.applied({
      ...round,
      persist: (own) => {
        const { commits, failpoints } = this.#shell;
        // Same commit as the round itself: a snapshot never stands without its round.
        if (snapshot !== undefined) commits.add(snapshot, () => failpoints?.hit('runtime-snapshot-written'));
        this.#persist(token, [...own, ...writes]);
      },
    });
  }

  #persist(token: number, writes: readonly Write[]): void {
    const { commits, failpoints } = this.#shell;
    failpoints?.hit('runtime-round-persist');
    commits.add(writes, () => {
      failpoints?.hit('runtime-round-persisted');
      this.#step({ kind: 'persisted', token });
    });
  }
}

/** What its operator is told, now and at each start on these data. */
function diverged({ code, message }: Failure): Failure {
  const mend = 'Keep the data directory to look at and join with an empty one (docs/operate/state-sync.md).';
  return { code, message: `this server's state is not that of the others. ${mend} It said: ${message}` };
}

function linkPairs(linkSeed: Uint8Array, next: Uint8Array | undefined): [KeyPair, KeyPair | undefined] {
  return [keyPairFromSeed(linkSeed), next && keyPairFromSeed(next)];
}
