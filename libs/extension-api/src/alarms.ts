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

/** Events of a device: told once, faults raised and cleared, also over a restart. */
export class Alarms {
  private readonly raised: Set<string>;

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
    if (fault === undefined) this.raised.delete(key);
    else this.raised.add(key);
    this.memory.kept.alarms = [...this.raised];
    const { severity = 'warning', text = 'over' } = fault ?? {};
    this.send(device, code, {
      state: fault === undefined ? 'cleared' : 'raised',
      severity,
      text,
      ...(fault?.data !== undefined && { data: fault.data }),
      ...(path !== undefined && { path }),
      ...(fault?.t !== undefined && { t: fault.t }),
    });
    void this.memory.save();
  }

  /** Tells something that has no end. The caller remembers that it was told. */
  once({ device, path }: AlarmPlace, code: string, { severity = 'info', ...fault }: Alarm): void {
    const { text, data, t } = fault;
    this.send(device, code, {
      severity,
      text,
      ...(data !== undefined && { data }),
      ...(path !== undefined && { path }),
      ...(t !== undefined && { t }),
    });
    void this.memory.save();
  }

  private send(device: Device, code: string, event: EventInit): void {
    device.event(code, event).catch((error: unknown) => {
      this.log.warn('event could not be told', { code, error: describeError(error) });
    });
  }
}
