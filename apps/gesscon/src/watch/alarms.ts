import type { Clock, Log } from '@smx-edge/model';
import type { Database } from '../store/database.js';
import { Store } from '../store/store.js';

/**
 * `lost`: the broker lost its connection. `closing`: it was stopped. `silent`: on line, and no batches. `hole`: a number
 * is missing. `gap`: rows that the box itself says are gone. `epoch`: its store was lost or restored. `unanswered`: an order
 * has no outcome yet. `command`: one came to another end than was asked.
 */
type Cause = 'lost' | 'closing' | 'silent' | 'hole' | 'gap' | 'epoch' | 'unanswered' | 'command';

export interface Alarm {
  readonly site: string;
  readonly cause: Cause;
  /** Of which stream, where it is of one. */
  readonly stream?: string | null;
  readonly detail: string;
}

export interface AlarmRow extends Alarm {
  /** ms UTC. */
  readonly raised: number;
  readonly cleared: number | null;
}

/** Alarms as they were raised and cleared, in the database and in the log. */
export class Alarms {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The newest first; `open`: those that still stand. */
  list(which: 'open' | 'all', limit = 1000): Promise<AlarmRow[]> {
    return this.store.db.rows(
      `select site.name as site, cause, stream, detail, raised, cleared from alarm join site on site.key = alarm.site
       ${which === 'open' ? 'where cleared is null' : ''} order by raised desc, alarm.key desc limit $1`,
      [limit],
    );
  }

  /** Something that happened and does not end, in one transaction with `told`, which notes that it is told. */
  async once({ site, cause, detail }: Alarm, told: (inside: Database, at: number) => Promise<unknown>): Promise<void> {
    const key = (await this.store.keys.ofSites([site])).get(site)!;
    const at = this.clock.now();
    await this.store.db.atomic(async (inside) => {
      await inside.rows('insert into alarm (site, cause, detail, raised, cleared) values ($1, $2, $3, $4, $4)', [
        ...[key, cause, detail, at],
      ]);
      await told(inside, at);
    });
    this.log.error('alarm', { site, cause, detail });
  }

  /** Raises what stands and is not raised yet, clears what stands no more. */
  async settle(standing: readonly Alarm[]): Promise<void> {
    const now = this.clock.now();
    const nameOf = ({ site, cause, stream }: Alarm): string => `${site}/${cause}/${stream ?? ''}`;
    const open = await this.list('open', 1_000_000);
    const stands = new Map(standing.map((alarm) => [nameOf(alarm), alarm]));
    for (const alarm of open)
      if (!stands.delete(nameOf(alarm))) {
        const { site, cause, stream = null } = alarm;
        this.log.info('alarm cleared', { site, cause, stream });
        await this.store.db.rows(
          `update alarm set cleared = $3 where cleared is null and cause = $2 and coalesce(stream, '') = $4
             and site = (select key from site where name = $1)`,
          [site, cause, now, stream ?? ''],
        );
      }
    for (const { site, cause, stream = null, detail } of stands.values()) {
      const key = (await this.store.keys.ofSites([site])).get(site)!;
      this.log.error('alarm', { site, cause, detail });
      await this.store.db.rows('insert into alarm (site, cause, detail, raised, stream) values ($1, $2, $3, $4, $5)', [
        ...[key, cause, detail, now, stream],
      ]);
    }
  }
}
