import type { Alarms, Device, PointInit } from '@smx-edge/extension-api';
import { p1Slot, SLOT_OFF, SLOT_VALUE, type P1Telegram } from '@smx-edge/protocols/p1';
import type { RegisterGuard } from '../guard/register-guard.js';
import type { Memory } from '../memory.js';
import { timeOf, type Stamp } from '../meter/stamp.js';
import type { Values } from '../meter/values.js';
import { PeakAlarm } from './peak-alarm.js';
import { PeakEngine, type PeakFacts, type PeakOptions } from './peak-engine.js';

const IMPORT = 'energy/active/import';
const DEMAND = p1Slot('peak/quarter');
const MONTH = p1Slot('peak/month');
const MONTH_AT = p1Slot('peak/month/at');
const POWER = p1Slot('power/active/import');
const ENERGY = p1Slot(IMPORT);
const FORECAST = 'peak/quarter/forecast';

/** Own and meter's peak may differ by a hundredth, and by the last digit of two registers (4 W each). */
const TOLERANCE = 0.01;
const DIGITS = 8;

const WATT: PointInit = { unit: 'W' };
const POINTS: Readonly<Record<string, PointInit>> = {
  'peak/quarter': { ...WATT, obis: '1-0:1.4.0' },
  'peak/quarter/forecast': WATT,
  'peak/quarter/forecast/low': WATT,
  'peak/quarter/forecast/high': WATT,
  'peak/quarter/last': { ...WATT, maxAge: '1h' },
  'peak/headroom': WATT,
  'peak/limit': { ...WATT, kind: 'parameter' },
  'peak/month': { ...WATT, obis: '1-0:1.6.0' },
  'peak/month/at': { type: 'time', kind: 'measurement', obis: '1-0:1.6.0' },
  'peak/billing': WATT,
};

export interface PeakPointsOptions {
  readonly device: Device;
  readonly alarms: Alarms;
  readonly guard: RegisterGuard;
  readonly memory: Memory;
  readonly options: PeakOptions & { readonly after: number };
}

/** The quarter-hour engine as points and events of the meter. */
export class PeakPoints {
  private readonly engine: PeakEngine;
  private readonly alarm: PeakAlarm;
  private declared = false;
  private history: P1Telegram['peaks'] = null;
  private saved = false;

  constructor(private readonly o: PeakPointsOptions) {
    this.engine = new PeakEngine(o.options, o.memory.kept.peak);
    this.alarm = new PeakAlarm(o.options.after);
  }

  /** Best known month peaks, oldest first. */
  get months(): PeakEngine['months'] {
    return this.engine.months;
  }

  /** Another meter: its registers say nothing about this quarter. */
  forget(): void {
    this.engine.forget();
    this.history = null;
  }

  /** The register to count by was guarded before. */
  add(values: Values, telegram: P1Telegram, stamp: Stamp): void {
    const energy = this.o.guard.isHeld(IMPORT) ? undefined : valueOf(telegram, ENERGY);
    const demand = valueOf(telegram, DEMAND);
    if (!this.declared) {
      // a meter that counts no import has no quarter peak
      if (energy === undefined && demand === undefined) return;
      this.declared = true;
      for (const [path, init] of Object.entries(POINTS)) this.o.device.point(path, init);
    }
    const t = timeOf(stamp);
    this.learn(telegram, t);
    const facts = this.engine.take({ t, energy, demand, power: valueOf(telegram, POWER) });
    fill(values, facts, stamp);
    this.tell(facts);
    if (facts.closed !== undefined || !this.saved) {
      this.saved = true;
      this.keep();
      void this.o.memory.save();
    }
  }

  /** Puts the state where the next save finds it. */
  keep(): void {
    this.o.memory.kept.peak = this.engine.state();
  }

  /** What the meter itself knows of months. */
  private learn(telegram: P1Telegram, t: number): void {
    const { months } = this.engine;
    const watt = valueOf(telegram, MONTH);
    const at = valueOf(telegram, MONTH_AT);
    // a new month begins with a peak of nought that has no time
    if (watt !== undefined && (at !== undefined || watt > 0)) months.byMeter(t, watt, at ?? null);
    if (telegram.peaks === this.history || telegram.peaks === null) return;
    this.history = telegram.peaks;
    for (const { closed, at: when, power } of telegram.peaks)
      if (power !== null) months.closedByMeter(closed, power, when);
  }

