import type { View } from '@smx-edge/access';
import { SmxError, type Clock, type CommandStage, type Disposable } from '@smx-edge/model';
import type { Arbiter } from './arbiter.js';
import { checkedCommand, commandTarget, type Circumstances, type Target } from './check.js';
import { advanced, type CommandRecord } from './record.js';
import { nextChange, scheduleEnd, slotAt, type ScheduleRecord } from './schedule.js';
import type { ScheduleWish } from './schedule-wish.js';

/** So often the clock is looked at: it may be set. */
const LOOK = 1000;
const AHEAD = 14 * 86_400_000;
const KILO: Readonly<Record<string, string>> = { kW: 'W', kvar: 'var', kVA: 'VA', kWh: 'Wh' };

export interface SchedulesOptions {
  readonly clock: Clock;
  readonly arbiter: Arbiter;
  readonly holds: (record: CommandRecord) => boolean;
  /** Whether no value is given at a set-point; schedules that end meanwhile end. */
  readonly paused?: (point: string) => boolean;
  /** Makes a stage of a schedule durable, then tells it. */
  readonly tell: (record: ScheduleRecord, stage: CommandStage) => void;
}

/** Schedules as they run: each is a stream of commands, one per value, at most one of a party at a set-point. */
export class Schedules {
  /** The later in it the newer. */
  private active: ScheduleRecord[] = [];
  /** By party and set-point: the value that was given last, and its command. */
  private readonly running = new Map<string, { readonly slot: string; readonly id: string }>();
  private timer: Disposable | undefined;

  constructor(private readonly o: SchedulesOptions) {}

  get size(): number {
    return this.active.length;
  }

  /** Schedules of a set-point, or of all, that still run, the newest first. */
  of(point?: string): ScheduleRecord[] {
    return this.active.filter((record) => point === undefined || record.point === point).reverse();
  }

  find(principal: string, id: string): ScheduleRecord | undefined {
    return this.active.find((record) => record.principal === principal && (record.id === id || record.name === id));
  }

  /** Lets it run from now on. What of older ones of its party it covers wholly is superseded. */
  add(record: ScheduleRecord): void {
    for (const older of this.active)
      if (covers(record, older)) this.end(older, 'superseded', `superseded by ${record.name}`);
    this.active.push(record);
    this.due();
  }

  cancel(record: ScheduleRecord, why: string): void {
    if (!this.active.includes(record)) return;
    this.end(record, 'cancelled', why);
    const known = this.running.get(groupOf(record));
    if (known?.slot.startsWith(`${record.id}#`) === true) {
      this.o.arbiter.cancel(record.principal, known.id, why);
      this.running.delete(groupOf(record));
    }
    this.due();
  }

  /** A command of a schedule came further: one that a crash ended is given again while its time lasts. */
  told(record: CommandRecord, stage: CommandStage): void {
    const over = record.slot === undefined || this.o.clock.now() >= record.until;
    if (stage.state !== 'ended' || over || this.o.arbiter.present(record.point).ready) return;
    for (const [group, { id }] of this.running) if (id === record.id) this.running.delete(group);
  }

  /** Gives what counts now, and ends what is over. */
  due(): void {
    const { clock } = this.o;
    const now = clock.now();
    for (const record of [...this.active]) {
      if (now >= scheduleEnd(record.schedule)) this.end(record, 'ended', 'its last value is over');
      else if (!this.o.holds(record)) this.cancel(record, 'the grant behind it ended');
    }
    const groups = new Map<string, { record: ScheduleRecord; slot: number }>();
    for (const record of this.active) {
      const slot = slotAt(record.schedule, now);
      if (slot !== undefined) groups.set(groupOf(record), { record, slot });
    }
    for (const [group, { record, slot }] of groups)
      if (this.o.paused?.(record.point) !== true) this.give(group, record, slot);
    this.arm(now);
  }

  close(): void {
    this.timer?.dispose();
  }

