import { describeError, type EventSeverity, type Log } from '@smx-edge/model';
import type { Device, EventInit } from '@smx-edge/extension-api';
import type { Memory } from './memory.js';

/** What an event is about. */
export interface Place {
  readonly device: Device;
  /** Point below the device. */
  readonly path?: string;
}

export interface Fault {
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
    private readonly memory: Memory,
    private readonly log: Log,
  ) {
    this.raised = new Set(memory.kept.alarms);
  }

  /** Raises or clears; says nothing where that is so already. */
  set({ device, path }: Place, code: string, fault: Fault | undefined): void {
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
  once({ device, path }: Place, code: string, { severity = 'info', ...fault }: Fault): void {
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
