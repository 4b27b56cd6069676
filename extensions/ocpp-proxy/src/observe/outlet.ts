import type { Alarm, Alarms, Device, GuardedCounters, SampleValue, SmxContext } from '@smx-edge/extension-api';
import type { EvStatus, Observation, Reading, Session } from '@smx-edge/protocols/ocpp-j';
import { Rhythm } from './rhythm.js';
import { sessionEvent } from './session-events.js';
import type { StationClock } from './station-clock.js';

type Values = Extract<Observation, { kind: 'values' }>;
type Status = Extract<Observation, { kind: 'status' }>;
/** Of a charge point, on its plate. */
export interface Plate {
  readonly vendor?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
}

export interface OutletParts {
  readonly number: number;
  readonly device: Device;
  readonly clock: StationClock;
  readonly counters: GuardedCounters;
  /** By which the counters of this outlet are kept. */
  readonly place: string;
  readonly alarms: Alarms;
  readonly tagKey: Buffer;
  readonly smx: Pick<SmxContext, 'now' | 'log'>;
}

const GONE = 'the charge point is not connected';
/** Until anything is heard of it. */
const FIRST_POINTS = { 'power/active': 'W', 'energy/active/import': 'Wh', 'energy/session': 'Wh' } as const;

/** One outlet of a charge point as a device of the box: connector of 1.6, EVSE of 2.x. */
export class Outlet {
  readonly number: number;
  readonly device: Device;
  /** Of the charge point's own word; undefined until it said any on this connection. */
  status: EvStatus | undefined;
  /** The session that goes on. */
  session: Session | undefined;
  /** The last live value of each point, with the time of its coming. */
  readonly latest = new Map<string, { readonly value: number; readonly at: number }>();
  private readonly rhythm = new Rhythm();
  private interval: number;
  private readonly units = new Map<string, string | null>();

  constructor(private readonly o: OutletParts) {
    this.number = o.number;
    this.device = o.device;
    this.interval = this.rhythm.interval;
    this.device.point('status', { type: 'string', kind: 'state', maxAge: 0 });
    this.device.point('serial', { type: 'string', kind: 'text', maxAge: 0 });
    for (const [path, unit] of Object.entries(FIRST_POINTS)) this.declare(path, unit);
    this.device.online(false, GONE);
  }

  plate({ vendor, model, serial }: Plate): void {
    this.device.update({
      ...(vendor !== undefined && { manufacturer: vendor }),
      ...(model !== undefined && { model }),
      ...(serial !== undefined && { serial }),
    });
    if (serial !== undefined) this.device.set({ serial });
  }

  connected(): void {
    this.device.online(true);
  }

  disconnected(): void {
    this.rhythm.pause();
    this.latest.clear();
    // what it did last is not what it does now
    if (this.status !== undefined) this.device.set({ status: { value: this.status, quality: 'stale', reason: GONE } });
    this.status = undefined;
    this.device.online(false, GONE);
  }

  tellStatus(told: Status): void {
    const { status, t } = told;
    this.status = status;
    this.device.set({ status }, this.sampleAt(t));
    this.tellFault(told);
  }

  /** Raised or cleared; `station`: of the charge point as a whole, where each outlet has a status of its own. */
  tellFault({ status, error, info }: Status, of: 'outlet' | 'station' = 'outlet'): void {
    const what = [error, info].filter((word) => word !== undefined).join(', ');
    const text = `The charge point reports a fault${what === '' ? '' : `: ${what}`}`;
    const place = { device: this.device, ...(of === 'outlet' && { path: 'status' }) };
    this.o.alarms.set(place, 'fault', status === 'faulted' ? { text } : undefined);
  }

  /** False where nothing of it is of now. */
  tellValues({ readings, t, isLate, context }: Values): boolean {
    const now = this.o.smx.now();
    if (isLate || (t !== undefined && !this.o.clock.isLive(t, now, this.interval))) return false;
    if (context === 'Sample.Periodic') this.beat(now);
    const values: Record<string, number | SampleValue> = {};
    for (const reading of readings) {
      const told = this.take(reading);
      values[reading.path] = told;
      const value = typeof told === 'number' ? told : told.value;
      if (typeof value === 'number') this.latest.set(reading.path, { value, at: now });
    }
    this.device.set(values, this.sampleAt(t));
    return true;
  }

  began(session: Session): void {
    this.session = session;
    this.tell('session.start', session, session.startedAt);
  }

  ended(session: Session): void {
    if (this.session?.transactionId === session.transactionId) this.session = undefined;
    this.tell('session.stop', session, session.endedAt);
    const { energy, endedAt } = session;
    if (energy !== undefined && this.session === undefined && this.isOfNow(endedAt)) this.device.set({ 'energy/session': energy }); // prettier-ignore
  }

  /** A live value of the last `ms`. */
  recent(path: string, ms: number): number | undefined {
    const seen = this.latest.get(path);
    return seen !== undefined && this.o.smx.now() - seen.at <= ms ? seen.value : undefined;
  }

  /** A fault of one of its points, raised or cleared. */
  alarm(path: string, code: string, fault: Alarm | undefined): void {
    this.o.alarms.set({ device: this.device, path }, code, fault);
  }

  private isOfNow(t: number | undefined): boolean {
    return t === undefined || this.o.clock.isLive(t, this.o.smx.now(), this.interval);
  }

  private tell(code: string, session: Session, t: number | undefined): void {
    const event = sessionEvent(session, {
      key: this.o.tagKey,
      t: this.o.clock.plausible(t, this.o.smx.now()),
    });
    this.device.event(code, event).catch((error: unknown) => {
      this.o.smx.log.warn('a charging session could not be told', { code, error: String(error) });
    });
  }

  /** Source time of a sample; none where the charge point gives none. */
  private sampleAt(t: number | undefined): { t: number } | undefined {
    const here = this.o.clock.plausible(t, this.o.smx.now());
    return here === undefined ? undefined : { t: Math.min(here, this.o.smx.now()) };
  }

  private beat(now: number): void {
    this.rhythm.beat(now);
    if (this.rhythm.interval === this.interval) return;
    this.interval = this.rhythm.interval;
    this.device.update({ interval: this.interval });
  }

  /** As it is told: a good value by itself. */
  private take({ path, unit, value, reason, quality }: Reading): number | SampleValue {
    this.declare(path, unit);
    const isRegister = unit === 'Wh' && path !== 'energy/session';
    const told = isRegister && value !== null ? this.counted(path, value) : value;
    if (told !== null && quality === undefined) return told;
    return {
      value: told,
      ...(told === null && { reason: reason ?? 'the register is not to be believed yet' }),
      ...(quality !== undefined && { quality }),
    };
  }

  private counted(path: string, value: number): number | null {
    return this.o.counters.take(`${this.o.place}/${path}`, { value, step: 1 }) ?? null;
  }

  private declare(path: string, unit: string | null): void {
    if (this.units.has(path)) return;
    this.units.set(path, unit);
    // begins anew with each session
    this.device.point(path, { unit, ...(path === 'energy/session' && { kind: 'measurement' as const }) });
  }
}
