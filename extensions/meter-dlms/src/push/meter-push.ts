import type { Device, SmxContext } from '@smx-edge/extension-api';
import { isOfObject } from '@smx-edge/extension-api/metering';
import { describeError } from '@smx-edge/model';
import type { DataNotification } from '@smx-edge/protocols/cosem';
import type { Catalogue } from '../objects/catalogue.js';
import { readOne, type Session } from '../objects/session.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';
import { PushListener } from './push-listener.js';
import { pushList, type PushObject } from './push-object.js';
import { PushPoints, type PushPointsOptions } from './push-points.js';
import type { PushSettings } from './push-settings.js';

export interface MeterPushOptions extends Pick<PushPointsOptions, 'device' | 'unit' | 'isRead'> {
  readonly smx: Pick<SmxContext<DlmsConfig>, 'listen' | 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly push: PushSettings;
  readonly device: Device;
  /** Values were given. */
  taken(): void;
  refused(why: string): void;
}

/** The list of a meter between starts. JSON. */
interface KeptList {
  readonly serial: string | null;
  readonly objects: readonly PushObject[];
}

/** What one meter sends unasked: heard, understood by the list of what it pushes, and given as points. */
export class MeterPush {
  private readonly points: PushPoints;
  private readonly listener: PushListener;
  private readonly key: string;
  /** As the meter said it. */
  private list: KeptList | undefined;
  private learntIn: Session | undefined;
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
    this.last = smx.now();
  }

  async run(): Promise<void> {
    const kept = await this.o.smx.state.get<KeptList>(this.key);
    if (this.learntIn === undefined) this.list ??= kept;
    await this.listener.run();
  }

  stop(): Promise<void> {
    return this.listener.stop();
  }

  /** Whether no push came for three of its intervals. */
  isLate(now: number): boolean {
    return now - this.last > 3 * this.o.push.every;
  }

  /** Reads from the meter, once for each session, what it pushes, where the config does not say it. Rejects as a session does. */
  async learn(session: Session, catalogue: Catalogue): Promise<void> {
    const { push, smx, meter } = this.o;
    if (this.learntIn === session || push.objects !== undefined) return;
    const { serial } = catalogue.identity;
    // by the list of another meter values would come under wrong names
    if (this.list?.serial !== serial) this.list = undefined;
    const object = catalogue.find(push.setup);
    try {
      const found = object && pushList(await readOne(session, { object, attribute: 2 }));
      if (found !== undefined) {
        await catalogue.learnUnits(session, found.flatMap(({ obis }) => catalogue.find(obis) ?? []), meter.profile.list); // prettier-ignore
        await this.keep({ serial, objects: found.map((one) => ({ ...one, scale: catalogue.unit(one.obis) })) });
      }
    } catch (error) {
      if (!isOfObject(error)) throw error;
      smx.log.warn('the meter does not show what it pushes; name it under push.objects', { error: error.message });
    }
    this.learntIn = session;
  }

  take(notification: DataNotification): void {
    if (!this.points.give(notification, this.o.push.objects ?? this.list?.objects)) {
      this.o.refused('The meter pushed something else than its list says; name its elements under push.objects');
      return;
    }
    this.last = this.o.smx.now();
    this.o.taken();
  }

  /** Each write is an fsync: only what is new. */
  private async keep(list: KeptList): Promise<void> {
    const isKept = JSON.stringify(list) === JSON.stringify(this.list);
    this.list = list;
    if (isKept) return;
    try {
      await this.o.smx.state.set(this.key, list);
    } catch (error) {
      this.o.smx.log.warn('the list of what is pushed could not be kept', { error: describeError(error) });
    }
  }
}
