import '../packet-buffers.js';
import { describeError, SmxError, type Clock, type Disposable, type LiveSource, type Log } from '@smx-edge/model';
import type { Ledger, PartyGate } from '../doors.js';
import { DownDesk, type DownHandler } from '../down-desk.js';
import { isTopicLevel, type DownKind } from '../topics.js';
import type { Lanes } from '../lane/lanes.js';
import type { Mqtt } from './connection.js';
import { Link } from './link.js';
import type { LinkOptions, LinkStatus } from './link-options.js';

export interface LinksOptions {
  readonly site: string;
  readonly version: string;
  readonly gate: PartyGate;
  readonly live: Pick<LiveSource, 'onCatalogue'>;
  readonly epoch: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  /** When the core started, ms UTC; default: now. */
  readonly boot?: number;
  /** Whether the box's clock can be believed; `restate` tells that it changed. */
  readonly clockState: () => 'ok' | 'unsure';
  /** Jitter, in [0, 1). */
  readonly random?: () => number;
  /** How long a broker may take to accept, ms; default 10 s. */
  readonly connectTime?: number;
  /** The certain lane; without one no link has streams. */
  readonly lanes?: Lanes;
  /** s between two signs of life; default 30. */
  readonly keepAlive?: number;
  /** How long a broker may take to confirm a message, ms; default 60 s. */
  readonly answerTime?: number;
}

// loaded with the first link, so that a box without links does not pay for it
const loadMqtt = (): Promise<Mqtt> => import('mqtt');

/** All links of a box. A link never keeps the box or another link from running. */
export class Links {
  private readonly links = new Set<Link>();
  private readonly desk: DownDesk<Link>;
  private readonly owned: Disposable[];

  constructor(private readonly o: LinksOptions) {
    this.desk = new DownDesk<Link>({
      clock: o.clock,
      send: (link, rest, payload) => link.answer(rest, payload),
      onFault: (error, { kind, principal }) =>
        o.log.error('handler of a down topic failed', { kind, party: principal, error: describeError(error) }),
      onMalformed: (link, { kind, stream }) => {
        if (kind === 'ack') o.lanes?.refuse(link.name, stream);
      },
    });
    this.desk.handle('ack', (message) => o.lanes?.take(message));
    if (o.lanes !== undefined) this.desk.handle('req', (message) => o.lanes?.answer(message));
    this.owned = [
      o.live.onCatalogue(() => {
        for (const link of this.links) link.revise();
      }),
    ];
    if (o.lanes !== undefined)
      this.owned.push(
        o.lanes.onOpen((principal) => {
          for (const link of this.links) if (link.name === principal) link.restate();
        }),
      );
  }

  /**
   * Starts a link; its principal must be known to the gate. `over` says why there is nothing to serve any more: then
   * what the broker keeps of it is emptied, the link ends, and `done` is called.
   */
  add(options: LinkOptions, over?: SmxError, done?: () => void): void {
    const site = options.alias ?? this.o.site;
    if (!isTopicLevel(site))
      throw new SmxError('SMX_CONFIG_INVALID', `"${site}" cannot stand in a topic; use letters, digits, - and _`);
    const { o } = this;
    const link = new Link(options, {
      ...o,
      boot: o.boot ?? o.clock.now(),
      random: o.random ?? Math.random,
      mqtt: loadMqtt,
      desk: this.desk,
      view: (principal) => o.gate.view(principal),
    });
    this.links.add(link);
    link.start(over, done);
  }

  list(): LinkStatus[] {
    return [...this.links].map((link) => link.status());
  }

  /** What `state` tells of the box changed. */
  restate(): void {
    for (const link of this.links) link.restate();
  }

  /** Makes `handler` serve one kind of down topic; without one, what asks for an answer is refused. */
  onDown(kind: DownKind, handler: DownHandler): Disposable {
    return this.desk.handle(kind, handler);
  }

  /** Tells `closing` on every link and ends them; within two seconds. */
  async stop(): Promise<void> {
    for (const item of this.owned) item.dispose();
    await Promise.all([...this.links].map((link) => link.stop()));
  }
}
