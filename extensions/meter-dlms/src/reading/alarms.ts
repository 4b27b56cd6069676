import { describeError, type Log } from '@smx-edge/model';
import type { Device } from '@smx-edge/extension-api';

/** Faults of a meter as events: raised once, cleared once. */
export class Alarms {
  private readonly raised = new Set<string>();

  constructor(
    private readonly device: Device,
    private readonly log: Log,
  ) {}

  /** `text` while the fault lasts, undefined where it does not. */
  set(code: string, text: string | undefined, data?: unknown): void {
    const lasts = text !== undefined;
    if (this.raised.has(code) === lasts) return;
    if (lasts) this.raised.add(code);
    else this.raised.delete(code);
    const event = { state: lasts ? 'raised' : 'cleared', severity: 'warning', text: text ?? 'over' } as const;
    this.device.event(code, { ...event, ...(data !== undefined && { data }) }).catch((error: unknown) => {
      this.log.warn('event could not be told', { code, error: describeError(error) });
    });
  }
}
