import {
  BAD,
  durationText,
  isDeviceName,
  SampleBatch,
  SmxError,
  STALE,
  type CatalogueChange,
  type Clock,
  type DeviceRecord,
  type Disposable,
  type LivePoint,
  type LiveSource,
  type PointDefinition,
  type PointValue,
  type Reading,
} from '@smx-edge/model';
import { canonicalJson } from '../canonical-json.js';
import { Catalogue } from './catalogue.js';
import { Listeners } from './listeners.js';
import { MaxAgeLists } from './max-age-lists.js';
import { applySampleRules, dropSample, isOther, TRUSTED_MS, typeCode } from './sample-rules.js';

const BOOLEAN = typeCode('boolean');
const NO_VALUE = 'no value yet';
/** Type code of a handle that no point has. */
const GONE = 255;

export interface LiveTableOptions {
  readonly clock: Clock;
  /** Points known from the store, with the handles they keep. */
  readonly points?: readonly LivePoint[];
  /** Points removed earlier: their handles go to nobody else. */
  readonly removed?: readonly LivePoint[];
  /** New points get handles from here on at least. */
  readonly first?: number;
}

/**
 * The newest sample of every point, in columns by handle. The one way in is `ingest`: it holds each sample to the type
 * and time rules, keeps it and hands the batch on as it is. A point without news for its max age turns stale by itself.
 */
export class LiveTable implements LiveSource {
  private readonly clock: Clock;
  private readonly catalogue = new Catalogue();
  private readonly ages = new MaxAgeLists();
  private readonly deviceRecords = new Map<string, DeviceRecord>();
  private readonly batches = new Listeners<SampleBatch>();
  private readonly changes = new Listeners<CatalogueChange>();
  private capacity = 0;
  private types = new Uint8Array(0);
  private numbers = new Float64Array(0);
  private times = new Float64Array(0);
  private receives = new Float64Array(0);
  private qualities = new Uint8Array(0);
  /** 1 where `reasons` has an entry, so that the hot path need not ask a map. */
  private reasoned = new Uint8Array(0);
  private readonly reasons = new Map<number, string>();
  private readonly others = new Map<number, string | readonly number[] | null>();
  private readonly staleBatch = new SampleBatch();
  private timer: Disposable | undefined;
  private timerAt = Infinity;
  private closed = false;
  /** Samples dropped because their point was gone when they came. */
  dropped = 0;

  constructor({ clock, points = [], removed = [], first = 1 }: LiveTableOptions) {
    this.clock = clock;
    this.catalogue.limit = first;
    this.catalogue.restore(points, removed);
    for (const { handle, definition } of points) this.occupy(handle, definition);
  }

  get limit(): number {
    return this.catalogue.limit;
  }

  definition(handle: number): PointDefinition | undefined {
    return this.catalogue.definition(handle);
  }

  former(handle: number): PointDefinition | undefined {
    return this.catalogue.former(handle);
  }

  formerAt(path: string): PointDefinition | undefined {
    return this.catalogue.formerAt(path);
  }

  handleOf(path: string): number | undefined {
    return this.catalogue.handleOf(path);
  }

  points(): Iterable<LivePoint> {
    return this.catalogue.points();
  }

  devices(): Iterable<DeviceRecord> {
    return this.deviceRecords.values();
  }

  quality(handle: number): number {
    return handle >= 0 && handle < this.capacity ? this.qualities[handle]! : BAD;
  }

  value(handle: number): PointValue {
    const type = this.types[handle] ?? GONE;
    if (type === GONE) return null;
    if (isOther(type)) return this.others.get(handle) ?? null;
    const value = this.numbers[handle]!;
    if (Number.isNaN(value)) return null;
    return type === BOOLEAN ? value === 1 : value;
  }

  reading(handle: number): Reading {
    if ((this.types[handle] ?? GONE) === GONE)
      return { value: null, t: 0, received: 0, quality: BAD, reason: 'no such point' };
    const reading = {
      value: this.value(handle),
      t: this.times[handle]!,
      received: this.receives[handle]!,
      quality: this.qualities[handle]!,
    };
    const reason = this.reasons.get(handle);
    return reason === undefined ? reading : { ...reading, reason };
  }

  /**
   * Declares a point and gives its handle. The same path and instance keep their handle, also after a removal; another
   * definition of it is an `updated` change. A change of type gives a new handle.
   * Throws SMX_POINT_PATH, SMX_POINT_DEFINITION, and SMX_POINT_OWNED where another instance has the path.
   */
  declare(definition: PointDefinition): number {
    const { kind, handle, replaced } = this.catalogue.declare(definition);
    if (kind === 'same') return handle;
    if (replaced !== undefined) this.vacate(replaced.handle, replaced.definition);
    if (kind === 'added') this.occupy(handle, definition);
    else {
      this.ages.setMaxAge(handle, definition.maxAge);
      this.arm(this.ages.deadline());
    }
    this.changes.call({ kind, handle, definition });
    return handle;
  }

  /** Removes a point: it reads null and bad from now on, and its handle goes to no other point. Unknown handles are passed over. */
  remove(handle: number): void {
    const definition = this.catalogue.remove(handle);
    if (definition !== undefined) this.vacate(handle, definition);
  }

  /** Adds or replaces a device. Throws SMX_POINT_OWNED where another instance has the name. */
  setDevice(record: DeviceRecord): void {
    if (!isDeviceName(record.name))
      throw new SmxError(
        'SMX_POINT_DEFINITION',
        `"${record.name}" is not a device name; use lower case letters, digits, - and _`,
      );
    const known = this.deviceRecords.get(record.name);
    if (known !== undefined && known.instance !== record.instance)
      throw new SmxError(
        'SMX_POINT_OWNED',
        `device ${record.name} belongs to instance ${known.instance}; choose another name`,
      );
    if (known !== undefined && canonicalJson(known) === canonicalJson(record)) return;
    this.deviceRecords.set(record.name, record);
    this.changes.call({ kind: 'device', device: record });
  }

