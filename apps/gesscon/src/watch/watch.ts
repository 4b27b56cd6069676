import { describeError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { Store } from '../store/store.js';
import type { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Recall } from '../ingest/recall.js';
import type { Alarms } from './alarms.js';
import { holeAlarms, holes, isComing } from './holes.js';
import { judge, type Standing } from './judge.js';

/** How often it looks, ms: with `silence` of 45 s all is told within a minute. */
const LOOK = 5000;
/** Who looks keeps doing so; another worker takes over this long after its last look, ms. */
const LEASE = 15_000;

export interface WatchOptions {
  readonly store: Store;
  readonly alarms: Alarms;
  readonly boxes: Pick<Smx1Strategy, 'upSince'>;
  readonly dispatcher: Pick<Dispatcher, 'send' | 'look'>;
  readonly recall: Pick<Recall, 'ask'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly silence: number;
}

/** Looks after holes, gaps and silence; of several workers one does. */
export class Watch {
  private timer: Disposable | undefined;
  private looking: Promise<void> = Promise.resolve();
  /** Until when it is this worker that looks, ms UTC. */
  private leading = 0;
  /** When it last could not look: what came until then is not stored yet, ms UTC. */
  private blind = 0;

  constructor(private readonly o: WatchOptions) {}

  start(): void {
    this.timer = this.o.clock.after(LOOK, () => {
      this.looking = this.look().catch((error: unknown) =>
        this.o.log.error('the look after silence and holes failed', { error: describeError(error) }),
      );
      void this.looking.then(() => this.timer !== undefined && this.start());
    });
  }

  async stop(): Promise<void> {
    this.timer?.dispose();
    this.timer = undefined;
    await this.looking;
    await this.o.store.streams
      .update()
      .catch((error: unknown) => this.o.log.warn('the last marks are not kept', { error: describeError(error) }));
  }

  /** Resolves once no look is under way. */
  idle(): Promise<void> {
    return this.looking;
  }

  /** Whether it is this worker that looks. */
  get leads(): boolean {
    return this.o.clock.now() < this.leading;
  }

  /** One look. While broker or database is away nothing is judged: that silence is not the boxes'. */
  async look(): Promise<void> {
    try {
      await this.lookOnce();
    } catch (error) {
      this.blind = this.o.clock.now();
      throw error;
    }
  }

  private async lookOnce(): Promise<void> {
    const { store, clock, boxes, alarms, dispatcher, recall, silence } = this.o;
    await store.streams.update();
    const now = clock.now();
    await store.knowledge.learn(now);
    await dispatcher.send();
    if (boxes.upSince === undefined || !(await this.lead(now))) return;
    await store.streams.advance(now);
    await this.noteEpochs();
    await this.noteGaps();
    const standing = await this.standing();
    const missing = await holes(store.db);
    await recall.ask(missing.filter((hole) => !isComing(hole, now)));
    const options = { now, silence, hearing: Math.max(boxes.upSince, this.blind) };
    await alarms.settle([
      ...standing.flatMap((box) => judge(box, options)),
      ...holeAlarms(missing, now),
      ...(await dispatcher.look()),
    ]);
  }

  private async lead(now: number): Promise<boolean> {
    const { worker } = this.o.store.knowledge;
    const [mine] = await this.o.store.db.rows<{ holder: string }>(
      `insert into lead (one, holder, until) values (1, $1, $2)
       on conflict (one) do update set holder = excluded.holder, until = excluded.until
         where lead.holder = excluded.holder or lead.until < $3
       returning holder`,
      [worker, now + LEASE, now],
    );
    const isMine = mine?.holder === worker;
    this.leading = isMine ? now + LEASE : 0;
    return isMine;
  }

  private standing(): Promise<Standing[]> {
    return this.o.store.db.rows<Standing>(
      `select site.name as site, site.state, site.since, inst.last,
         case when catalogue.cat is null then 0 else catalogue.every end as every
       from site
       left join catalogue on catalogue.site = site.key and catalogue.cat = site.cat
       left join stream inst on inst.site = site.key and inst.name = 'inst' and inst.epoch = coalesce(site.epoch,
         (select max(epoch) from stream newest where newest.site = site.key and newest.name = 'inst'))`,
    );
  }

  /** Epochs that began anew become alarms once. */
  private async noteEpochs(): Promise<void> {
    const { store, alarms } = this.o;
    const fresh = await store.db.rows<{ key: number; site: string; epoch: number; before: number }>(
      'select key, name as site, epoch, epoch_before as before from site where epoch_before is not null',
    );
    for (const { key, site, epoch, before } of fresh) {
      const detail = `its store was lost or restored: epoch ${epoch} after ${before}, numbers begin anew`;
      await alarms.once({ site, cause: 'epoch', detail }, (inside) =>
        inside.rows('update site set epoch_before = null where key = $1 and epoch = $2', [key, epoch]),
      );
    }
  }

  /** Gap batches become alarms once. */
  private async noteGaps(): Promise<void> {
    const { store, alarms } = this.o;
    type Gap = Record<'seq' | 'from' | 'to' | 'key' | 'epoch', number> & Record<'site' | 'stream' | 'why', string>;
    const fresh = await store.db.rows<Gap>(
      `select site.name as site, stream, seq, why, t_from as "from", t_to as "to", site.key, gap.epoch
       from gap join site on site.key = gap.site where told is null order by found limit 1000`,
    );
    for (const { site, stream, seq, why, from, to, key, epoch } of fresh) {
      const span = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
      const detail = `${stream} ${seq}: rows of ${span} are gone (${why})`;
      await alarms.once({ site, cause: 'gap', detail }, (inside, at) =>
        inside.rows('update gap set told = $5 where site = $1 and epoch = $2 and stream = $3 and seq = $4', [
          ...[key, epoch, stream, seq, at],
        ]),
      );
    }
  }
}
