import { SmxError, type PointDefinition, type Zone } from '@smx-edge/model';
import { rawRows } from '../history/raw-rows.js';
import { slice, type SampleRun } from '../history/sample-run.js';
import type { KeptWindows, SampleSource } from '../history/sample-source.js';
import { windowRows } from '../history/window-rows.js';
import { AnswerBuilder } from './answer-builder.js';
import type { HistoryChunk, HistoryJob } from './protocol.js';

/** How long one job may keep the thread before others get a turn, ms. */
const TURN = 15;

interface Running {
  readonly rows: Generator<SampleRun | undefined, void>;
  readonly boolean: boolean;
  /** What came with the last run and did not fit into its answer. */
  rest: SampleRun | undefined;
  /** The answer that was asked for before. */
  before: Promise<HistoryChunk> | undefined;
  isFirst: boolean;
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
      before: undefined,
      isFirst: true,
    });
  }

  /** The next rows of a job: as many as an answer holds, or as were found in one turn; the job ends with its last answer. */
  async next(job: number): Promise<HistoryChunk> {
    const before = this.jobs.get(job)?.before;
    const next = before === undefined ? this.answer(job) : before.then(() => this.answer(job));
    const running = this.jobs.get(job);
    if (running !== undefined) running.before = next;
    return next;
  }

  private async answer(job: number): Promise<HistoryChunk> {
    const running = this.jobs.get(job);
    if (running === undefined)
      throw new SmxError('SMX_STORE_FAILED', 'the reading of history was cut short; ask again');
    const answer = new AnswerBuilder(running.boolean, running.isFirst);
    running.isFirst = false;
    let turn = performance.now() + TURN;
    for (let run = running.rest; ;) {
      if (run !== undefined) {
        const taken = answer.add(run);
        running.rest = taken < run.n ? slice(run, taken, run.n) : undefined;
        if (running.rest !== undefined) return answer.take(false);
      }
      if (performance.now() > turn) {
        if (answer.n > 0) return answer.take(false);
        await new Promise((resume) => setImmediate(resume));
        turn = performance.now() + TURN;
      }
      const step = running.rows.next();
      if (step.done === true) break;
      run = step.value;
    }
    this.jobs.delete(job);
    return answer.take(true);
  }

  close(job: number): void {
    this.jobs.get(job)?.rows.return();
    this.jobs.delete(job);
  }
}
