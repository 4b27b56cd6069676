import type { Device, SmxContext } from '@smx-edge/extension-api';
import { isSmxError } from '@smx-edge/model';
import type { DataNotification } from '@smx-edge/protocols/cosem';
import type { Catalogue } from '../objects/catalogue.js';
import { readOne, type Session } from '../objects/session.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';
import { PushListener } from './push-listener.js';
import { pushList, type PushObject } from './push-object.js';
import { PushPoints, type PushPointsOptions } from './push-points.js';
import type { PushSettings } from './push-settings.js';

export interface MeterPushOptions extends Pick<PushPointsOptions, 'device' | 'unit' | 'isRead'> {
  readonly smx: Pick<SmxContext<DlmsConfig>, 'listen' | 'open' | 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly push: PushSettings;
  readonly device: Device;
  /** Values were given. */
  taken(): void;
  refused(why: string): void;
}

/** What one meter sends unasked: heard, understood by the list of what it pushes, and given as points. */
export class MeterPush {
  private readonly points: PushPoints;
  private readonly listener: PushListener;
  private readonly key: string;
  private objects: readonly PushObject[] | undefined;
  private isLearnt = false;
  private last: number;

  constructor(private readonly o: MeterPushOptions) {
    const { smx, meter, push, device, unit, isRead } = o;
    const { profile, ratios, zone } = meter;
    this.points = new PushPoints({ device, unit, isRead, points: profile.points, ratios, zone, every: push.every, log: smx.log }); // prettier-ignore
    this.listener = new PushListener({
      smx,
      meter,
      source: push.listen,
      taken: (n) => this.take(n),
      refused: o.refused,
    });
    this.key = `push-list:${meter.device}`;
    this.objects = push.objects;
    this.last = smx.now();
  }

  async run(): Promise<void> {
    this.objects ??= await this.o.smx.state.get<readonly PushObject[]>(this.key);
    await this.listener.run();
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }

  /** Whether no push came for three of its intervals. */
  isLate(now: number): boolean {
    return now - this.last > 3 * this.o.push.every;
  }

  /** Reads from the meter, once for each run, what it pushes, where the config does not say it. Rejects as a session does. */
  async learn(session: Session, catalogue: Catalogue): Promise<void> {
    const { push, smx } = this.o;
    const object = catalogue.find(push.setup);
    if (this.isLearnt || push.objects !== undefined || object === undefined) return;
    try {
      const list = pushList(await readOne(session, { object, attribute: 2 }));
      this.isLearnt = true;
      if (list === undefined) return;
      await catalogue.learnUnits(session, list.flatMap(({ obis }) => catalogue.find(obis) ?? []), this.o.meter.profile.list); // prettier-ignore
      this.objects = list.map((one) => ({ ...one, scale: catalogue.unit(one.obis) }));
      await smx.state.set(this.key, this.objects);
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_METER_OBJECT') throw error;
      this.isLearnt = true;
      smx.log.warn('the meter does not show what it pushes; name it under push.objects', { error: error.message });
    }
  }

  take(notification: DataNotification): void {
    if (!this.points.give(notification, this.objects)) {
      this.o.refused('The meter pushed something else than its list says; name its elements under push.objects');
      return;
    }
    this.last = this.o.smx.now();
    this.o.taken();
  }
}
