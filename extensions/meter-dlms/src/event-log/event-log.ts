import type { Device, InstanceState } from '@smx-edge/extension-api';
import { isSmxError, type Log, type Zone } from '@smx-edge/model';
import { rangeOf, type Capture } from '../load-profile/capture.js';
import { stampOf } from '../load-profile/meter-time.js';
import { Slice } from '../load-profile/slice.js';
import type { MeterObject } from '../objects/meter-object.js';
import { readOne, type Session } from '../objects/session.js';
import type { MeterProfile } from '../profile/meter-profile.js';
import { entriesOf, type Entry } from './entries.js';
import { eventOf } from './event-names.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What a meter writes late, or after its clock was set back, stands up to this far behind what was read. */
const OVERLAP = HOUR;
/** Events told at once, and the pause behind them, ms: the box takes five each second. */
const AT_ONCE = 4;
const PAUSE = 1000;
/** After a fault of the store, or of this log alone, ms. */
const AGAIN = 5000;
const REST = 900_000;

export interface EventLogOptions {
  readonly object: MeterObject;
  readonly capture: Capture;
  readonly profile: Pick<MeterProfile, 'eventNames' | 'eventWarnings' | 'eventNumbers'>;
  readonly device: Device;
  readonly zone: Zone;
  readonly state: InstanceState;
  /** Where it is kept up to when the log was read. */
  readonly key: string;
  /** Where nothing was read yet, ms UTC. */
  readonly from: number;
  /** ms between looks for new entries. */
  readonly every: number;
  readonly log: Log;
  now(): number;
}

/**
 * Tells the entries of one event log as events, from the last one told to the present, a stretch of time at once: as long as
 * the time left until the next values are due allows. An entry is told once, whatever is cut: up to when was read is
 * written behind the events, and the store takes none twice.
 */
export class EventLog {
  private readonly slice = new Slice();
  /** Up to when the log is told, ms UTC. */
  private cursor: number | undefined;
  private kept = 0;
  /** Entries not told yet, and up to when they go. */
  private pending: Entry[] = [];
  private reaches = 0;
  /** Entries told that may be read again, by what they say. */
  private readonly told = new Map<string, number>();
  private restsUntil = 0;

  constructor(private readonly o: EventLogOptions) {}

  /** Tells entries, or reads some where there may be and it fits into `left` ms. Resolves to whether it did. */
  async step(session: Session, left: number): Promise<boolean> {
    const { now, state, key, from } = this.o;
    if (now() < this.restsUntil) return false;
    this.cursor ??= this.kept = (await state.get<number>(key)) ?? from;
    if (this.pending.length > 0) return this.tell();
    const hours = this.slice.rows(left);
    if (hours < 1) return false;
    try {
      await this.read(session, this.cursor, hours);
    } catch (error) {
      if (!this.mends(error, hours)) throw error;
    }
    return true;
  }

  private async read(session: Session, cursor: number, hours: number): Promise<void> {
    const { object, capture, zone, profile, now } = this.o;
    const began = now();
    const upTo = cursor + hours * HOUR;
    const isLast = upTo >= began;
    // a meter's clock may be ahead of the box's
    const to = isLast ? began + DAY : upTo;
    const selector = rangeOf(capture.clock, stampOf(cursor - OVERLAP, zone), stampOf(to, zone));
    const buffer = await readOne(session, { object, attribute: 2, selector });
    this.slice.took(now() - began, hours);
    const entries = entriesOf(buffer, { ...capture, zone, numbers: profile.eventNumbers });
    this.pending = entries.filter((entry) => !this.told.has(JSON.stringify(entry))).sort((a, b) => a.t - b.t);
    this.reaches = Math.min(to, began);
    if (isLast) this.restsUntil = now() + this.o.every;
    if (this.pending.length === 0) await this.reached();
    else await this.tell();
  }

  private async tell(): Promise<boolean> {
    const { device, object, profile, now, log } = this.o;
    try {
      for (const entry of this.pending.slice(0, AT_ONCE)) {
        const { code, event } = eventOf(entry, { ...profile, log: object.obis });
        await device.event(code, event);
        this.told.set(JSON.stringify(entry), entry.t);
        this.pending.shift();
      }
      if (this.pending.length === 0) await this.reached(true);
      else this.restsUntil = now() + PAUSE;
    } catch (error) {
      // the meter is not to blame: what was not kept is told again
      if (!isSmxError(error)) throw error;
      log.warn('entries of the event log could not be told yet', { log: object.obis, error: error.message });
      this.restsUntil = now() + AGAIN;
    }
    return true;
  }

  /** All up to `reaches` is told. Written only where that is worth it: each write is an fsync. */
  private async reached(wasTold = false): Promise<void> {
    const { state, key } = this.o;
    this.cursor = Math.max(this.cursor ?? 0, this.reaches);
    for (const [entry, t] of this.told) if (t < this.cursor - OVERLAP) this.told.delete(entry);
    if (!wasTold && this.cursor - this.kept < DAY) return;
    await state.set(key, this.cursor);
    this.kept = this.cursor;
  }

  /** Whether the fault is of this log alone: it is then asked for less, or left for a while. */
  private mends(error: unknown, hours: number): boolean {
    const { now, log, object } = this.o;
    if (!isSmxError(error) || (error.code !== 'SMX_PROTOCOL_APDU' && error.code !== 'SMX_METER_OBJECT')) return false;
    this.slice.failed();
    if (hours > 1) return true;
    this.restsUntil = now() + REST;
    log.warn('the event log cannot be read for now', { log: object.obis, error: error.message });
    return true;
  }
}
