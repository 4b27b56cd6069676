import { Alarms, type Device, type SmxContext } from '@smx-edge/extension-api';
import { p1Slot, type P1Notice, type P1Telegram } from '@smx-edge/protocols/p1';
import { RegisterGuard } from '../guard/register-guard.js';
import type { Health } from '../line/health.js';
import type { Memory } from '../memory.js';
import { PeakPoints, PeakProfile, type MonthPeak } from '../peak/index.js';
import type { Settings } from '../settings.js';
import { SubMeters } from '../sub-meters/sub-meters.js';
import { Interval } from './interval.js';
import { MeterPoints } from './meter-points.js';
import { NetKind } from './net-kind.js';
import { Occurrences } from './occurrences.js';
import { Sightings } from './sightings.js';
import { stampOf, type Stamp } from './stamp.js';
import type { Values } from './values.js';

const SERIAL = p1Slot('serial');
/** The meter's clock is told to be off beyond this, and right again below half of it, ms. */
const CLOCK_OFF = 60_000;
const KEEP_EVERY = 900_000;

/** Turns telegrams into the devices, points and events of the site. */
export class MeterReader {
  readonly device: Device;
  private readonly alarms: Alarms;
  private readonly guard: RegisterGuard;
  private readonly points: MeterPoints;
  private readonly peaks: PeakPoints | undefined;
  private readonly peakProfile: PeakProfile;
  private readonly subMeters: SubMeters;
  private readonly occurrences: Occurrences;
  private readonly net: NetKind;
  private interval: Interval | undefined;
  private ident = '';
  private serial: string | null = null;
  private online = '';
  private readonly sightings: Sightings;
  private hasClock = false;
  private clockOff = false;
  private fellTo: number | undefined;
  private keptAt: number | undefined;
  /** Text of the newest telegram and when it came. */
  private newest: { bytes: Uint8Array; received: number } | undefined;

  constructor(
    private readonly smx: Pick<SmxContext, 'device' | 'log' | 'now'>,
    settings: Settings,
    private readonly memory: Memory,
  ) {
    const { kept } = memory;
    const sightings = (this.sightings = new Sightings([kept.serial, ...Object.keys(kept.names ?? {})]));
    const device = (this.device = smx.device(settings.device, { kind: 'meter' }));
    const alarms = (this.alarms = new Alarms(memory, smx.log));
    const guard = (this.guard = new RegisterGuard(kept.registers));
    this.points = new MeterPoints({ device, guard, alarms, power: settings.power, log: smx.log, withoutPeaks: settings.peak !== undefined }); // prettier-ignore
    this.peaks = settings.peak && new PeakPoints({ device, alarms, guard, memory, options: settings.peak });
    this.peakProfile = new PeakProfile({ device, log: smx.log, now: () => smx.now() });
    this.subMeters = new SubMeters({ smx, names: settings.names, memory, alarms, guard, sightings });
    this.net = new NetKind(device);
    this.occurrences = new Occurrences({ device, alarms, memory });
    this.setOnline(false, 'no telegram yet');
  }

  /** Month peaks known, oldest first. */
  get months(): MonthPeak[] {
    return this.peaks?.months.list() ?? [];
  }

  /** The newest telegram as the meter sent it. */
  get telegram(): { readonly text: string; readonly received: number } | undefined {
    if (this.newest === undefined) return undefined;
    return { text: Buffer.from(this.newest.bytes).toString('latin1'), received: this.newest.received };
  }

  take(telegram: P1Telegram): void {
    const stamp = stampOf(telegram, this.smx.now());
    this.sightings.next();
    this.newest = { bytes: telegram.bytes(), received: stamp.received };
    this.identify(telegram, stamp);
    const values: Values = {};
    this.points.add(values, telegram, stamp);
    this.clock(values, stamp);
    this.net.add(values, telegram);
    this.peaks?.add(values, telegram, stamp);
    this.peakProfile.take(telegram);
    this.device.set(values, stamp.t === undefined ? {} : { t: stamp.t });
    this.setOnline(true);
    this.subMeters.take(telegram, stamp);
    this.occurrences.take(telegram);
    this.keepNowAndThen(stamp.received);
  }

