import { describeError, durationMs } from '@smx-edge/model';
import type { SmxContext } from '../context.js';
import { Rest } from '../metering/rest.js';
import type { Duration } from '../point.js';
import type { CounterDoor } from './part-counters.js';
import type { SunSpecPart } from './parts.js';
import { sourceState, type SourceState } from './source-state.js';
import type { PlacedModel } from './sunspec-unit.js';
import { unitFault, type UnitFault } from './unit-fault.js';
import { UnitReader } from './unit-reader.js';
import { UnitSearch, unitsUpTo, type LiveUnit } from './unit-search.js';

/** What one unit gave at one time. */
export interface UnitReading {
  readonly live: LiveUnit;
  /** In the order of its chain, energies as the door lets them through. */
  readonly parts: readonly SunSpecPart[];
  /** The models that they were made of, and those of controls. */
  readonly models: readonly PlacedModel[];
}

export interface SunSpecReaderOptions {
  readonly smx: Pick<SmxContext, 'modbus' | 'state' | 'log' | 'every' | 'onStop'>;
  /** `modbus://host:port` or `modbus+rtu:/dev/…`. */
  readonly source: string;
  /** The units there are; undefined: they are looked for, and again from time to time. */
  readonly units?: readonly number[] | undefined;
  /** Between readings of a unit. */
  readonly poll: Duration;
  /** What the counters of a unit are taken for. */
  readonly door?: (unit: number) => CounterDoor;
  onReading(reading: UnitReading): void;
  /** A unit gives nothing: at each fault, `isLasting` from the second in a row on and where it says itself that it is away. */
  onFault(fault: UnitFault, isLasting: boolean): void;
  /** Hears of each change. */
  onState(state: SourceState): void;
}

interface Known {
  readonly live: LiveUnit;
  readonly reader: UnitReader;
  readonly rest: Rest;
  faults: number;
  fault: UnitFault | undefined;
  /** It gave no value of any device. */
  isEmpty: boolean;
}

const KEY = 'units';
/** Inverters are looked for up to this number where nobody says which there are. */
const LAST = 5;
/** Until units that were missed are all looked for again while there is none at all, ms. */
const SOON = 30_000;
/** Else one at a time, ms: at first for one that is slow, then for one that is added. */
const [SECOND_ROUND, LATER] = [10_000, 300_000];

const monotonic = (): number => performance.now();

/**
 * Reads the SunSpec devices behind one Modbus source, each unit at every `poll`, or as often as it lets be read without being busy
 * more than half of the time. Who is silent is asked at growing pauses, so that it holds nobody else up.
 */
export class SunSpecReader {
  private readonly search: UnitSearch;
  private readonly known = new Map<number, Known>();
  /** Units that may be there, in the order in which they are looked for. */
  private readonly candidates: number[];
  /** Those of this round. */
  private queue: number[];
  private nextRound = 0;
  private turn = 0;
  private hasLooked = false;
  private asking: number | undefined;
  private readonly strange = new Set<number>();
  private source: UnitFault | undefined;
  private restUntil = 0;
  private isBusy = false;
  private isStopped = false;
  private said = '';

  private constructor(private readonly o: SunSpecReaderOptions) {
    this.search = new UnitSearch(o.smx.modbus(o.source), o.source);
    this.candidates = o.units === undefined ? unitsUpTo(LAST) : [];
    this.queue = [...this.candidates];
    for (const unit of o.units ?? []) this.expect(unit);
    o.smx.onStop(() => void (this.isStopped = true));
  }

  /** Begins to read: resolves at once, all else is told. Throws SMX_TRANSPORT_SOURCE. */
  static async begin(o: SunSpecReaderOptions): Promise<SunSpecReader> {
    const reader = new SunSpecReader(o);
    // a device that sleeps at a start is known all the same
    if (o.units === undefined) for (const unit of (await o.smx.state.get<number[]>(KEY)) ?? []) reader.expect(unit);
    o.smx.every(o.poll, () => reader.beat());
    void reader.beat();
    return reader;
  }

  /** The units that are read, by their number. */
  get units(): ReadonlyMap<number, LiveUnit> {
    return new Map([...this.known].map(([unit, { live }]) => [unit, live]));
  }

  private expect(unit: number): void {
    this.know(this.search.unit(unit, { isExpected: true }));
  }

  private know(live: LiveUnit): Known {
    const reader = new UnitReader(live.sunspec, this.o.door?.(live.unit));
    const known: Known = { live, reader, rest: new Rest(), faults: 0, fault: undefined, isEmpty: false };
    this.known.set(live.unit, known);
    this.queue = this.queue.filter((unit) => unit !== live.unit);
    return known;
  }

