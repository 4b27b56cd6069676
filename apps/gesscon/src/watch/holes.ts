import type { Database } from '../store/database.js';
import type { Alarm } from './alarms.js';

/** The first batches that are missing of a stream, between some that are here. */
export interface Hole {
  readonly site: string;
  readonly stream: string;
  readonly epoch: number;
  /** The first that is missing, and the last before one that is here. */
  readonly from: number;
  readonly to: number;
  /** Since when, ms UTC. */
  readonly since: number;
  /** When one of the backlog last came, ms UTC. */
  readonly late: number | null;
  /** Batches below this number are backlog: the box had cut them when it came on line. */
  readonly next: number | null;
  /** What the box last said of itself. */
  readonly state: string | null;
}

/** A missing batch is sent again after 5, 10 and 20 s by itself. */
const HOLE_TIME = 40_000;
/** A fleet that was away for long begins with its backlog anywhere within ten minutes (contracts §5). */
const BACKLOG_START = 11 * 60_000;

/** Holes in the streams of the boxes' present epochs. */
export function holes(db: Database): Promise<Hole[]> {
  return db.rows<Hole>(
    `select site.name as site, stream.name as stream, stream.epoch, hole as "from", hole_since as since, late, next, state,
       (select min(seq) from batch b where b.site = stream.site and b.epoch = stream.epoch
          and b.stream = stream.name and b.seq > hole) - 1 as "to"
     from stream join site on site.key = stream.site
     where hole is not null and coalesce(state, '') <> 'gone' and stream.epoch = coalesce(site.epoch,
       (select max(epoch) from stream newest where newest.site = site.key and newest.name = stream.name))
     order by site.name, stream.name`,
  );
}

/** Whether a hole lies in a backlog that is on its way. */
export const isComing = ({ from, next, late }: Hole, now: number): boolean =>
  next !== null && from < next && now - (late ?? 0) < BACKLOG_START;

/** The alarms of holes that stand too long. */
export const holeAlarms = (found: readonly Hole[], now: number): Alarm[] =>
  found
    .filter((hole) => now - hole.since >= HOLE_TIME && !isComing(hole, now))
    .map(({ site, stream, from }) => {
      const detail = `batch ${from} of ${stream} is missing, later ones are here`;
      return { site, cause: 'hole', stream, detail };
    });
