import type { Socket } from 'node:net';
import type { Client } from 'aedes';
import {
  SmxError,
  type Clock,
  type Disposable,
  type LiveSource,
  type Log,
  type PrincipalRecord,
} from '@smx-edge/model';
import type { DeviceMessage } from './device-shelf.js';
import type { Ledger, LoginBook, PartyGate } from './doors.js';
import type { DownHandler } from './down-desk.js';
import { Engine, type Visitor } from './engine.js';
import { guardInlet } from './inlet.js';
import { DEFAULT_LIMITS, type BrokerLimits } from './limits.js';
import type { Lanes } from './lane/lanes.js';
import { LocalStreams } from './lane/local-streams.js';
import { Listener, type TlsFiles } from './listener.js';
import { BAD_CREDENTIALS, LoginDesk, SERVER_UNAVAILABLE } from './login-desk.js';
import { LoginTally } from './login-tally.js';
import { Party } from './party.js';
import { Router } from './router.js';
import { Session } from './session.js';
import { StateMessage } from './state-message.js';
import { isTopicLevel, Tree, TREE_KINDS, type DownKind } from './topics.js';

export interface LocalBrokerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Key and certificate, read anew at each start: files that cannot be read are a fault of that start alone. */
  readonly tls?: () => TlsFiles;
  readonly site: string;
  readonly version: string;
  readonly gate: PartyGate;
  readonly principals: LoginBook;
  readonly live: Pick<LiveSource, 'onCatalogue'>;
  readonly epoch: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  /** When the core started, ms UTC; default: now. */
  readonly boot?: number;
  /** Whether the box's clock can be believed; `restate` tells that it changed. */
  readonly clockState: () => 'ok' | 'unsure';
  readonly limits?: Partial<BrokerLimits>;
  /** The certain lane; without one nobody has streams. */
  readonly lanes?: Lanes;
}

/** State of the broker for the page, health and metrics. */
export interface BrokerStatus {
  readonly state: 'stopped' | 'listening' | 'failed';
  /** Why it failed. */
  readonly fault?: SmxError;
  readonly connections: number;
  readonly clients: number;
  readonly loginFailures: number;
  readonly denied: number;
  readonly dropped: number;
}

/** How long a client may take to read its last messages, ms. */
const LAST_WORDS = 1000;

/**
 * The embedded local MQTT broker (contracts §5): each principal with a token finds its own tree there and nothing
 * else. It holds no data of its own; everything it sends comes from the principal's view through the gate.
 */
