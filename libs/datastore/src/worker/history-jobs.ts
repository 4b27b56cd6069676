import { SmxError, Zone, type PointDefinition } from '@smx-edge/model';
import { rawRows, type Row } from '../history/raw-rows.js';
import type { SampleSource } from '../history/sample-source.js';
import { windowRows } from '../history/window-rows.js';
import type { HistoryChunk, HistoryJob } from './protocol.js';

const CHUNK = 1000;
/** How long one job may keep the thread before others get a turn, ms. */
const TURN = 15;

interface Running {
  readonly rows: Generator<Row | undefined, void>;
  readonly boolean: boolean;
}

export interface HistoryJobsOptions {
  readonly source: SampleSource;
  /** Name of the site's time zone. */
  readonly zone: string;
  readonly definition: (handle: number) => PointDefinition | undefined;
}

/** Running history reads. Each is asked for its next chunk and works in turns, so that commits go on in between. */
export class HistoryJobs {
  private readonly jobs = new Map<number, Running>();
  /** Made when the first windows are asked for: it brings a megabyte of calendar with it. */
  private zone: Zone | undefined;

  constructor(private readonly options: HistoryJobsOptions) {}

  open({ job, ...query }: HistoryJob, now: number): void {
    const { source, definition } = this.options;
    const point = definition(query.handle);
    const { every, as = 'mean', round } = query;
    if (every !== undefined && !(Number.isSafeInteger(every) && every > 0))
      throw new SmxError('SMX_HTTP_BAD_REQUEST', 'windows have a length of whole milliseconds above 0');
    const textual = point?.type === 'string' || point?.type === 'numbers';
    if (every !== undefined && textual && as !== 'last')
      throw new SmxError('SMX_POINT_TYPE', `${point.path} has windows of its last value only; ask for as=last`);
    const rows =
      every === undefined
        ? rawRows(source.read(query), round)
        : windowRows(source, { ...query, every, as, zone: this.localZone(), now, maxAge: point?.maxAge ?? 0 });
    this.jobs.set(job, { rows, boolean: point?.type === 'boolean' && (every === undefined || as === 'last') });
  }

  /** The next rows of a job, when they are there; the job ends with its last chunk. */
  async next(job: number): Promise<HistoryChunk> {
    const running = this.jobs.get(job);
    if (running === undefined)
      throw new SmxError('SMX_STORE_FAILED', 'the reading of history was cut short; ask again');
    const rows: Row[] = [];
    let done = false;
    let turn = performance.now() + TURN;
    while (!done && rows.length < CHUNK) {
      const step = running.rows.next();
      if (step.done === true) done = true;
      else if (step.value !== undefined) rows.push(step.value);
      else if (performance.now() > turn) {
        await new Promise((resume) => setImmediate(resume));
        turn = performance.now() + TURN;
      }
    }
    if (done) this.jobs.delete(job);
    return chunkOf(rows, { boolean: running.boolean, done });
  }

  private localZone(): Zone {
    this.zone ??= new Zone(this.options.zone);
    return this.zone;
  }

  close(job: number): void {
    this.jobs.get(job)?.rows.return();
    this.jobs.delete(job);
  }
}

function chunkOf(rows: readonly Row[], { boolean, done }: { boolean: boolean; done: boolean }): HistoryChunk {
  const t = Float64Array.from(rows, (row) => row.t);
  const quality = Uint8Array.from(rows, (row) => row.quality);
  const numeric = rows.every(({ value }) => value === null || typeof value === 'number');
  const values = numeric
    ? Float64Array.from(rows, ({ value }) => (typeof value === 'number' ? value : NaN))
    : rows.map(({ value }) => value);
  return { t, quality, values, boolean, done };
}