  private tell(facts: PeakFacts): void {
    const { alarms, device, memory, options } = this.o;
    const { closed, forecast, limit, headroom, t, record } = facts;
    const change = this.alarm.update(facts);
    if (change !== undefined) {
      const data = { forecast: Math.round(forecast), limit: Math.round(limit), headroom: finite(headroom) };
      const text = `The quarter hour is heading for ${data.forecast} W, the limit is ${data.limit} W`;
      const fault = change === 'raised' ? { severity: 'alarm' as const, text, data, t } : undefined;
      alarms.set({ device, path: FORECAST }, 'peak-forecast', fault);
    } else if (!this.alarm.raised) alarms.set({ device, path: FORECAST }, 'peak-forecast', undefined);
    if (closed !== undefined && record && closed.watt > options.floor) {
      const text = `New month peak of ${Math.round(closed.watt)} W`;
      alarms.once({ device, path: 'peak/month' }, 'peak-month', {
        text,
        t: closed.end,
        data: { watt: closed.watt, at: closed.end },
      });
    }
    const both = this.engine.months.both(t);
    if (both === undefined || memory.kept.differed === both.own.closing) return;
    const { own, meter } = both;
    const room = Math.max(DIGITS, TOLERANCE * meter.watt);
    // own count may have missed the winning quarter, so less is no difference unless it is about the same one
    if (own.watt <= meter.watt + room && (own.at !== meter.at || own.watt >= meter.watt - room)) return;
    // the meter takes a moment to show a new peak
    if (own.at !== null && t - own.at < 60_000) return;
    memory.kept.differed = own.closing;
    const text = `Month peak by the meter ${Math.round(meter.watt)} W, by its registers ${Math.round(own.watt)} W`;
    alarms.once({ device, path: 'peak/month' }, 'peak-differs', { severity: 'warning', text, data: { own, meter } });
  }
}

/** Number of a slot; undefined where there is none. */
function valueOf(telegram: P1Telegram, slot: number): number | undefined {
  const state = telegram.states[slot]!;
  return state >= SLOT_VALUE && state < SLOT_OFF ? telegram.values[slot]! : undefined;
}

function fill(values: Values, facts: PeakFacts, stamp: Stamp): void {
  const seen = facts.partial
    ? 'the quarter hour was seen only in part'
    : facts.estimated
      ? 'its start was interpolated'
      : stamp.reason;
  const put = (path: string, value: number, reason: string): void => {
    if (Number.isNaN(value)) values[path] = { value: null, reason };
    else
      values[path] =
        seen === undefined ? Math.round(value) : { value: Math.round(value), quality: 'uncertain', reason: seen };
  };
  put('peak/quarter', facts.quarter, 'no register and no demand yet');
  put('peak/quarter/forecast', facts.forecast, 'no power or no register yet');
  put('peak/quarter/forecast/low', facts.low, 'no power or no register yet');
  put('peak/quarter/forecast/high', facts.high, 'no power or no register yet');
  put('peak/headroom', facts.headroom, 'not known before the next quarter hour');
  values['peak/limit'] = Math.round(facts.limit);
  const { month, closed } = facts;
  if (month === undefined) {
    values['peak/month'] = { value: null, reason: 'no whole quarter hour of this month yet' };
    values['peak/month/at'] = { value: null, reason: 'no whole quarter hour of this month yet' };
  } else {
    const watt = Math.round(month.watt);
    values['peak/month'] =
      month.estimated === true ? { value: watt, quality: 'uncertain', reason: 'a boundary was interpolated' } : watt;
    values['peak/month/at'] = month.at ?? { value: null, reason: 'the meter gives no valid time' };
  }
  values['peak/billing'] = Number.isNaN(facts.billing)
    ? { value: null, reason: 'no month peak yet' }
    : Math.round(facts.billing);
  if (closed === undefined) return;
  const flaw = closed.partial ? 'seen only in part' : closed.estimated ? 'a boundary was interpolated' : undefined;
  values['peak/quarter/last'] = {
    value: Math.round(closed.watt),
    t: closed.end,
    ...(flaw !== undefined && { quality: 'uncertain', reason: flaw }),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
}