  private give(group: string, record: ScheduleRecord, slot: number): void {
    const { arbiter, clock } = this.o;
    const name = `${record.id}#${slot}`;
    if (this.running.get(group)?.slot === name || !arbiter.present(record.point).ready) return;
    const { start, step, values, priority } = record.schedule;
    const value = values[slot] ?? null;
    const now = clock.now();
    const id = `${name}@${now.toString(36)}`;
    this.running.set(group, { slot: name, id });
    if (value === null) return;
    const until = start + (slot + 1) * step;
    const { principal, point, authority, hb, reason } = record;
    arbiter.stand({
      ...{ principal, id, point, value, authority, priority: priority?.[slot] ?? record.priority },
      ...{
        received: now,
        until,
        lease: until - now,
        absolute: true as const,
        slot,
        series: record.id,
        of: record.name,
      },
      ...(hb === undefined ? {} : { hb }),
      ...(reason === undefined ? {} : { reason }),
      stages: [{ state: 'accepted', t: now, value }],
    });
  }

  private end(record: ScheduleRecord, state: 'ended' | 'superseded' | 'cancelled', reason: string): void {
    this.active = this.active.filter((other) => other !== record);
    const stage: CommandStage = { state, t: this.o.clock.now(), value: null, reason };
    this.o.tell({ ...record, ...advanced(record, stage), over: true }, stage);
  }

  private arm(now: number): void {
    this.timer?.dispose();
    if (this.active.length === 0) return;
    const next = Math.min(...this.active.map(({ schedule }) => nextChange(schedule, now)));
    this.timer = this.o.clock.after(Math.max(1, Math.min(LOOK, next - now)), () => this.due());
  }
}

const groupOf = ({ principal, point }: CommandRecord): string => `${principal}\n${point}`;

function covers(newer: ScheduleRecord, older: ScheduleRecord): boolean {
  const [a, b] = [newer.schedule, older.schedule];
  return groupOf(newer) === groupOf(older) && a.start <= b.start && scheduleEnd(a) >= scheduleEnd(b);
}

/** The schedule that a wish makes under a grant, each value checked. Throws as commands do, and SMX_COMMAND_SCHEDULE. */
export function checkedSchedule(
  view: Pick<View, 'command' | 'canRead'>,
  wish: ScheduleWish,
  at: Circumstances,
): Pick<ScheduleRecord, 'point' | 'authority' | 'priority' | 'schedule' | 'until' | 'lease'> {
  const target = commandTarget(view, wish.point, at);
  if (at.clock === 'unsure')
    throw new SmxError('SMX_COMMAND_CLOCK', 'the clock of the box is not set; a schedule needs times of day');
  const values = inUnit(wish, target);
  const { start, step, priority } = wish;
  const schedule = { start, step, values, ...(priority === undefined ? {} : { priority }) };
  for (const [i, value] of values.entries()) {
    // the end of a schedule is its own: its values are not held to the longest lease of a command
    const one = { point: wish.point, for: 1, ...(priority === undefined ? {} : { priority: priority[i]! }) };
    checkedCommand(
      { ...one, ...(wish.t === undefined ? {} : { t: wish.t }), value: value ?? fallback(target) },
      target,
      at,
    );
  }
  const until = scheduleEnd(schedule);
  if (start > at.now + AHEAD) throw new SmxError('SMX_COMMAND_SCHEDULE', 'start: expected a time within 14 days');
  const { authority } = target.grant;
  return {
    point: target.definition.path,
    authority,
    priority: target.grant.priority,
    schedule,
    until,
    lease: until - at.now,
  };
}

/** A value that every grant allows, to check a place that has none. */
function fallback({ grant }: Target): number {
  const [min, max] = grant.between ?? [0, 0];
  return Math.min(max, Math.max(min, 0));
}

function inUnit({ unit, values }: ScheduleWish, { definition }: Target): (number | null)[] {
  if (unit === undefined || unit === definition.unit) return [...values];
  if (KILO[unit] !== undefined && KILO[unit] === definition.unit)
    // thousands without float drift
    return values.map((value) => (value === null ? null : Number((value * 1000).toPrecision(15))));
  throw new SmxError(
    'SMX_COMMAND_SCHEDULE',
    `unit: expected ${definition.unit ?? 'none'}, the unit of ${definition.path}`,
  );
}
