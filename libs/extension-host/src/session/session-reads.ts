import type { View } from '@smx-edge/access';
import type { PointReading } from '@smx-edge/extension-api';
import type { ToChild, WireChange, WireHistory } from '@smx-edge/extension-api/wire';
import { qualityName, SmxError, type Clock, type Disposable } from '@smx-edge/model';

const MOST_SUBSCRIPTIONS = 100;
const MOST_HISTORIES = 4;
/** Chunks on their way before the reader asked for more. */
const CREDIT = 4;
const BACKLOG = 256 * 1024;
const RETRY_MS = 100;

interface Subscription {
  readonly filter: string;
  handles: Set<number>;
  readonly dirty: Set<number>;
}

interface Reading {
  credit: number;
  ended: boolean;
  wake: () => void;
}

export interface SessionReadsOptions {
  readonly clock: Clock;
  view(): View | undefined;
  send(message: ToChild): void;
  /** Bytes that the process has not taken yet. */
  backlog(): number;
}

/** What an instance reads of the box: through the gate, in granted form, and never faster than it takes it. */
export class SessionReads {
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly histories = new Map<number, Reading>();
  private readonly watches: Disposable[] = [];
  private armed: Disposable | undefined;

  constructor(private readonly o: SessionReadsOptions) {}

  points(filter: string): PointReading[] {
    const view = this.view();
    return view.points(filter).map(({ handle, definition }) => {
      const reading = view.reading(handle);
      const { path, unit, kind, type, obis } = definition;
      return {
        path,
        unit,
        kind,
        type,
        ...(obis === undefined ? {} : { obis }),
        value: reading?.value ?? null,
        t: reading?.t ?? 0,
        quality: qualityName(reading?.quality ?? 3),
      };
    });
  }

  subscribe(sub: number, filter: string): void {
    if (this.subscriptions.size >= MOST_SUBSCRIPTIONS)
      throw new SmxError('SMX_EXTENSION_LIMIT', `more than ${MOST_SUBSCRIPTIONS} subscriptions`);
    const view = this.view();
    if (this.watches.length === 0)
      this.watches.push(
        view.subscribe((handles, n) => this.changed(handles, n)),
        view.onRevision(() => this.revise()),
      );
    const handles = this.handlesOf(filter);
    this.subscriptions.set(sub, { filter, handles, dirty: new Set(handles) });
    this.arm(0);
  }

  unsubscribe(sub: number): void {
    this.subscriptions.delete(sub);
  }

  /** Sends the rows chunk by chunk as the reader asks for them; resolves at the end. */
  async history(id: number, ask: WireHistory): Promise<void> {
    if (this.histories.size >= MOST_HISTORIES)
      throw new SmxError('SMX_EXTENSION_LIMIT', `more than ${MOST_HISTORIES} histories at one time`);
    const reading: Reading = { credit: CREDIT, ended: false, wake: () => {} };
    this.histories.set(id, reading);
    try {
      for (const { path, rows } of await this.view().history(ask))
        for await (const chunk of rows) {
          while (reading.credit === 0 && !reading.ended) await new Promise<void>((resolve) => (reading.wake = resolve));
          if (reading.ended) return;
          reading.credit--;
          this.o.send(['rows', id, path, chunk]);
        }
    } finally {
      this.histories.delete(id);
    }
  }

  historyNext(id: number): void {
    const reading = this.histories.get(id);
    if (reading === undefined) return;
    reading.credit++;
    reading.wake();
  }

  historyEnd(id: number): void {
    const reading = this.histories.get(id);
    if (reading === undefined) return;
    reading.ended = true;
    reading.wake();
  }

  end(): void {
    for (const watch of this.watches.splice(0)) watch.dispose();
    this.armed?.dispose();
    this.subscriptions.clear();
    for (const id of [...this.histories.keys()]) this.historyEnd(id);
  }

  private view(): View {
    const view = this.o.view();
    if (view === undefined) throw new SmxError('SMX_ACCESS_DENIED', 'This instance is no principal of the gate');
    return view;
  }

  private handlesOf(filter: string): Set<number> {
    return new Set(
      this.view()
        .points(filter)
        .map(({ handle }) => handle),
    );
  }

  private changed(handles: Int32Array, n: number): void {
    for (const { handles: wanted, dirty } of this.subscriptions.values())
      for (let i = 0; i < n; i++) if (wanted.has(handles[i]!)) dirty.add(handles[i]!);
    this.arm(0);
  }

  /** Grants or points changed: what is new is sent, what is gone is sent no more. */
  private revise(): void {
    if (this.o.view() === undefined) return;
    for (const subscription of this.subscriptions.values()) {
      const handles = this.handlesOf(subscription.filter);
      for (const handle of handles) if (!subscription.handles.has(handle)) subscription.dirty.add(handle);
      for (const handle of subscription.dirty) if (!handles.has(handle)) subscription.dirty.delete(handle);
      subscription.handles = handles;
    }
    this.arm(0);
  }

  private arm(ms: number): void {
    this.armed ??= this.o.clock.after(ms, () => {
      this.armed = undefined;
      this.flush();
    });
  }

  private flush(): void {
    if (this.o.backlog() > BACKLOG) {
      this.arm(RETRY_MS);
      return;
    }
    const view = this.o.view();
    if (view === undefined) return;
    for (const [sub, { dirty }] of this.subscriptions) {
      const changes: WireChange[] = [];
      for (const handle of dirty) {
        const reading = view.reading(handle);
        const path = reading === undefined ? undefined : this.pathOf(view, handle);
        if (reading !== undefined && path !== undefined)
          changes.push([path, reading.value, reading.t, reading.quality]);
      }
      dirty.clear();
      if (changes.length > 0) this.o.send(['changes', sub, changes]);
    }
  }

  private paths = new Map<number, string>();
  private pathsOf = -1;

  private pathOf(view: View, handle: number): string | undefined {
    if (this.pathsOf !== view.revision) {
      this.paths = new Map(view.points().map((point) => [point.handle, point.definition.path]));
      this.pathsOf = view.revision;
    }
    return this.paths.get(handle);
  }
}
