import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { Backoff, describeError, isSmxError, SmxError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import type { Ledger, PartyView } from '../doors.js';
import type { DownDesk } from '../down-desk.js';
import type { Lanes } from '../lane/lanes.js';
import type { Streams } from '../lane/streams.js';
import { Party } from '../party.js';
import { StateMessage } from '../state-message.js';
import { Tree, TREE_KINDS } from '../topics.js';
import { Connection, type Mqtt } from './connection.js';
import { dial } from './dial.js';
import { DownLine } from './down-line.js';
import { linkFault } from './fault.js';
import { LinkOutlet, NOW_RENEWAL } from './link-outlet.js';
import type { LinkOptions, LinkState, LinkStatus } from './link-options.js';
import { Protocol, type Ending } from './version-choice.js';

/** A connection that held this long counts as a good one, ms. */
const GOOD = 10_000;
/** With the 10 s that a try may hang, a link is back within a minute of the repair of its broker, ms. */
const LONGEST_PAUSE = 45_000;
/** How long the last words may take, ms. */
const LAST_WORDS = 1500;

export interface LinkHouse {
  readonly site: string;
  readonly version: string;
  readonly epoch: number;
  readonly boot: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly clockState: () => 'ok' | 'unsure';
  readonly random: () => number;
  readonly mqtt: () => Promise<Mqtt>;
  readonly desk: DownDesk<Link>;
  readonly view: (principal: string) => PartyView | undefined;
  readonly connectTime?: number;
  readonly lanes?: Lanes;
  readonly keepAlive?: number;
  readonly answerTime?: number;
}

/** One party's tree on an outside broker, kept up for ever: a broker that is gone is tried again until it is back. */
export class Link {
  readonly tree: Tree;
  private readonly stateMessage: StateMessage;
  private readonly backoff: Backoff;
  private party: Party<LinkOutlet> | undefined;
  private outlet: LinkOutlet | undefined;
  private streams: Streams | undefined;
  private connection: Connection | undefined;
  private watching: Disposable | undefined;
  private timers: Disposable[] = [];
  private downLine: DownLine<Link> | undefined;
  private readonly protocol = new Protocol();
  private state: LinkState = 'stopped';
  private since: number;
  private fault: SmxError | undefined;
  private note: SmxError | undefined;
  private retryAt: number | undefined;
  /** Why its topics are to be emptied and it is to end. */
  private ending: SmxError | undefined;
  private done: (() => void) | undefined;
  private stopping = false;
  private readonly count = { connects: 0, failures: 0, sent: 0, dropped: 0 };

  constructor(
    private readonly o: LinkOptions,
    private readonly house: LinkHouse,
  ) {
    this.tree = new Tree(o.alias ?? house.site, o.name);
    this.stateMessage = new StateMessage(house);
    this.backoff = new Backoff(LONGEST_PAUSE, house.random);
    this.since = house.clock.now();
  }

  get name(): string {
    return this.o.name;
  }

  mayRequest(): boolean {
    return this.party?.mayRequest() === true;
  }

  status(): LinkStatus {
    const { o, fault, note, retryAt, state } = this;
    const wrong = state === 'online' ? note : fault;
    return {
      ...{ name: o.name, url: o.url, role: o.role, topics: this.tree.base, state, since: this.since, ...this.count },
      ...(state === 'online' ? { protocol: this.protocol.text } : {}),
      ...(this.ending?.code === 'SMX_LINK_REMOVED' ? { former: true as const } : {}),
      ...(wrong === undefined ? {} : { code: wrong.code, reason: wrong.message }),
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(this.streams === undefined ? {} : { streams: this.streams.status() }),
    };
  }

  /** Begins to connect. `over` = there is nothing to serve: what the broker still keeps of this party is emptied. */
  start(over?: SmxError, done?: () => void): void {
    if (this.state !== 'stopped') return;
    if (over === undefined) this.open();
    else this.ending = over;
    this.done = done;
    void this.connect();
  }

  /** Tells `closing` and ends; within two seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.outlet !== undefined && this.ending === undefined) {
      this.stateMessage.close();
      this.party?.offerAll('state');
      await this.lastWords(this.outlet);
    }
    this.finish('stopped');
  }

  /** The devices of the party changed. */
  revise(): void {
    this.party?.revise();
  }

  /** What `state` tells changed. */
  restate(): void {
    this.party?.offerAll('state');
  }

  /** Sends on a topic of the tree, QoS 1. */
  answer(rest: string, payload: Buffer): void {
    this.downLine?.say(this.tree.topic(rest), payload);
  }

  private open(): void {
    const { house, o } = this;
    const view = house.view(o.name);
    if (view === undefined) {
      this.ending = new SmxError('SMX_ACCESS_UNAUTHENTICATED', `the principal of link "${o.name}" is gone`);
      return;
    }
    const { clock, ledger, log } = house;
    this.party = new Party<LinkOutlet>({
      ...{ name: o.name, view, tree: this.tree, clock, ledger, log, via: 'link', now: o.now ?? 1000 },
      state: (hash) => this.stateMessage.payload(hash, this.streams?.head),
    });
    this.streams = house.lanes?.of(o.name, o.lane);
    this.watching = view.onRevision(() => {
      if (house.view(o.name) !== undefined) return;
      this.retire(
        new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'the principal of this link ended; its topics are emptied'),
      );
    });
  }

  /** Empties the topics on the broker, then ends for good. */
  private retire(why: SmxError): void {
    if (this.ending !== undefined) return;
    this.ending = why;
    this.closeParty();
    void this.house.lanes?.end(this.o.name);
    if (this.outlet !== undefined) void this.leave(this.outlet);
  }

  private async leave(outlet: LinkOutlet): Promise<void> {
    outlet.clear(TREE_KINDS);
    const told = await this.lastWords(outlet);
    // cut off in the middle: the next connection does it
    if (!told || this.stopping) return;
    this.fault = this.ending;
    this.finish('ended');
    this.done?.();
  }

  /** Whether the broker has taken everything in time. */
  private async lastWords(outlet: LinkOutlet): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const late = this.house.clock.after(LAST_WORDS, () => resolve(false));
      outlet.idle(() => {
        late.dispose();
        resolve(this.outlet === outlet);
      });
    });
  }

  private finish(state: 'stopped' | 'ended'): void {
    this.stopping = true;
    this.closeParty();
    this.drop();
    const { connection } = this;
    this.connection = undefined;
    connection?.close();
    this.retryAt = undefined;
    this.become(state);
  }

  private closeParty(): void {
    this.watching?.dispose();
    this.watching = undefined;
    this.party?.close();
    this.party = undefined;
    this.streams?.detach();
    this.streams = undefined;
  }

  private async connect(): Promise<void> {
    this.retryAt = undefined;
    this.become('connecting');
    try {
      const mqtt = await this.house.mqtt();
      // `state` tells how far the streams are
      await this.streams?.ready();
      if (this.stopping) return;
      const access = this.o.access();
      const { user, password } = access;
      this.connection = new Connection({
        mqtt,
        dialled: dial(this.o.url, access),
        version: this.protocol.version,
        clientId: clientId(this.tree.base),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
        will: { topic: this.tree.topic('state'), payload: this.will() },
        clock: this.house.clock,
        ...(this.house.connectTime === undefined ? {} : { connectTime: this.house.connectTime }),
        ...(this.house.keepAlive === undefined ? {} : { keepAlive: this.house.keepAlive }),
        onUp: (connection) => this.up(connection),
        onMessage: (message) => this.downLine?.take(message),
        onDrain: () => {
          this.outlet?.pump();
          this.streams?.pump();
        },
        onEnd: (fault, beforeConnack) => this.down(fault, beforeConnack),
      });
    } catch (error) {
      this.down(isSmxError(error) ? error : linkFault('SMX_LINK_TLS_CLIENT', describeError(error), error), true);
    }
  }

  private will(): Buffer {
    this.stateMessage.begin();
    // a party that ends leaves nothing behind, also where it is cut off
    return this.party === undefined
      ? Buffer.alloc(0)
      : this.pack(this.stateMessage.will(this.party.hash, this.streams?.head));
  }

  private up(connection: Connection): void {
    const { clock, log } = this.house;
    this.count.connects++;
    this.protocol.accepted();
    this.note = undefined;
    this.fault = undefined;
    this.become('online');
    log.info('link is up', { link: this.name, url: this.o.url, mqtt: this.protocol.text });
    this.timers.push(clock.after(GOOD, () => this.backoff.reset()));
    const outlet = (this.outlet = new LinkOutlet({
      ...{ connection, tree: this.tree, now: this.o.now !== undefined },
      messages: (kind) => this.party?.message(kind),
      pack: (payload) => this.pack(payload),
      onSent: () => {
        this.count.sent++;
      },
      onRefused: (kind, why) => this.refused(kind, why),
      clock,
      ...(this.house.answerTime === undefined ? {} : { answerTime: this.house.answerTime }),
    }));
    const { party } = this;
    if (this.ending !== undefined || party === undefined) return void this.leave(outlet);
    party.sessions.add(outlet);
    // nothing of an earlier time may stand there as if it were fresh
    if (this.o.now === undefined || party.size === 0) outlet.clear(['now']);
    party.snapshot(outlet, TREE_KINDS);
    this.renew(outlet);
    const line = (this.downLine = new DownLine<Link>({
      ...{ connection, tree: this.tree, party: this, desk: this.house.desk },
      pack: (payload) => this.pack(payload),
      onSent: () => {
        this.count.sent++;
      },
      onLost: (why, topic) => {
        this.count.dropped++;
        log.debug('link: message dropped', { link: this.name, topic, why });
      },
    }));
    this.streams?.attach((stream) => outlet.stream(stream));
    connection.subscribe(line.topics, (error) => {
      if (error === undefined) return;
      this.complain(linkFault('SMX_LINK_DENIED', `the broker refuses the down topics (${error.message})`));
    });
  }

  /** Keeps a `now` that does not change from running out on the broker. */
  private renew(outlet: LinkOutlet): void {
    if (this.outlet !== outlet || this.o.now === undefined) return;
    this.timers.push(
      this.house.clock.after(NOW_RENEWAL, () => {
        outlet.offer('now');
        outlet.pump();
        this.timers = [];
        this.renew(outlet);
      }),
    );
  }

  private down(fault: SmxError, beforeConnack: boolean): void {
    const largest = this.outlet?.unanswered;
    this.drop();
    this.connection = undefined;
    if (this.stopping) return;
    this.count.failures++;
    this.show({ fault, beforeConnack, largest });
    const wait = this.backoff.next();
    this.retryAt = this.house.clock.now() + wait;
    this.become('waiting');
    this.timers.push(
      this.house.clock.after(wait, () => {
        this.timers = [];
        void this.connect();
      }),
    );
  }

  private show(ending: Ending): void {
    const before = this.fault?.code;
    this.fault = this.protocol.weigh(ending);
    const { code, message } = this.fault;
    // a broker that is away for weeks fills no log
    const level = code === before ? 'debug' : 'warn';
    this.house.log[level]('link is down; it is tried again', { link: this.name, code, reason: message });
  }

  private drop(): void {
    for (const timer of this.timers) timer.dispose();
    this.timers = [];
    const { outlet } = this;
    this.outlet = undefined;
    this.downLine = undefined;
    this.streams?.detach();
    if (outlet === undefined) return;
    this.party?.sessions.delete(outlet);
    outlet.end();
  }

  private refused(kind: string, why: { bytes: number } | { error: Error }): void {
    this.count.dropped++;
    if ('bytes' in why)
      this.complain(linkFault('SMX_LINK_PACKET', `\`${kind}\` of ${why.bytes} bytes is more than the broker takes`));
    else this.complain(linkFault('SMX_LINK_DENIED', `the broker does not take \`${kind}\` (${why.error.message})`));
  }

  /** Something is wrong though the link is up. */
  private complain(note: SmxError): void {
    if (this.note === undefined)
      this.house.log.warn('link is up, but', { link: this.name, code: note.code, reason: note.message });
    this.note ??= note;
  }

  private pack(payload: Buffer): Buffer {
    return this.o.compress ? deflateSync(payload) : payload;
  }

  private become(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.since = this.house.clock.now();
  }
}

/** Short enough for any broker, and the same after a restart; says nothing of the site. */
function clientId(base: string): string {
  return `smx-${createHash('sha256').update(base).digest('hex').slice(0, 16)}`;
}
