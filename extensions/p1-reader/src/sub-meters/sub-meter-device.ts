import type { Alarm, Alarms, Device } from '@smx-edge/extension-api';
import type { SubMeter } from '@smx-edge/protocols/p1';
import type { GuardLimit, RegisterGuard } from '../guard/register-guard.js';
import type { Memory } from '../memory.js';
import { timeOf, type Stamp } from '../meter/stamp.js';
import { Cadence } from './cadence.js';
import type { Values } from '../meter/values.js';

const MINUTE = 60_000;
/** A source time older than this is not taken as one by the box. */
const FRESH = 9 * MINUTE;
/** Most a domestic sub-meter can count in an hour, and what is always believed. */
const LIMITS: Readonly<Record<'m3' | 'J' | 'Wh', GuardLimit>> = {
  m3: { perHour: 100, slack: 1 },
  J: { perHour: 3.6e9, slack: 1e8 },
  Wh: { perHour: 1e6, slack: 1000 },
};

export interface SubMeterParts {
  readonly device: Device;
  readonly id: string;
  readonly guard: RegisterGuard;
  readonly alarms: Alarms;
  readonly memory: Memory;
}

/** One sub-meter as a device: its register moves when it was read anew, not with each telegram. */
export class SubMeterDevice {
  readonly device: Device;
  private last: { captured: number | null; value: number | null; at: number } | undefined;
  private readonly cadence = new Cadence();
  private path: 'volume' | 'energy' | undefined;
  private unit: string | null = null;
  private valve: string | null = null;
  private online: boolean | undefined;
  /**
   * Why its register is held, or that it is not, once that is known: told with each telegram, as the box may not take an event
   * and the next reading may be an hour away.
   */
  private verdict: { readonly held: Alarm | undefined } | undefined;

  constructor(private readonly o: SubMeterParts) {
    this.device = o.device;
  }

  take(reading: SubMeter, stamp: Stamp): void {
    const values: Values = {};
    this.addValve(values, reading.valve);
    if (this.isNews(reading, stamp)) this.addReading(values, reading, stamp);
    if (Object.keys(values).length > 0) this.device.set(values, stamp.t === undefined ? {} : { t: stamp.t });
    if (this.verdict !== undefined) this.o.alarms.set({ device: this.device }, 'register-held', this.verdict.held);
    this.setOnline(reading.rank !== 'stale');
  }

  /** Its channel has no reading (any more). */
  empty(reason: string | null, stamp: Stamp): void {
    if (this.path === undefined || this.last?.value === null) return;
    this.last = { captured: null, value: null, at: timeOf(stamp) };
    this.device.set({ [this.path]: { value: null, reason: reason ?? 'no valid reading' } }, stamp.t === undefined ? {} : { t: stamp.t }); // prettier-ignore
  }

  private isNews({ captured, value }: SubMeter, stamp: Stamp): boolean {
    const { last } = this;
    if (last === undefined || last.captured !== captured || last.value !== value) return true;
    // without a time of its own it is as new as the telegram, but need not be told each second
    return captured === null && timeOf(stamp) - last.at >= MINUTE;
  }

  private addReading(values: Values, reading: SubMeter, stamp: Stamp): void {
    const { captured, value, unit } = reading;
    this.learn(captured);
    const path = this.declare(reading);
    const at = timeOf(stamp);
    this.last = { captured, value, at };
    if (path === undefined) return;
    const t = captured !== null && captured <= at && at - captured < FRESH ? { t: captured } : {};
    if (value === null || unit !== this.unit) {
      values[path] = { value: null, reason: reading.reason ?? 'no valid reading', ...t };
      return;
    }
    values[path] = { ...this.quality(reading, value, stamp), ...t };
    if (captured !== null) values['captured'] = captured;
    if (reading.id !== null) values['serial'] = reading.id;
  }

  private quality(
    reading: SubMeter,
    value: number,
    stamp: Stamp,
  ): Exclude<Values[string], number | string | boolean | readonly number[] | null> {
    if (reading.rank === 'stale') return { value, quality: 'stale', reason: 'the meter was replaced' };
    const { guard, alarms, device, id } = this.o;
    const limit = LIMITS[reading.unit ?? 'm3'];
    const verdict = guard.check(`sub ${id}`, { value, t: reading.captured ?? timeOf(stamp) }, limit);
    if (verdict.kind === 'held') {
      this.verdict = { held: { text: `${verdict.reason}; held at ${verdict.value}`, data: { value } } };
      return { value: verdict.value, quality: 'uncertain', reason: verdict.reason };
    }
    this.verdict = { held: undefined };
    if (verdict.kind === 'confirmed') {
      const text = `The register stays at its new level: ${verdict.before} before, ${verdict.value} now`;
      alarms.once({ device }, 'register-level', { severity: 'warning', text, data: { before: verdict.before, value } });
    }
    if (stamp.quality !== 'good') return { value, quality: stamp.quality, reason: stamp.reason ?? '' };
    return reading.unitAssumed ? { value, quality: 'uncertain', reason: 'unit not printed' } : { value };
  }

  /** How often it is read: what stays longer than three times that is stale. */
  private learn(captured: number | null): void {
    const before = this.last?.captured;
    if (captured === null || before === undefined || before === null) return;
    if (!this.cadence.step(captured - before) || this.path === undefined) return;
    this.device.point(this.path, { maxAge: 3 * this.cadence.ms });
  }

  private declare(reading: SubMeter): 'volume' | 'energy' | undefined {
    if (this.path !== undefined || reading.unit === null) return this.path;
    this.unit = reading.unit;
    this.path = reading.unit === 'm3' ? 'volume' : 'energy';
    const maxAge = reading.captured === null ? 3 * MINUTE : 3 * this.cadence.ms;
    this.device.point(this.path, { unit: reading.unit, kind: 'counter', maxAge, ...(reading.obis !== null && { obis: reading.obis }) }); // prettier-ignore
    this.device.point('captured', { type: 'time', kind: 'state', maxAge: 0 });
    this.device.point('serial', { type: 'string', kind: 'text', personal: true, maxAge: 0 });
    return this.path;
  }

  private addValve(values: Values, valve: string | null): void {
    if (valve === null) return;
    const { memory, alarms, device, id } = this.o;
    if (this.valve === null) device.point('valve', { type: 'string', kind: 'state' });
    this.valve = valve;
    values['valve'] = valve;
    const states = (memory.kept.states ??= {});
    const before = states[`valve ${id}`];
    if (before === valve) return;
    states[`valve ${id}`] = valve;
    if (before !== undefined) alarms.once({ device, path: 'valve' }, 'valve', { severity: 'warning', text: `valve ${before} → ${valve}`, data: { before, now: valve } }); // prettier-ignore
  }

  private setOnline(online: boolean): void {
    if (this.online === online) return;
    this.online = online;
    if (online) this.device.online(true);
    else this.device.online(false, 'the meter was replaced');
  }
}