  /** Removes a device and the points that are still its own. */
  removeDevice(name: string): void {
    for (const { handle, definition } of [...this.points()]) if (definition.device === name) this.remove(handle);
    if (this.deviceRecords.delete(name)) this.changes.call({ kind: 'device-removed', name });
  }

  subscribe(listener: (batch: SampleBatch) => void): Disposable {
    return this.batches.add(listener);
  }

  onCatalogue(listener: (change: CatalogueChange) => void): Disposable {
    return this.changes.add(listener);
  }

  /**
   * Takes a batch in and hands it to every subscriber within this call. The batch is corrected in place where a sample
   * breaks a rule; samples of points that are gone are taken out. An error of a subscriber is thrown after all had it.
   */
  ingest(batch: SampleBatch): void {
    if (this.closed) return;
    const at = this.clock.monotonic();
    const context = { type: GONE, now: this.clock.now(), known: 0 };
    // a receive time is the box's own; one that is not can only be a mistake of who made the batch
    if (!(Math.abs(batch.received - context.now) <= TRUSTED_MS)) batch.received = context.now;
    let earliest = Infinity;
    for (let i = 0; i < batch.n; i++) {
      const handle = batch.handle[i]!;
      const type = handle >= 0 && handle < this.capacity ? this.types[handle]! : GONE;
      if (type === GONE) {
        dropSample(batch, i--);
        this.dropped++;
        continue;
      }
      context.type = type;
      context.known = this.times[handle]!;
      applySampleRules(batch, i, context);
      this.keep(batch, i, type);
      const quality = batch.quality[i]!;
      if (quality === BAD || quality === STALE) this.ages.drop(handle);
      else earliest = Math.min(earliest, this.ages.touch(handle, at));
    }
    if (earliest < this.timerAt) this.arm(earliest);
    if (batch.n > 0) this.batches.call(batch);
  }

  /** Ends the staleness timer; later batches are not taken. */
  close(): void {
    this.closed = true;
    this.timer?.dispose();
    this.timer = undefined;
    this.timerAt = Infinity;
  }

  private keep(batch: SampleBatch, i: number, type: number): void {
    const handle = batch.handle[i]!;
    this.numbers[handle] = batch.number[i]!;
    this.times[handle] = batch.t[i]!;
    this.receives[handle] = batch.received;
    this.qualities[handle] = batch.quality[i]!;
    if (isOther(type)) this.others.set(handle, batch.other.get(i) ?? null);
    const reason = batch.reason.size > 0 ? batch.reason.get(i) : undefined;
    if (reason !== undefined) this.setReason(handle, reason);
    else if (this.reasoned[handle] === 1) this.clearReason(handle);
  }

  private setReason(handle: number, reason: string): void {
    this.reasons.set(handle, reason);
    this.reasoned[handle] = 1;
  }

  private clearReason(handle: number): void {
    this.reasons.delete(handle);
    this.reasoned[handle] = 0;
  }

  private occupy(handle: number, definition: PointDefinition): void {
    if (handle >= this.capacity) this.grow(Math.max(64, this.capacity * 2, handle + 1));
    this.types[handle] = typeCode(definition.type);
    this.ages.setMaxAge(handle, definition.maxAge);
    this.setReason(handle, NO_VALUE);
  }

  private vacate(handle: number, definition: PointDefinition): void {
    this.ages.drop(handle);
    this.types[handle] = GONE;
    this.numbers[handle] = NaN;
    this.times[handle] = 0;
    this.receives[handle] = 0;
    this.qualities[handle] = BAD;
    this.others.delete(handle);
    this.clearReason(handle);
    this.changes.call({ kind: 'removed', handle, definition });
  }

  private grow(capacity: number): void {
    const { types, numbers, times, receives, qualities, reasoned } = this;
    (this.types = new Uint8Array(capacity).fill(GONE)).set(types);
    (this.numbers = new Float64Array(capacity).fill(NaN)).set(numbers);
    (this.times = new Float64Array(capacity)).set(times);
    (this.receives = new Float64Array(capacity)).set(receives);
    (this.qualities = new Uint8Array(capacity).fill(BAD)).set(qualities);
    (this.reasoned = new Uint8Array(capacity)).set(reasoned);
    this.ages.grow(capacity);
    this.capacity = capacity;
  }

  private arm(deadline: number): void {
    this.timer?.dispose();
    this.timerAt = this.closed ? Infinity : deadline;
    if (this.timerAt === Infinity) return;
    // rounded up: timers count whole milliseconds and one early would find nothing to do
    this.timer = this.clock.after(Math.ceil(deadline - this.clock.monotonic()), () => this.expire());
  }

  private expire(): void {
    this.timerAt = Infinity;
    const batch = this.staleBatch;
    batch.clear(this.clock.now());
    const at = this.clock.monotonic();
    for (let handle = this.ages.takeExpired(at); handle >= 0; handle = this.ages.takeExpired(at)) {
      const i = batch.add(handle);
      batch.number[i] = this.numbers[handle]!;
      batch.t[i] = this.times[handle]!;
      batch.quality[i] = STALE;
      const other = this.others.get(handle);
      if (other !== undefined) batch.other.set(i, other);
      const reason = `no news for ${durationText(this.definition(handle)?.maxAge ?? 0)}`;
      batch.reason.set(i, reason);
      this.qualities[handle] = STALE;
      this.setReason(handle, reason);
    }
    this.arm(this.ages.deadline());
    if (batch.n > 0) this.batches.call(batch);
  }
}