  private async beat(): Promise<void> {
    if (this.isBusy || monotonic() < this.restUntil) return;
    this.isBusy = true;
    try {
      await this.poll();
      await this.lookAround();
    } finally {
      this.isBusy = false;
    }
  }

  private async poll(): Promise<void> {
    let took = 0;
    for (const known of this.known.values()) {
      if (this.isStopped) return;
      if (!known.rest.isOver(monotonic())) continue;
      const begun = monotonic();
      await this.read(known);
      if (known.fault === undefined) took += monotonic() - begun;
      // the others would wait for the same connection
      if (this.source !== undefined) break;
    }
    this.restUntil = monotonic() + took;
    this.tell();
  }

  private async read(known: Known): Promise<void> {
    try {
      const parts = await known.reader.read();
      [known.fault, known.faults, this.source] = [undefined, 0, undefined];
      known.rest.good();
      known.isEmpty = parts.every(({ points }) => points.every(({ value }) => value === null));
      this.o.onReading({ live: known.live, parts, models: known.reader.last });
    } catch (error) {
      this.failed(known, unitFault(known.live.unit, error));
    }
  }

  private failed(known: Known, fault: UnitFault): void {
    if (this.isStopped) return;
    known.faults++;
    known.fault = fault;
    // the link has pauses of its own
    if (fault.isOfSource) this.source = fault;
    else {
      this.source = undefined;
      if (!fault.isBusy) known.rest.after(fault.code, monotonic());
    }
    this.o.onFault(fault, fault.isAsleep || fault.isOfSource || known.faults > 1);
  }

  /** Looks for units whose turn it is; those that are known are read meanwhile. */
  private async lookAround(): Promise<void> {
    const pause = durationOf(this.o.poll);
    let read = monotonic();
    for (let unit = this.next(); unit !== undefined; unit = this.next()) {
      if (this.isStopped || (this.source !== undefined && this.known.size > 0)) return;
      this.asking = unit;
      this.tell();
      await this.lookFor(unit);
      this.asking = undefined;
      // nobody of this source can be asked now
      if (this.source !== undefined) break;
      if (monotonic() - read < pause) continue;
      await this.poll();
      read = monotonic();
    }
    this.tell();
  }

  /** The unit to look for now: all one after the other while there is none, later one at a time. */
  private next(): number | undefined {
    if (this.queue.length > 0 || monotonic() < this.nextRound) return this.queue[0];
    const missing = this.candidates.filter((unit) => !this.known.has(unit));
    if (missing.length === 0) return undefined;
    this.queue = this.known.size === 0 ? missing : [missing[this.turn++ % missing.length]!];
    return this.queue[0];
  }

  private async lookFor(unit: number): Promise<void> {
    // the first round is to be over soon, the later ones have time
    const live = this.search.unit(unit, { isExpected: false, isSlow: this.nextRound > 0 && this.known.size > 0 });
    try {
      const outcome = await this.search.look(live);
      [this.source, this.hasLooked] = [undefined, true];
      this.queue = this.queue.filter((other) => other !== unit);
      this.strange.delete(unit);
      if (outcome === 'strange') this.strange.add(unit);
      if (outcome === 'found') await this.found(live);
      if (this.queue.length === 0) this.nextRound = monotonic() + this.pause();
    } catch (error) {
      this.source = unitFault(unit, error);
    }
  }

  private pause(): number {
    if (this.known.size === 0) return SOON;
    return this.turn < this.candidates.length ? SECOND_ROUND : LATER;
  }

  private async found(live: LiveUnit): Promise<void> {
    live.sunspec.expect();
    await this.read(this.know(live));
    if (this.o.units !== undefined) return;
    try {
      await this.o.smx.state.set(KEY, [...this.known.keys()]);
    } catch (error) {
      this.o.smx.log.warn('which units there are could not be kept', { error: describeError(error) });
    }
  }

  private tell(): void {
    const known = [...this.known.values()];
    const { asking, candidates } = this;
    const reading = known.filter(({ fault, reader }) => fault === undefined && reader.hasRead);
    const state = sourceState({
      label: this.o.source,
      reading: reading.map(({ live }) => live.unit),
      empty: reading.filter(({ isEmpty }) => isEmpty).map(({ live }) => live.unit),
      faults: known.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
      source: this.source,
      search:
        asking === undefined ? undefined : { unit: asking, n: candidates.indexOf(asking) + 1, of: candidates.length },
      missed: this.hasLooked ? candidates : [],
      strange: [...this.strange],
      away: this.search.away,
    });
    const said = JSON.stringify(state);
    if (this.said === said || this.isStopped) return;
    this.said = said;
    this.o.onState(state);
  }
}

const durationOf = (duration: Duration): number => (typeof duration === 'number' ? duration : durationMs(duration));
