import { randomUUID } from 'node:crypto';
import type { View } from '@smx-edge/access';
import { isSmxError, SmxError, type CommandShelf, type CommandStage } from '@smx-edge/model';
import type { Circumstances } from './check.js';
import type { Follower } from './followers.js';
import { advanced, keyOf, recordOf, rowOf, stageOf, type CommandRecord } from './record.js';
import { isSchedule, type ScheduleRecord } from './schedule.js';
import type { ScheduleWish } from './schedule-wish.js';
import { checkedSchedule, type Schedules } from './schedules.js';

const MOST = 200;

export interface ScheduleDeskOptions {
  readonly schedules: Schedules;
  readonly shelf: CommandShelf;
  /** Throws RateError. */
  readonly admit: (principal: string, point: string) => void;
  readonly circumstances: () => Circumstances;
  readonly follow: (key: string, follower: Follower | undefined) => void;
  readonly told: (record: CommandRecord, stage: CommandStage) => void;
  /** Watches the grant of a party from now on. */
  readonly watch: (view: View, record: CommandRecord) => void;
}

/** Where schedules come in: checked, kept under their id, then run. */
export class ScheduleDesk {
  private readonly coming = new Map<string, Promise<CommandRecord>>();

  constructor(private readonly o: ScheduleDeskOptions) {}

  /** As `Control.submit` for commands: resolves once it is accepted or refused, and that is durable. */
  async submit(view: View, wish: ScheduleWish, follow?: Follower): Promise<CommandRecord> {
    const principal = view.principal.name;
    const id = wish.id ?? randomUUID();
    const key = keyOf(principal, id);
    const coming = this.coming.get(key);
    if (coming !== undefined) return coming;
    this.o.admit(principal, wish.point);
    const record = this.judge(view, { ...wish, id });
    const taken = this.claim(record, follow);
    this.coming.set(key, taken);
    try {
      const result = await taken;
      if (result !== record) follow?.(result, stageOf(result));
      else if (record.over !== true) {
        this.o.watch(view, record);
        this.o.schedules.add(record);
      }
      return result;
    } finally {
      this.coming.delete(key);
    }
  }

  /** Schedules of a set-point, or of all, that still run, the newest first. */
  of(point?: string): ScheduleRecord[] {
    return this.o.schedules.of(point);
  }

  find(principal: string, id: string): ScheduleRecord | undefined {
    return this.o.schedules.find(principal, id);
  }

  cancel(record: ScheduleRecord, why: string): void {
    this.o.schedules.cancel(record, why);
  }

  private async claim(record: ScheduleRecord, follow: Follower | undefined): Promise<CommandRecord> {
    const key = keyOf(record.principal, record.id);
    this.o.follow(key, follow);
    const known = await this.o.shelf.claimCommand(rowOf(record));
    if (known !== undefined) return recordOf(known);
    for (const stage of record.stages) this.o.told(record, stage);
    return record;
  }

  private judge(view: View, wish: ScheduleWish & { readonly id: string }): ScheduleRecord {
    const at = this.o.circumstances();
    const { id, point, hb, reason, start, step, values } = wish;
    const received: ScheduleRecord = {
      ...{ principal: view.principal.name, id, name: wish.name ?? id, point, value: null },
      ...{ authority: 'controller', priority: 0, received: at.now, until: at.now, lease: 0 },
      schedule: { start, step, values },
      ...(hb === undefined ? {} : { hb }),
      ...(reason === undefined ? {} : { reason }),
      stages: [{ state: 'received', t: at.now, value: null }],
    };
    const refused = (stage: CommandStage): ScheduleRecord => ({
      ...received,
      ...advanced(received, stage),
      over: true,
    });
    try {
      const checked = { ...received, ...checkedSchedule(view, wish, at) };
      if (this.o.schedules.size >= MOST) throw new SmxError('SMX_COMMAND_FULL', `${MOST} schedules run already`);
      if (checked.lease <= 0)
        return refused({ state: 'expired', t: at.now, value: null, reason: 'its last value was over when it came' });
      return { ...checked, ...advanced(checked, { state: 'accepted', t: at.now, value: null }) };
    } catch (error) {
      if (!isSmxError(error)) throw error;
      return refused({ state: 'refused', t: at.now, value: null, code: error.code, reason: error.message });
    }
  }
}

/** Rows of an earlier life: schedules, and plain commands. */
export function sorted(records: readonly CommandRecord[]): { schedules: ScheduleRecord[]; commands: CommandRecord[] } {
  return { schedules: records.filter(isSchedule), commands: records.filter((record) => !isSchedule(record)) };
}