  /** The line is well or not; its fault is an event of the meter. */
  line({ code, text, reading }: Health): void {
    for (const fault of ['no-bytes', 'no-frames', 'crc-failing', 'encrypted-without-key', 'wrong-key'] as const)
      this.alarms.set({ device: this.device }, `p1-${fault}`, fault === code ? { text } : undefined);
    if (!reading && code !== 'waiting') this.setOnline(false, text);
  }

  notice({ kind, counter }: P1Notice): void {
    // a line that repeats one frame for ever is told once
    if (kind !== 'counter-fell' || counter === this.fellTo) return;
    this.fellTo = counter;
    const text = 'The frame counter of the encrypted meter did not rise: a new key, another meter, or a replay';
    this.alarms.once({ device: this.device }, 'p1-counter-fell', { severity: 'warning', text, data: { counter } });
  }

  /** Writes down what a restart needs. */
  async keep(): Promise<void> {
    this.peaks?.keep();
    this.memory.kept.registers = this.guard.state();
    await this.memory.save();
  }

  /** A box may lose its power at any time: registers are written down each quarter of an hour. */
  private keepNowAndThen(now: number): void {
    this.keptAt ??= now;
    if (Math.abs(now - this.keptAt) < KEEP_EVERY) return;
    this.keptAt = now;
    void this.keep();
  }

  /** Who is it, how often does it send, and is it still the same meter? */
  private identify(telegram: P1Telegram, stamp: Stamp): void {
    if (telegram.ident !== this.ident) {
      this.ident = telegram.ident;
      this.device.update({ manufacturer: this.ident.slice(0, 3), model: this.ident.slice(3).replace(/^\d?\\?/, '') });
    }
    const serial = telegram.text(SERIAL);
    if (serial !== null && serial !== '' && serial !== this.serial && this.sightings.isProven(serial, telegram)) {
      this.serial = serial;
      this.device.update({ serial });
      const before = this.memory.kept.serial;
      this.memory.kept.serial = serial;
      if (before !== undefined && before !== serial) this.replaced();
    }
    this.interval ??= this.firstInterval(telegram);
    if (this.interval.step(stamp.received)) this.device.update({ interval: this.interval.ms });
  }

  private firstInterval(telegram: P1Telegram): Interval {
    const interval = new Interval(telegram.dsmrVersion === '50' || telegram.emucsVersion !== null);
    this.device.update({ interval: interval.ms });
    return interval;
  }

  private replaced(): void {
    this.guard.forget();
    this.peaks?.forget();
    this.peakProfile.forget();
    this.occurrences.forget();
    const text = 'The meter was exchanged: its equipment identifier is another';
    this.alarms.once({ device: this.device }, 'meter-replaced', { severity: 'warning', text });
  }

  private clock(values: Values, { t, received }: Stamp): void {
    if (t === undefined) return;
    const offset = t - received;
    if (!this.hasClock) {
      this.hasClock = true;
      this.device.point('clock/offset', { unit: 's' });
    }
    values['clock/offset'] = offset / 1000;
    this.clockOff = Math.abs(offset) > (this.clockOff ? CLOCK_OFF / 2 : CLOCK_OFF);
    const text = `The meter's clock is ${Math.round(offset / 1000)} s off the clock of the box`;
    this.alarms.set(
      { device: this.device },
      'clock-off',
      this.clockOff ? { text, data: { offset: offset / 1000 } } : undefined,
    );
  }

  private setOnline(online: boolean, reason?: string): void {
    const now = `${online} ${reason ?? ''}`;
    if (this.online === now) return;
    this.online = now;
    if (reason === undefined) this.device.online(online);
    else this.device.online(online, reason);
  }
}
