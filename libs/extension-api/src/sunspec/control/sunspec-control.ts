import { describeError, systemClock, type Clock } from '@smx-edge/model';
import type { Decoded } from '@smx-edge/protocols/sunspec';
import type { Alarms } from '../../alarms.js';
import type { SmxContext } from '../../context.js';
import type { Device } from '../../device.js';
import type { Duration } from '../../point.js';
import type { SunSpecUnit } from '../sunspec-unit.js';
import { ExportWatch } from './export-watch.js';
import { BEHIND, HeldGroup } from './held-group.js';
import { HoldBook } from './hold-book.js';
import { outputLimit, outputMax } from './output-setpoint.js';
import { RegisterHold, type HoldResult } from './register-hold.js';
import { beatOf } from './revert.js';
import type { SetpointGroup } from './setpoint-group.js';
import { STORAGE_POWER, STORAGE_RESERVE } from './storage-setpoints.js';
import { WritePace } from './write-pace.js';

/** Models that `SunSpecControl.see` wants in each poll. */
export const CONTROL_IDS: readonly number[] = [123, 124];

/** What is left on a device is tried to be taken back this often, ms. */
const AGAIN = 5000;
/** For which powers of the inverter hold unless said, ms. */
const MAX_AGE = 10_000;
/** For taking everything back at the end, ms: within the time that the box leaves an instance. */
const PARTING = 5000;

export interface SunSpecControlOptions {
  readonly smx: Pick<SmxContext, 'state' | 'log' | 'every' | 'onStop'>;
  readonly unit: SunSpecUnit;
  /** Tells this unit from the others of the instance, and is the same after a restart: its number. */
  readonly key: string;
  /** Where its set-points are declared; without one the unit is not controlled there. */
  readonly battery?: Device;
  readonly inverter?: Device;
  /**
   * s until a device ends by itself what it was told, where it can and nobody refreshes it; 0 = it is not asked to. Undefined: two
   * heartbeats of the controller, 60 s where it gives none.
   */
  readonly revert?: number | undefined;
  /** What is told once while it lasts. */
  readonly alarms: Alarms;
  /** A meter at the connection is known; else with its first reading. */
  readonly hasMeter?: boolean;
  /** ms for which a reading of the inverter holds; default 10 s. */
  readonly maxAge?: number;
  /** Least ms between two writes of new values; default 1 s. */
  readonly writeInterval?: number | undefined;
  /** How long a poll may take to show what a device was told; default 10 s. */
  readonly settle?: Duration;
  readonly clock?: Clock;
}

/** What the control of a unit needs of any of its groups. */
type AnyGroup = Pick<
  HeldGroup<unknown>,
  'name' | 'model' | 'isLeft' | 'see' | 'follow' | 'release' | 'refresh' | 'forget'
>;

/**
 * Set-points of one SunSpec unit by its models 123 and 124: `power/setpoint`, `power/charge-limit`, `power/discharge-limit` and
 * `reserve` of a battery, `power/limit` of an inverter and `export/limit` where a meter at the connection is known, where the device has what they need. Nothing is written before a command;
 * what was written is taken back at its release, at the stop, and after a crash with the first read.
 */
export class SunSpecControl {
  private readonly clock: Clock;
  private readonly pace: WritePace;
  private groups: readonly AnyGroup[] = [];
  private beginning: Promise<void> | undefined;
  private triedAt = -Infinity;
  private followedAt = -Infinity;
  /** Names of groups whose device does not follow. */
  private readonly lagging = new Set<string>();
  /** Of the inverter, where it has one. */
  private readonly exported: ExportWatch | undefined;

  constructor(private readonly o: SunSpecControlOptions) {
    this.clock = o.clock ?? systemClock;
    this.pace = new WritePace(this.clock, o.writeInterval);
    const { inverter, alarms, hasMeter = false, maxAge = MAX_AGE } = o;
    if (inverter !== undefined)
      this.exported = new ExportWatch({ clock: this.clock, maxAge, alarms, inverter, hasMeter });
    const beat = beatOf(o.revert);
    if (beat > 0) o.smx.every(beat * 1000, () => this.refresh(beat));
    o.smx.onStop(() => this.stop());
  }

  /** What the meter at the connection shows, W, positive = imported, for `age` ms; null where it gives nothing any more. */
  meter(watts: number | null, age: number): void {
    this.exported?.draws(watts, age);
  }

