import type { LiveSource, PointDefinition, SampleBatch, Zone } from '@smx-edge/model';
import { Form } from './form.js';
import type { Shape } from './shape.js';

const NONE: readonly Form[] = [];

export interface FormRegistryOptions {
  readonly live: LiveSource;
  readonly zone: Zone;
  /** Called with each new form. */
  readonly created: (form: Form) => void;
}

export interface FormWanted {
  readonly handle: number;
  readonly definition: PointDefinition;
  readonly shape: Shape;
  readonly now: number;
}

/** All forms that views use, one per distinct point and shape. */
export class FormRegistry {
  /** Earliest time by the wall clock at which `tick` has something to do; never later than that. */
  due = Infinity;
  private readonly byHandle = new Map<number, Form[]>();
  /** 1 where a handle has forms: the hot path asks no map for the others. */
  private marks = new Uint8Array(64);
  private changed: Form[] = [];
  private readonly onChanged = (form: Form): void => {
    if (form.isChanged) return;
    form.isChanged = true;
    this.changed.push(form);
  };

  private readonly live: LiveSource;
  private readonly zone: Zone;
  private readonly created: (form: Form) => void;

  constructor({ live, zone, created }: FormRegistryOptions) {
    this.live = live;
    this.zone = zone;
    this.created = created;
  }

  get size(): number {
    let size = 0;
    for (const forms of this.byHandle.values()) size += forms.length;
    return size;
  }

  /** The form of a point in a shape, with its running window where there is one already. Release it after use. */
  acquire(wanted: FormWanted): Form {
    const { handle, definition, shape, now } = wanted;
    const forms = this.byHandle.get(handle) ?? [];
    let form = forms.find((other) => sameShape(other.shape, shape) && other.fits(definition));
    if (form === undefined) {
      const seed = this.live.reading(handle);
      form = new Form({ handle, definition, shape, zone: this.zone, now, seed, changed: this.onChanged });
      forms.push(form);
      this.byHandle.set(handle, forms);
      this.mark(handle, 1);
      this.due = Math.min(this.due, form.due);
      this.created(form);
    }
    form.users++;
    return form;
  }

  release(form: Form): void {
    form.users--;
    if (form.users > 0) return;
    const left = (this.byHandle.get(form.handle) ?? []).filter((other) => other !== form);
    if (left.length > 0) this.byHandle.set(form.handle, left);
    else {
      this.byHandle.delete(form.handle);
      this.mark(form.handle, 0);
    }
  }

  ingest(batch: SampleBatch, now: number): void {
    const { marks } = this;
    for (let i = 0; i < batch.n; i++) if (marks[batch.handle[i]!] === 1) this.feed(batch, i, now);
  }

  tick(now: number): void {
    let due = Infinity;
    for (const forms of this.byHandle.values())
      for (const form of forms) {
        if (form.due <= now) form.tick(now);
        due = Math.min(due, form.due);
      }
    this.due = due;
  }

  /** The clock was set back to `now`: windows and holds that lie ahead of it begin anew. */
  restart(now: number): void {
    for (const forms of this.byHandle.values()) for (const form of forms) form.restart(now);
    this.tick(now);
  }

  /** Forms whose reading changed since the last call. */
  takeChanged(): readonly Form[] {
    if (this.changed.length === 0) return NONE;
    const taken = this.changed;
    this.changed = [];
    for (const form of taken) form.isChanged = false;
    return taken;
  }

  private feed(batch: SampleBatch, i: number, now: number): void {
    for (const form of this.byHandle.get(batch.handle[i]!) ?? NONE) {
      const sample = form.next;
      sample.number = batch.number[i]!;
      sample.other = batch.other.size > 0 ? (batch.other.get(i) ?? null) : null;
      sample.t = batch.t[i]!;
      sample.asOf = batch.received;
      sample.start = batch.received;
      sample.received = batch.received;
      sample.quality = batch.quality[i]!;
      sample.reason = batch.reason.size > 0 ? batch.reason.get(i) : undefined;
      form.ingest(now);
      const { due } = form;
      if (due < this.due) this.due = due;
    }
  }

  private mark(handle: number, mark: number): void {
    if (handle >= this.marks.length) {
      const wider = new Uint8Array(Math.max(handle + 1, this.marks.length * 2));
      wider.set(this.marks);
      this.marks = wider;
    }
    this.marks[handle] = mark;
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return (
    a.every === b.every && a.as === b.as && a.delay === b.delay && a.round === b.round && a.interval === b.interval
  );
}
