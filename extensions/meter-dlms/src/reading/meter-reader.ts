import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import { describeError, isSmxError, type ErrorCode } from '@smx-edge/model';
import type { EventPace } from '../event-log/event-pace.js';
import type { MeterLine } from '../line/meter-line.js';
import type { MeterSession } from '../line/meter-session.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';
import { MeterPush } from '../push/meter-push.js';
import type { PushSettings } from '../push/push-settings.js';
import { know, type KnownMeter } from './known-meter.js';
import { Lock } from './lock.js';
import { Rest } from './rest.js';

export interface MeterReaderOptions {
  readonly smx: SmxContext<DlmsConfig>;
  readonly meter: MeterSettings;
  readonly alarms: Alarms;
  readonly pace: EventPace;
  /** Where it is asked; absent for a meter that only pushes. */
  readonly line?: Pick<MeterLine, 'open'>;
}

/** How a meter fares, in one word and a sentence. */
export interface MeterState {
  readonly code: 'waiting' | 'reading' | 'silent' | 'busy' | 'refused' | 'faulty';
  readonly text: string;
}

const STATE: Partial<Record<ErrorCode, MeterState['code']>> = {
  SMX_METER_SILENT: 'silent',
  SMX_METER_BUSY: 'busy',
  SMX_METER_REFUSED: 'refused',
};
const FAULTS = ['silent', 'busy', 'refused', 'faulty'] as const;

/** Reads one meter: values at each beat, registers and clock when they are due, load profiles in the time that is left. */
export class MeterReader {
  readonly device: Device;
  /** What it sends unasked, where the config wants that. */
  readonly push: MeterPush | undefined;
  private readonly lock: Lock;
  private readonly rest = new Rest();
  private session: MeterSession | undefined;
  private known: KnownMeter | undefined;
  private registersDue = 0;
  private isStopping = false;
  /** Why the meter refused, until that is kept. */
  private refusal: string | undefined;
  private current: MeterState = { code: 'waiting', text: 'waiting for the meter' };

  constructor(private readonly o: MeterReaderOptions) {
    const { smx, meter } = o;
    this.device = smx.device(meter.device, { kind: 'meter', interval: meter.instantaneous });
    this.lock = new Lock(smx.state, meter);
    this.device.online(false, 'not read yet');
    this.push = meter.push && this.pushOf(meter.push);
  }

  get state(): MeterState {
    return this.current;
  }

  /** Objects of the meter by OBIS code, for people who choose points; undefined before they are read. */
  get objects(): readonly { readonly obis: string; readonly classId: number }[] | undefined {
    return this.known?.catalogue.objects.map(({ obis, classId }) => ({ obis, classId }));
  }

  /** Up to where each load profile is here, ms UTC. */
  get reached(): readonly (number | undefined)[] {
    return (this.known?.profiles ?? []).map(({ reached }) => reached);
  }

  /** Obeys a refusal of an earlier run. To be called before the first beat. */
  async begin(): Promise<void> {
    const reason = await this.lock.reason();
    if (reason !== undefined) this.turn({ code: 'refused', text: reason });
  }

  /** One reading of what is due. Never rejects: a fault is a state. */
  async beat(now: number): Promise<void> {
    if (this.isStopping || !this.rest.isOver(now)) return;
    if (this.current.code === 'refused') {
      // once more for an alarm that the store did not take
      this.turn(this.current);
      return this.keepRefusal();
    }
    if (this.o.line === undefined) {
      if (this.push?.isLate(now) === true)
        this.turn({ code: 'silent', text: 'No push came for three of its intervals' });
      return;
    }
    await this.guarded(async () => {
      const { session, known } = await this.ready();
      await known.instantaneous.read(session);
      if (now >= this.registersDue) {
        await known.registers.read(session);
        await known.clock?.read(session);
        this.registersDue = now + this.o.meter.registers;
      }
      this.rest.good();
      this.turn({ code: 'reading', text: 'reading' });
    });
  }

