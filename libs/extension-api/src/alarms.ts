import { describeError, type EventSeverity, type Log } from '@smx-edge/model';
import type { InstanceState } from './context.js';
import type { Device, EventInit } from './device.js';

/** Where it is kept over restarts what is raised. */
export interface AlarmMemory {
  readonly kept: { alarms?: string[] };
  save(): Promise<void>;
}

const KEY = 'alarms';

/** What an event is about. */
export interface AlarmPlace {
  readonly device: Device;
  /** Point below the device. */
  readonly path?: string;
}

/** What is wrong; told once while it lasts. */
export interface Alarm {
  readonly text: string;
  readonly severity?: EventSeverity;
  readonly data?: unknown;
  /** ms UTC. */
  readonly t?: number | undefined;
}

/** Events of a device: told once, faults raised and cleared, also over a restart. What is refused is told at the next `set`. */
export class Alarms {
  private readonly raised: Set<string>;
  /** The last event of each fault while it is on its way. */
  private readonly sent = new Map<string, symbol>();
  /** Faults whose last event was refused, so that it is logged once. */
  private readonly untold = new Set<string>();

  constructor(
    private readonly memory: AlarmMemory,
    private readonly log: Log,
  ) {
    this.raised = new Set(memory.kept.alarms);
  }

  /** Alarms that are kept in the state of the instance under a key of their own, `alarms`. */
  static async load(state: InstanceState, log: Log): Promise<Alarms> {
    const kept = { alarms: (await state.get<string[]>(KEY)) ?? [] };
    const save = async (): Promise<void> => {
      try {
        await state.set(KEY, kept.alarms);
      } catch (error) {
        log.warn('raised faults could not be kept', { error: describeError(error) });
      }
    };
    return new Alarms({ kept, save }, log);
  }

  /** Raises or clears; says nothing where that is so already. */
  set({ device, path }: AlarmPlace, code: string, fault: Alarm | undefined): void {
    const key = [device.name, code, ...(path === undefined ? [] : [path])].join(' ');
    if (this.raised.has(key) === (fault !== undefined)) return;
    this.mark(key, fault !== undefined);
    const { severity = 'warning', text = 'over' } = fault ?? {};
    const event: EventInit = {
      state: fault === undefined ? 'cleared' : 'raised',
      severity,
      text,
      ...(fault?.data !== undefined && { data: fault.data }),
      ...(path !== undefined && { path }),
      ...(fault?.t !== undefined && { t: fault.t }),
    };
    void this.tell(key, fault !== undefined, () => device.event(code, event));
    void this.memory.save();
  }

  /** Tells something that has no end. The caller remembers that it was told. */
  once({ device, path }: AlarmPlace, code: string, { severity = 'info', ...fault }: Alarm): void {
    const { text, data, t } = fault;
    const event: EventInit = {
      severity,
      text,
      ...(data !== undefined && { data }),
      ...(path !== undefined && { path }),
      ...(t !== undefined && { t }),
    };
    device.event(code, event).catch((error: unknown) => {
      this.log.warn('event could not be told', { code, error: describeError(error) });
    });
    void this.memory.save();
  }

  /** Takes back what was marked where the host refuses the event and nothing newer was told of the fault. */
  private async tell(key: string, isRaised: boolean, send: () => Promise<void>): Promise<void> {
    const own = Symbol(key);
    this.sent.set(key, own);
    try {
      await send();
      this.untold.delete(key);
    } catch (error) {
      if (!this.untold.has(key))
        this.log.warn('event could not be told yet', { fault: key, error: describeError(error) });
      this.untold.add(key);
      if (this.sent.get(key) !== own) return;
      this.mark(key, !isRaised);
      await this.memory.save();
    } finally {
      if (this.sent.get(key) === own) this.sent.delete(key);
    }
  }

  private mark(key: string, isRaised: boolean): void {
    if (isRaised) this.raised.add(key);
    else this.raised.delete(key);
    this.memory.kept.alarms = [...this.raised];
  }
}
