import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import {
  MeterHealth,
  PasswordTries,
  type EventPace,
  type MeterState,
  type MeterTurn,
} from '@smx-edge/extension-api/metering';
import { describeError } from '@smx-edge/model';
import type { MeterLine } from '../line/meter-line.js';
import type { MeterSession } from '../line/meter-session.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';
import { MeterPush } from '../push/meter-push.js';
import type { PushSettings } from '../push/push-settings.js';
import { credentialsOf } from './credentials.js';
import { know, type KnownMeter } from './known-meter.js';

export interface MeterReaderOptions {
  readonly smx: SmxContext<DlmsConfig>;
  readonly meter: MeterSettings;
  readonly alarms: Alarms;
  readonly pace: EventPace;
  /** Where it is asked; absent for a meter that only pushes. */
  readonly line?: Pick<MeterLine, 'open'>;
}

/** Reads one meter: values at each beat, registers and clock when they are due, load profiles in the time that is left. */
export class MeterReader implements MeterTurn {
  readonly device: Device;
  /** What it sends unasked, where the config wants that. */
  readonly push: MeterPush | undefined;
  private readonly tries: PasswordTries;
  private readonly health: MeterHealth;
  private session: MeterSession | undefined;
  private known: KnownMeter | undefined;
  private registersDue = 0;
  private isStopping = false;

  constructor(private readonly o: MeterReaderOptions) {
    const { smx, meter } = o;
    this.device = smx.device(meter.device, { kind: 'meter', interval: meter.instantaneous });
    const credentials = credentialsOf(meter);
    // a gateway is silent for a meter without power, and for one that refuses by silence
    this.tries = new PasswordTries(smx.state, {
      ...{ device: meter.device, credentials, config: smx.config, trustsProven: true },
      now: smx.now,
    });
    this.health = new MeterHealth({ smx, credentials, alarms: o.alarms, device: this.device });
    this.push = meter.push && this.pushOf(meter.push);
  }

  get state(): MeterState {
    return this.health.state;
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
    await this.health.begin();
  }

  /** One reading of what is due. Never rejects: a fault is a state. */
  async beat(now: number): Promise<void> {
    if (this.isStopping || !(await this.health.mayAsk(now))) return;
    if (this.o.line === undefined) {
      if (this.push?.isLate(now) === true)
        this.health.turn({ code: 'silent', text: 'No push came for three of its intervals' });
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
      this.health.good();
    });
  }

  /** Reads of event logs and load profiles what fits into `left` ms. Resolves to whether there was something. */
  async fill(left: number): Promise<boolean> {
    const { session, known } = this;
    if (this.isStopping || session?.isOpen !== true || known === undefined || this.state.code !== 'reading')
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
    await this.letGo(within);
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
        this.health.alarm('push-refused', undefined);
        if (line === undefined) this.health.turn({ code: 'reading', text: 'pushed values come' });
      },
      refused: (why) => this.health.alarm('push-refused', why),
    });
  }

  private async ready(): Promise<{ session: MeterSession; known: KnownMeter }> {
    const { smx, meter } = this.o;
    if (this.session?.isOpen !== true) {
      this.session = await this.o.line!.open(meter, {
        pushed: (notification) => this.push?.take(notification),
        tries: this.tries,
      });
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
      // what is cut short by the end of the instance is no fault of the meter
      if (this.isStopping) return;
      await this.health.failed(error);
      // a meter that started again behind a gateway or in datagrams knows of no association: the next reading begins with one
      if (this.session?.isOpen === true) await this.letGo();
    }
  }

  private async letGo(within?: number): Promise<void> {
    try {
      await this.session?.release(within);
    } catch (error) {
      this.o.smx.log.info('the meter did not confirm the release', { error: describeError(error) });
    }
  }
}
