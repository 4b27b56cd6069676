import type { ServerResponse } from 'node:http';
import { SmxError, type Clock, type Disposable } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { problemOf } from '../common/problem.filter.js';
import { sampleOf } from '../points/point-answers.js';

/** Silence after which a comment shows that both ends live, ms. */
const HEARTBEAT = 15_000;
/** A reader that takes nothing for this long is gone, ms. */
const PATIENCE = 60_000;

/**
 * One reader of live values. What waits for it is a set of points, never a queue of samples: a reader that comes back
 * late gets the newest value of each.
 */
export class SampleStream {
  private readonly paths = new Map<number, string>();
  private readonly waiting = new Set<number>();
  private readonly owned: Disposable[] = [];
  private beat: Disposable | undefined;
  private stuck: Disposable | undefined;
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly view: View,
    private readonly raw: ServerResponse,
    private readonly options: { match: string | undefined; clock: Clock; onClose: () => void },
  ) {}

  start(): void {
    this.raw.on('close', () => this.dispose());
    this.raw.on('error', () => this.dispose());
    this.raw.on('drain', () => this.flowing());
    this.owned.push(
      this.view.subscribe((handles, n) => this.changed(handles, n)),
      this.view.onRevision(() => this.regrant()),
    );
    this.raw.write(': smx\n\n');
    this.regrant();
    this.arm();
  }

  /** Ends the stream for a reason that the reader is told. */
  end(error: SmxError): void {
    if (this.closed) return;
    const { code, detail } = problemOf(error);
    this.raw.end(`event: end\ndata: ${JSON.stringify({ code, detail })}\n\n`);
    // one that does not read would hold the socket for ever
    const late = this.options.clock.after(1000, () => this.raw.destroy());
    this.raw.on('close', () => late.dispose());
    this.dispose();
  }

  private changed(handles: Int32Array, n: number): void {
    for (let i = 0; i < n; i++) {
      const handle = handles[i]!;
      if (this.paths.has(handle)) this.waiting.add(handle);
    }
    if (this.waiting.size > 0) this.schedule();
  }

  /** What matches and is granted now: new points are sent, lost ones are told. */
  private regrant(): void {
    const before = new Map(this.paths);
    this.paths.clear();
    for (const { handle, definition } of this.view.points(this.options.match)) {
      this.paths.set(handle, definition.path);
      if (!before.delete(handle)) this.waiting.add(handle);
    }
    for (const [handle, path] of before) {
      this.waiting.delete(handle);
      this.raw.write(`event: gone\ndata: ${JSON.stringify({ path })}\n\n`);
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.closed || this.stuck !== undefined) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    if (this.closed || this.stuck !== undefined || this.waiting.size === 0) return;
    let text = '';
    for (const handle of this.waiting) {
      const path = this.paths.get(handle);
      const reading = this.view.reading(handle);
      if (path === undefined || reading === undefined) continue;
      text += `event: sample\ndata: ${JSON.stringify(sampleOf(path, reading))}\n\n`;
    }
    this.waiting.clear();
    this.arm();
    if (text !== '' && !this.raw.write(text)) this.stuck = this.options.clock.after(PATIENCE, () => this.raw.destroy());
  }

  private flowing(): void {
    this.stuck?.dispose();
    this.stuck = undefined;
    if (this.waiting.size > 0) this.schedule();
  }

  private arm(): void {
    this.beat?.dispose();
    this.beat = this.options.clock.after(HEARTBEAT, () => {
      if (this.stuck === undefined) this.raw.write(': alive\n\n');
      this.arm();
    });
  }

  private dispose(): void {
    if (this.closed) return;
    this.closed = true;
    for (const registration of this.owned) registration.dispose();
    this.beat?.dispose();
    this.stuck?.dispose();
    this.waiting.clear();
    this.options.onClose();
  }
}
