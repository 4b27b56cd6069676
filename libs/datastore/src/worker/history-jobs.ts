import { SmxError, type PointDefinition, type Zone } from '@smx-edge/model';
import { rawRows } from '../history/raw-rows.js';
import { RunBuilder, slice, valueAt, type SampleRun } from '../history/sample-run.js';
import type { KeptWindows, SampleSource } from '../history/sample-source.js';
import { windowRows } from '../history/window-rows.js';
import type { HistoryChunk, HistoryJob } from './protocol.js';

/** Rows of one answer: few enough that whoever takes them is not held up. */
const CHUNK = 2000;
/** How long one job may keep the thread before others get a turn, ms. */
const TURN = 15;

interface Running {
  readonly rows: Generator<SampleRun | undefined, void>;
  readonly boolean: boolean;
  /** What came with the last run and did not fit into its answer. */
  rest: SampleRun | undefined;
}

export interface HistoryJobsOptions {
  readonly source: SampleSource;
  readonly zone: () => Zone;
  readonly windows: KeptWindows;
  readonly definition: (handle: number) => PointDefinition | undefined;
}

/** Running history reads. Each is asked for its next chunk and works in turns, so that commits go on in between. */
export class HistoryJobs {
  private readonly jobs = new Map<number, Running>();
  constructor(private readonly options: HistoryJobsOptions) {}

  open({ job, ...query }: HistoryJob, now: number): void {
    const { source, windows, definition } = this.options;
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
        : windowRows(
            source,
            { ...query, every, as, zone: this.options.zone(), now, maxAge: point?.maxAge ?? 0 },
            windows,
          );
    this.jobs.set(job, {
      rows,
      boolean: point?.type === 'boolean' && (every === undefined || as === 'last'),
      rest: undefined,
    });
  }

  /** The next rows of a job, when they are there; the job ends with its last chunk. */
  async next(job: number): Promise<HistoryChunk> {
    const running = this.jobs.get(job);
    if (running === undefined)
      throw new SmxError('SMX_STORE_FAILED', 'the reading of history was cut short; ask again');
    let turn = performance.now() + TURN;
    for (let run = running.rest; ;) {
      if (run !== undefined && run.n > 0) {
        running.rest = run.n > CHUNK ? slice(run, CHUNK, run.n) : undefined;
        return chunkOf(slice(run, 0, Math.min(CHUNK, run.n)), { boolean: running.boolean, done: false });
      }
      const step = running.rows.next();
      if (step.done === true) break;
      run = step.value;
      if (performance.now() > turn) {
        await new Promise((resume) => setImmediate(resume));
        turn = performance.now() + TURN;
      }
    }
    this.jobs.delete(job);
    return chunkOf(NO_ROWS, { boolean: running.boolean, done: true });
  }

  close(job: number): void {
    this.jobs.get(job)?.rows.return();
    this.jobs.delete(job);
  }
}

const NO_ROWS = new RunBuilder().take();

/** Copies, since what crosses the thread is taken from it and runs share their columns. */
function chunkOf(run: SampleRun, { boolean, done }: { boolean: boolean; done: boolean }): HistoryChunk {
  const { n, other } = run;
  const values = other === undefined ? run.number.slice() : Array.from({ length: n }, (_, i) => valueAt(run, i));
  return { t: run.t.slice(), quality: run.quality.slice(), values, boolean, done };
}