  /**
   * A poll that read models `CONTROL_IDS` among others; `output`: what the inverter gives now, W, negative where it draws. The first
   * declares the set-points and takes back what a crash left.
   */
  async see(models: readonly Decoded[], output?: number): Promise<void> {
    if (output !== undefined) this.exported?.gives(output);
    this.beginning ??= this.begin();
    await this.beginning;
    for (const group of this.groups) {
      const model = models.find(({ id }) => id === group.model);
      if (model !== undefined && model.isBlank !== true) group.see(model);
    }
    if (this.clock.monotonic() - this.triedAt >= AGAIN) void this.takeBack();
    if (this.clock.monotonic() - this.followedAt >= AGAIN) void this.follow();
  }

  private async begin(): Promise<void> {
    try {
      const { unit, battery, inverter } = this.o;
      const groups: AnyGroup[] = [];
      if (battery !== undefined) {
        groups.push(await this.group(STORAGE_POWER, battery));
        groups.push(await this.group(STORAGE_RESERVE, battery));
      }
      if (inverter !== undefined && this.exported !== undefined)
        groups.push(await this.group(outputLimit(unit, (await outputMax(unit)) ?? 0, this.exported), inverter));
      this.groups = groups;
    } catch (error) {
      // the next poll begins anew
      this.beginning = undefined;
      throw error;
    }
  }

  private async group<Wish>(group: SetpointGroup<Wish>, device: Device): Promise<AnyGroup> {
    const { pace } = this;
    const { smx, unit, key, revert, settle = '10s' } = this.o;
    const book = await HoldBook.load(smx.state, `control.${key}.${group.rules.name}`);
    const hold = new RegisterHold(group.rules, { unit, book, pace });
    const foreign = (): void =>
      this.tell(device, 'control.left', `another system has set ${group.rules.name} meanwhile; it is left as it is`);
    return new HeldGroup(group, { device, hold, pace, revert, settle, foreign });
  }

  /** What follows a meter; where the device does not take it, it is tried again after a while. */
  private async follow(): Promise<void> {
    for (const group of this.groups) {
      try {
        const result = await group.follow();
        if (result === undefined) continue;
        if (!BEHIND.has(result.kind)) this.lagging.delete(group.name);
        else this.lags(group.name, result.kind === 'refused' ? { ...result.answer } : { found: result.kind });
      } catch (error) {
        this.lags(group.name, { error: describeError(error) });
      }
    }
  }

  private lags(what: string, why: Readonly<Record<string, unknown>>): void {
    this.followedAt = this.clock.monotonic();
    // once while it lasts: one that is asleep does not follow all night
    this.o.smx.log[this.lagging.has(what) ? 'debug' : 'warn']('the device does not follow the meter', { what, ...why });
    this.lagging.add(what);
  }

  /** What nobody asks for any more and still stands there, as after a crash. */
  private async takeBack(): Promise<void> {
    for (const group of this.groups.filter(({ isLeft }) => isLeft)) {
      this.triedAt = this.clock.monotonic();
      if ((await this.released(group))?.kind === 'free')
        this.o.smx.log.info('what was left on the device was put back', { unit: this.o.key, what: group.name });
    }
  }

  private async refresh(beat: number): Promise<void> {
    for (const group of this.groups) {
      try {
        await group.refresh(beat);
      } catch (error) {
        this.o.smx.log.debug('the timer of the device was not refreshed', { error: describeError(error) });
      }
    }
  }

  private async stop(): Promise<void> {
    const late = new Promise<void>((resolve) => this.clock.after(PARTING, resolve));
    const all = async (): Promise<void> => {
      for (const group of this.groups) {
        group.forget();
        await this.released(group);
      }
    };
    await Promise.race([all(), late]);
  }

  private async released(group: AnyGroup): Promise<HoldResult | undefined> {
    try {
      const result = await group.release();
      if (result.kind === 'refused') this.o.smx.log.warn('the device was not put back yet', { ...result.answer });
      return result;
    } catch (error) {
      this.o.smx.log.warn('the device was not put back yet', { error: describeError(error) });
      return undefined;
    }
  }

  private tell(device: Device, code: string, text: string): void {
    device.event(code, { severity: 'warning', text }).catch((error: unknown) => {
      this.o.smx.log.warn('event could not be told', { code, error: describeError(error) });
    });
  }
}