  /** Reads of event logs and load profiles what fits into `left` ms. Resolves to whether there was something. */
  async fill(left: number): Promise<boolean> {
    const { session, known } = this;
    if (this.isStopping || session?.isOpen !== true || known === undefined || this.current.code !== 'reading')
      return false;
    let did = false;
    await this.guarded(async () => {
      // a log is short, and tells why rows of a load profile may be missing
      for (const memory of [...known.logs, ...known.profiles]) {
        did = await memory.step(session, left);
        if (did) return;
      }
    });
    return did;
  }

  /** Lets go of the meter; its word is waited for `within` ms at most. */
  async stop(within: number): Promise<void> {
    this.isStopping = true;
    try {
      await this.session?.release(within);
    } catch (error) {
      this.o.smx.log.info('the meter did not confirm the release', { error: describeError(error) });
    }
    try {
      await this.push?.stop();
    } catch (error) {
      this.o.smx.log.warn('the counter of the pushes could not be kept', { error: describeError(error) });
    }
  }

  private pushOf(push: PushSettings): MeterPush {
    const { smx, meter, line } = this.o;
    return new MeterPush({
      ...{ smx, meter, push, device: this.device },
      isRead: (path) => this.known?.instantaneous.has(path) === true || this.known?.registers.has(path) === true,
      unit: (obis) => this.known?.catalogue.unit(obis),
      taken: () => {
        this.alarm('push-refused', undefined);
        if (line === undefined) this.turn({ code: 'reading', text: 'pushed values come' });
      },
      refused: (why) => this.alarm('push-refused', why),
    });
  }

  private async ready(): Promise<{ session: MeterSession; known: KnownMeter }> {
    const { smx, meter } = this.o;
    if (this.session?.isOpen !== true) {
      this.session = await this.o.line!.open(meter, (notification) => this.push?.take(notification));
      // another meter may stand there now
      this.known = undefined;
    }
    this.known ??= await know(this.session, {
      smx,
      meter,
      device: this.device,
      alarms: this.o.alarms,
      pace: this.o.pace,
      progress: (share, text) => smx.status('busy', `${meter.device}: ${text}`, share),
    });
    await this.push?.learn(this.session, this.known.catalogue);
    return { session: this.session, known: this.known };
  }

  private async guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<void> {
    // what is cut short by the end of the instance is no fault of the meter
    if (this.isStopping) return;
    const code = isSmxError(error) ? error.code : 'SMX_EXTENSION_DIED';
    const text = isSmxError(error) ? error.message : describeError(error);
    this.rest.after(code, this.o.smx.now());
    // first, so that it is not asked again whatever the disk says
    this.turn({ code: STATE[code] ?? 'faulty', text });
    if (code !== 'SMX_METER_REFUSED') return;
    this.refusal = text;
    await this.keepRefusal();
  }

  /** For later runs; tried again at a later beat where the store takes nothing. */
  private async keepRefusal(): Promise<void> {
    if (this.refusal === undefined) return;
    try {
      await this.lock.set(this.refusal);
      this.refusal = undefined;
    } catch (error) {
      this.rest.after('SMX_STORE_FAILED', this.o.smx.now());
      this.o.smx.log.warn('that the meter refused could not be kept yet; a restart would ask it again', {
        device: this.device.name,
        error: describeError(error),
      });
    }
  }

  private alarm(code: string, text: string | undefined): void {
    this.o.alarms.set({ device: this.device }, code, text === undefined ? undefined : { text });
  }

  private turn(state: MeterState): void {
    const before = this.current;
    this.current = state;
    for (const fault of FAULTS) this.alarm(`meter-${fault}`, fault === state.code ? state.text : undefined);
    if (before.code === state.code && before.text === state.text) return;
    if (state.code === 'reading') this.device.online(true);
    else this.device.online(false, state.text);
  }
}