export class LocalBroker {
  private readonly limits: BrokerLimits;
  private readonly logins: LoginDesk;
  private readonly tally: LoginTally;
  private readonly router: Router;
  private readonly stateMessage: StateMessage;
  private readonly streams: LocalStreams;
  private readonly parties = new Map<string, Party>();
  private readonly sessions = new Map<Client, Session>();
  private owned: Disposable[] = [];
  private engine: Engine | undefined;
  private listener: Listener | undefined;
  private port: number;
  private fault: SmxError | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly o: LocalBrokerOptions) {
    if (!isTopicLevel(o.site))
      throw new SmxError(
        'SMX_CONFIG_INVALID',
        `site "${o.site}" cannot stand in a topic; use letters, digits, - and _`,
      );
    this.limits = { ...DEFAULT_LIMITS, ...o.limits };
    this.port = o.port;
    this.logins = new LoginDesk({ book: o.principals, gate: o.gate, clock: o.clock });
    this.tally = new LoginTally(o.ledger, o.clock);
    this.stateMessage = new StateMessage(o);
    this.router = new Router({
      gate: o.gate,
      clock: o.clock,
      log: o.log,
      limits: this.limits,
      parties: () => this.parties.values(),
      end: (session, why) => this.end(session, why),
      ...(o.lanes === undefined ? {} : { lanes: o.lanes }),
    });
    this.streams = new LocalStreams({
      lanes: o.lanes,
      give: (party, message) => this.router.give(party, message),
    });
  }

  /** Clients that are logged in. */
  get clients(): number {
    return this.sessions.size;
  }

  /** Where it listens; the port is the bound one once started. */
  get address(): { host: string; port: number } {
    return { host: this.o.host, port: this.port };
  }

  /** Begins to listen. Throws SMX_BROKER_ADDRESS, which also stands in `status()`; it may be tried again. */
  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  /** Tells every client `closing`, lets it read that, and closes the port. */
  stop(): Promise<void> {
    return this.inTurn(() => this.finish());
  }

  /** What `state` tells of the box changed. */
  restate(): void {
    for (const party of this.parties.values()) party.offerAll('state');
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.turn.then(step);
    // the caller gets the error; the next step comes whatever it was
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async begin(): Promise<void> {
    if (this.engine !== undefined) return;
    const { o, limits } = this;
    const listener = new Listener({
      ...{ host: o.host, port: o.port, log: o.log, waiting: limits.waiting, handshakeTimeout: limits.connectTimeout },
      ...(o.tls === undefined ? {} : { tls: o.tls }),
      onSocket: (socket) => this.accept(socket),
    });
    this.stateMessage.begin();
    const engine = (this.engine = await Engine.start(this.hooks(), limits));
    try {
      this.port = await listener.open();
    } catch (error) {
      this.engine = undefined;
      await engine.stop();
      if (error instanceof SmxError) this.fault = error;
      throw error;
    }
    this.fault = undefined;
    this.listener = listener;
    this.owned = [
      o.principals.onChange((kind, record) => {
        if (kind !== 'removed') return;
        this.revoke(record.name);
        void o.lanes?.end(record.name);
      }),
      // a device going off line is in no view's revision, but in `cat`
      o.live.onCatalogue(() => {
        for (const party of this.parties.values()) party.revise();
      }),
    ];
    // `state` tells how far the streams are, which begin a moment after the first subscription
    if (o.lanes !== undefined) this.owned.push(o.lanes.onOpen((name) => this.parties.get(name)?.offerAll('state')));
    o.log.info('local broker listens', { host: o.host, port: this.port, tls: o.tls !== undefined });
  }

  private async finish(): Promise<void> {
    const { engine, listener } = this;
    if (engine === undefined || listener === undefined) return;
    this.engine = undefined;
    this.listener = undefined;
    listener.shut();
    for (const item of this.owned) item.dispose();
    this.stateMessage.close();
    for (const party of this.parties.values()) party.offerAll('state');
    for (const session of this.sessions.values()) this.end(session, 'the broker stops');
    await listener.close(LAST_WORDS);
    await engine.stop();
    for (const party of this.parties.values()) {
      this.streams.look(party);
      party.close();
    }
    this.parties.clear();
    this.sessions.clear();
    this.tally.flush();
  }

  status(): BrokerStatus {
    const state = this.listener !== undefined ? 'listening' : this.fault === undefined ? 'stopped' : 'failed';
    return {
      state,
      ...(this.fault === undefined ? {} : { fault: this.fault }),
      connections: this.listener?.connections ?? 0,
      clients: this.sessions.size,
      loginFailures: this.logins.failures,
      ...this.router.counts,
    };
  }

  /** Makes `handler` serve one kind of down topic; without one, what asks for an answer is refused. */
  onDown(kind: DownKind, handler: DownHandler): Disposable {
    return this.router.handle(kind, handler);
  }

  /** Messages of devices that speak MQTT, as far as the role of their token grants the topic. */
  onDeviceMessage(listener: (message: DeviceMessage) => void): Disposable {
    return this.router.onDeviceMessage(listener);
  }

  private hooks(): Parameters<typeof Engine.start>[0] {
    const { router } = this;
    const of = (client: Client): [Party, Session] | undefined => {
      const session = this.sessions.get(client);
      const party = session && this.parties.get(session.principal);
      return party === undefined ? undefined : [party, session!];
    };
    return {
      login: (visitor, credentials, done) => this.login(visitor, credentials, done),
      publish: (client, packet) => {
        const known = of(client);
        if (known !== undefined) router.publish(...known, packet);
      },
      maySubscribe: (client, subscription) => {
        const known = of(client);
        return known !== undefined && router.maySubscribe(...known, subscription);
      },
      mayReceive: (client, topic) => {
        const known = of(client);
        return known !== undefined && router.mayReceive(...known, topic);
      },
      subscribed: (client, filters) => {
        const known = of(client);
        if (known === undefined) return;
        const [party, session] = known;
        party.snapshot(session, session.subscribed(filters));
        this.streams.look(party);
        router.unshelve(
          party,
          session,
          filters.map(({ topic }) => topic),
        );
      },
      unsubscribed: (client, filters) => {
        const known = of(client);
        known?.[1].unsubscribed(filters);
        if (known !== undefined) this.streams.look(known[0]);
      },
      left: (client) => this.left(client),
      fault: (reason) => this.o.log.debug('local broker: connection ended', { reason }),
    };
  }

  private accept(socket: Socket): void {
    const { engine } = this;
    if (engine === undefined) return void socket.destroy();
    guardInlet(socket, {
      clock: this.o.clock,
      limits: this.limits,
      onViolation: (reason) => this.o.log.info('local broker: client cut off', { reason }),
    });
    engine.handle(socket);
  }

  private login(visitor: Visitor, credentials: { name?: string; token?: string }, done: (code?: number) => void): void {
    const socket = visitor.client.conn as Socket;
    const verdict = this.logins.check(credentials.name, credentials.token, socket.remoteAddress ?? '');
    if (!('refused' in verdict)) {
      done(this.admit(visitor, verdict.record));
      return;
    }
    this.o.log.info('local broker: login refused', { address: socket.remoteAddress });
    if (verdict.delay === undefined) socket.destroy();
    else this.o.clock.after(verdict.delay, () => done(BAD_CREDENTIALS));
  }

  /** Makes the session of a proven principal; a CONNACK code where there can be none. */
  private admit({ client, clientId }: Visitor, record: PrincipalRecord): number | undefined {
    const { name } = record;
    const party = this.parties.get(name) ?? this.open(record);
    if (party === undefined) return SERVER_UNAVAILABLE;
    for (const session of party.sessions)
      if (clientId !== '' && session.clientId === clientId) this.end(session, 'the same client id came again');
    const open = [...party.sessions].filter((session) => !session.ended).length;
    if (open >= this.limits.perPrincipal || this.sessions.size >= this.limits.clients) {
      this.o.log.warn('local broker: too many clients; login refused', { party: name });
      this.leave(party);
      return SERVER_UNAVAILABLE;
    }
    const socket = client.conn as Socket;
    const session = new Session(client, socket, {
      principal: name,
      clientId,
      tree: party.tree,
      messages: (kind) => party.message(kind),
      backlog: this.limits.backlog,
      onDrain: () => this.streams.pump(party),
    });
    this.sessions.set(client, session);
    party.sessions.add(session);
    // the engine tells of clients that were connected; one that goes before is seen here
    socket.once('close', () => this.left(client));
    this.listener?.admit(socket);
    this.tally.add(name);
    return undefined;
  }

  private open(record: PrincipalRecord): Party | undefined {
    const { name, alias } = record;
    const view = this.o.gate.view(name);
    const site = alias ?? this.o.site;
    if (view === undefined || !isTopicLevel(site)) {
      this.o.log.error('local broker: no view or no usable alias for a valid token', { party: name });
      return undefined;
    }
    const party = new Party({
      ...{ name, view, tree: new Tree(site, name), clock: this.o.clock, ledger: this.o.ledger, log: this.o.log },
      state: (hash) => this.stateMessage.payload(hash, this.o.lanes?.heads(name)),
    });
    this.parties.set(name, party);
    return party;
  }

  private left(client: Client): void {
    const session = this.sessions.get(client);
    if (session === undefined) return;
    this.sessions.delete(client);
    session.dispose();
    const party = this.parties.get(session.principal);
    if (party?.sessions.delete(session) !== true) return;
    this.streams.look(party);
    this.leave(party);
  }

  private leave(party: Party): void {
    if (party.sessions.size > 0 || this.parties.get(party.name) !== party) return;
    this.parties.delete(party.name);
    party.close();
  }

  private revoke(name: string): void {
    this.router.clear(name);
    const party = this.parties.get(name);
    if (party === undefined) return;
    for (const session of party.sessions) {
      session.clear(TREE_KINDS);
      this.end(session, 'its principal ended');
    }
    this.parties.delete(name);
    party.close();
  }

  private end(session: Session, why: string): void {
    if (session.ended) return;
    this.o.log.info('local broker: client ended', { party: session.principal, client: session.clientId, why });
    session.end((destroy) => this.o.clock.after(LAST_WORDS, destroy));
    // a stream that goes on at another client begins anew there, as after any connection
    const party = this.parties.get(session.principal);
    if (party !== undefined) this.streams.look(party);
  }
}
