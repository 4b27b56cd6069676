import { describeError, isSmxError, type ErrorCode } from '@smx-edge/model';
import type { Alarms } from '../alarms.js';
import type { SmxContext } from '../context.js';
import type { Device } from '../device.js';
import { Lock } from './lock.js';
import { Rest } from './rest.js';

/** How a meter fares, in one word and a sentence. */
export interface MeterState {
  readonly code: 'waiting' | 'reading' | 'silent' | 'busy' | 'refused' | 'faulty';
  readonly text: string;
}

const STATE: Partial<Record<ErrorCode, MeterState['code']>> = {
  SMX_METER_SILENT: 'silent',
  SMX_METER_BUSY: 'busy',
  SMX_TRANSPORT_BUSY: 'busy',
  SMX_METER_REFUSED: 'refused',
};
const NONE = new Uint8Array(0);
const FAULTS = ['silent', 'busy', 'refused', 'faulty'] as const;

export interface MeterHealthOptions {
  readonly smx: Pick<SmxContext, 'state' | 'log' | 'now'>;
  readonly device: Device;
  readonly alarms: Alarms;
  /** All that a change of may make the meter accept what it refused; undefined: nothing is asked of it that it could refuse. */
  readonly credentials?: Uint8Array;
}

/** What became of the reading of one meter, as state, alarms and pauses; one that refused is left alone for good. */
export class MeterHealth {
  private readonly rest = new Rest();
  private readonly lock: Lock;
  /** Why the meter refused, until that is kept. */
  private refusal: string | undefined;
  private current: MeterState = { code: 'waiting', text: 'waiting for the meter' };

  constructor(private readonly o: MeterHealthOptions) {
    const { smx, device, credentials = NONE } = o;
    this.lock = new Lock(smx.state, { device: device.name, credentials });
    device.online(false, 'not read yet');
  }

  get state(): MeterState {
    return this.current;
  }

  /** Obeys a refusal of an earlier run. To be called before the meter is asked anything. */
  async begin(): Promise<void> {
    const reason = await this.lock.reason();
    if (reason !== undefined) this.turn({ code: 'refused', text: reason });
  }

  /** Whether the meter gives nothing and may be asked again at `now`, ms UTC. */
  isImpatient(now: number): boolean {
    return this.current.code !== 'reading' && this.current.code !== 'refused' && this.rest.isOver(now);
  }

  /** Whether the meter may be asked at `now`, ms UTC. */
  async mayAsk(now: number): Promise<boolean> {
    if (!this.rest.isOver(now)) return false;
    if (this.current.code !== 'refused') return true;
    // once more for an alarm that the store did not take
    this.turn(this.current);
    await this.keepRefusal();
    return false;
  }

  good(text = 'reading'): void {
    this.rest.good();
    this.turn({ code: 'reading', text });
  }

  async failed(error: unknown): Promise<void> {
    const code = isSmxError(error) ? error.code : 'SMX_EXTENSION_DIED';
    const text = isSmxError(error) ? error.message : describeError(error);
    this.rest.after(code, this.o.smx.now());
    // first, so that it is not asked again whatever the disk says
    this.turn({ code: STATE[code] ?? 'faulty', text });
    if (code !== 'SMX_METER_REFUSED') return;
    this.refusal = text;
    await this.keepRefusal();
  }

  turn(state: MeterState): void {
    const before = this.current;
    this.current = state;
    for (const fault of FAULTS) this.alarm(`meter-${fault}`, fault === state.code ? state.text : undefined);
    if (before.code === state.code && before.text === state.text) return;
    if (state.code === 'reading') this.o.device.online(true);
    else this.o.device.online(false, state.text);
  }

  /** Raises, or clears without a text. */
  alarm(code: string, text: string | undefined): void {
    const { alarms, device } = this.o;
    alarms.set({ device }, code, text === undefined ? undefined : { text });
  }

  /** For later runs; tried again at a later beat where the store takes nothing. */
  private async keepRefusal(): Promise<void> {
    if (this.refusal === undefined) return;
    const { smx, device } = this.o;
    try {
      await this.lock.set(this.refusal);
      this.refusal = undefined;
    } catch (error) {
      this.rest.after('SMX_STORE_FAILED', smx.now());
      smx.log.warn('that the meter refused could not be kept yet; a restart would ask it again', {
        device: device.name,
        error: describeError(error),
      });
    }
  }
}
