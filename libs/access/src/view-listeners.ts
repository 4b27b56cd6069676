import { describeError, type Disposable, type Log } from '@smx-edge/model';

type ChangeListener = (handles: Int32Array, n: number) => void;

export interface ViewListenersOptions {
  readonly log: Log;
  /** Whose view it is, for the log. */
  principal(): string;
  /** Told that there is a listener more or fewer. */
  subscribed(): void;
}

/** Who listens to a view, and the array in which they are told what changed. A listener that throws hinders no other. */
export class ViewListeners {
  private readonly changes = new Set<ChangeListener>();
  private readonly revisions = new Set<() => void>();
  private handles = new Int32Array(64);
  private isDelivering = false;
  private isRevisionUntold = false;

  constructor(private readonly o: ViewListenersOptions) {}

  /** Somebody listens to changed readings. */
  get any(): boolean {
    return this.changes.size > 0;
  }

  onChange(listener: ChangeListener): Disposable {
    return this.register(this.changes, (handles, n) => listener(handles, n));
  }

  onRevision(listener: () => void): Disposable {
    return this.register(this.revisions, () => listener());
  }

  /** Room for `n` handles, to be filled for `tell`. */
  room(n: number): Int32Array {
    // a subscriber that ingests comes here again while others still read the array
    if (this.isDelivering) return new Int32Array(n);
    if (this.handles.length < n) this.handles = new Int32Array(n * 2);
    return this.handles;
  }

  tell(handles: Int32Array, n: number): void {
    const outermost = !this.isDelivering;
    this.isDelivering = true;
    for (const listener of this.changes) {
      try {
        listener(handles, n);
      } catch (error) {
        this.complain('a subscriber of changes failed', error);
      }
    }
    if (outermost) this.isDelivering = false;
  }

  /** The revision rose: told once per turn, and before the next changed readings. */
  revised(): void {
    if (this.isRevisionUntold) return;
    this.isRevisionUntold = true;
    queueMicrotask(() => this.tellRevision());
  }

  tellRevision(): void {
    if (!this.isRevisionUntold) return;
    this.isRevisionUntold = false;
    for (const listener of [...this.revisions]) {
      try {
        listener();
      } catch (error) {
        this.complain('a listener of revisions failed', error);
      }
    }
  }

  private complain(what: string, error: unknown): void {
    this.o.log.error(what, { principal: this.o.principal(), error: describeError(error) });
  }

  private register<T>(listeners: Set<T>, listener: T): Disposable {
    listeners.add(listener);
    this.o.subscribed();
    return {
      dispose: () => {
        if (listeners.delete(listener)) this.o.subscribed();
      },
    };
  }
}
