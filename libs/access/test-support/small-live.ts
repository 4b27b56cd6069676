import {
  BAD,
  SampleBatch,
  type CatalogueChange,
  type Clock,
  type DeviceRecord,
  type Disposable,
  type HistoryQuery,
  type HistoryRow,
  type HistorySource,
  type LedgerSink,
  type LivePoint,
  type LiveSource,
  type NewLedgerEntry,
  type PointDefinition,
  type PointValue,
  type ProfileDefinition,
  type ProfileSource,
  type Reading,
} from '@smx-edge/model';

/** A live table in maps: all that `LiveSource` promises, without staleness. */
export class SmallLive implements LiveSource {
  limit = 1;
  private readonly definitions = new Map<number, PointDefinition>();
  private readonly ended = new Map<number, PointDefinition>();
  private readonly readings = new Map<number, Reading>();
  private readonly records = new Map<string, DeviceRecord>();
  private readonly batches = new Set<(batch: SampleBatch) => void>();
  private readonly changes = new Set<(change: CatalogueChange) => void>();

  constructor(private readonly clock: Clock) {}

  declare(path: string, more: Partial<PointDefinition> = {}): number {
    const definition = point(path, more);
    const known = this.handleOf(path);
    const handle = known ?? this.limit++;
    this.definitions.set(handle, definition);
    this.tell({ kind: known === undefined ? 'added' : 'updated', handle, definition });
    return handle;
  }

  remove(handle: number): void {
    const definition = this.definitions.get(handle)!;
    this.definitions.delete(handle);
    this.ended.set(handle, definition);
    this.readings.delete(handle);
    this.tell({ kind: 'removed', handle, definition });
  }

  setDevice(device: DeviceRecord): void {
    this.records.set(device.name, device);
    this.tell({ kind: 'device', device });
  }

  set(handle: number, value: PointValue, more: { t?: number; quality?: number } = {}): void {
    const batch = new SampleBatch();
    batch.clear(this.clock.now());
    const i = batch.add(handle);
    if (typeof value === 'number' || typeof value === 'boolean') batch.number[i] = Number(value);
    else batch.other.set(i, value);
    if (more.t !== undefined) batch.t[i] = more.t;
    if (more.quality !== undefined) batch.quality[i] = more.quality;
    this.ingest(batch);
  }

  ingest(batch: SampleBatch): void {
    for (let i = 0; i < batch.n; i++) {
      const handle = batch.handle[i]!;
      const number = batch.number[i]!;
      const type = this.definitions.get(handle)!.type;
      const plain = Number.isNaN(number) ? null : type === 'boolean' ? number === 1 : number;
      const value = batch.other.get(i) ?? plain;
      this.readings.set(handle, { value, t: batch.t[i]!, received: batch.received, quality: batch.quality[i]! });
    }
    for (const listener of this.batches) listener(batch);
  }

  definition(handle: number): PointDefinition | undefined {
    return this.definitions.get(handle);
  }

  former(handle: number): PointDefinition | undefined {
    return this.ended.get(handle);
  }

  formerAt(path: string): PointDefinition | undefined {
    return [...this.ended.values()].find(({ path: own, aliases }) => own === path || aliases?.includes(path) === true);
  }

  handleOf(path: string): number | undefined {
    for (const [handle, { path: own, aliases }] of this.definitions)
      if (own === path || aliases?.includes(path) === true) return handle;
    return undefined;
  }

  *points(): Iterable<LivePoint> {
    for (const [handle, definition] of this.definitions) yield { handle, definition };
  }

  devices(): Iterable<DeviceRecord> {
    return this.records.values();
  }

  value(handle: number): PointValue {
    return this.reading(handle).value;
  }

  reading(handle: number): Reading {
    return this.readings.get(handle) ?? { value: null, t: 0, received: 0, quality: BAD, reason: 'no value yet' };
  }

  quality(handle: number): number {
    return this.reading(handle).quality;
  }

  subscribe(listener: (batch: SampleBatch) => void): Disposable {
    this.batches.add(listener);
    return { dispose: () => void this.batches.delete(listener) };
  }

  onCatalogue(listener: (change: CatalogueChange) => void): Disposable {
    this.changes.add(listener);
    return { dispose: () => void this.changes.delete(listener) };
  }

  private tell(change: CatalogueChange): void {
    for (const listener of this.changes) listener(change);
  }
}

export function point(path: string, more: Partial<PointDefinition> = {}): PointDefinition {
  return {
    path,
    device: path.split('/')[0]!,
    instance: 'test',
    unit: 'W',
    type: 'number',
    kind: 'measurement',
    maxAge: 60_000,
    ...more,
  };
}

/** History kept as rows by handle; records what it was asked. */
export class SmallHistory implements HistorySource {
  readonly rows = new Map<number, HistoryRow[]>();
  readonly asked: HistoryQuery[] = [];

  async *history(query: HistoryQuery): AsyncIterable<readonly HistoryRow[]> {
    this.asked.push(query);
    for (const row of this.rows.get(query.handle) ?? []) if (row[0] > query.from && row[0] <= query.to) yield [row];
  }
}

export class SmallLedger implements LedgerSink {
  readonly entries: NewLedgerEntry[] = [];

  append(entry: NewLedgerEntry): void {
    this.entries.push(entry);
  }
}

/** Load profiles in a list. */
export class SmallProfiles implements ProfileSource {
  private readonly known: ProfileDefinition[] = [];
  private readonly listeners = new Set<(profile: ProfileDefinition) => void>();

  put(device: string, id: string): void {
    const profile: ProfileDefinition = { device, id, period: 0, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] };
    this.known.push(profile);
    for (const listener of this.listeners) listener(profile);
  }

  list(): readonly ProfileDefinition[] {
    return this.known;
  }

  onDefined(listener: (profile: ProfileDefinition) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }
}
