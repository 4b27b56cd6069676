import type { Alarms, Device, DeviceInit, SampleValue, SmxContext } from '@smx-edge/extension-api';
import { nowSample, type BoxNow, type CatDevice, type CatPoint, type NowSample } from '@smx-edge/protocols/smx1';
import { DevicePresence, type Away } from '../reading/presence.js';
import { RemotePoint, type Taking } from './remote-point.js';

/** Begins the kind of a device that another box told of. Who reads this box knows by it that the device is not its own. */
export const SECOND_HAND = 'remote-';

export interface RemoteDeviceOptions {
  readonly smx: Pick<SmxContext, 'device'>;
  readonly alarms: Alarms;
  /** Here. */
  readonly name: string;
}

/** A device of the other box as a device of this one. */
export class RemoteDevice {
  private readonly points = new Map<string, RemotePoint>();
  private device: Device;
  private presence: DevicePresence;
  private maxAge = 0;

  constructor(
    private readonly o: RemoteDeviceOptions,
    private meta: CatDevice,
  ) {
    [this.device, this.presence] = this.begin();
  }

  /** As this box has it. */
  get shown(): Device {
    return this.device;
  }

  /** Points that are shown. */
  get size(): number {
    return this.points.size;
  }

  /**
   * Takes what it is now; `meta` undefined: as before. A point that is no more, or of another type, goes with its device, which comes
   * again without it.
   */
  shape(meta: CatDevice | undefined, points: readonly CatPoint[], maxAge: number): void {
    const types = new Map(points.map(({ path, type }) => [path, type]));
    this.meta = meta ?? this.meta;
    this.maxAge = maxAge;
    if ([...this.points.values()].some(({ definition: { path, type } }) => types.get(path) !== type)) {
      this.device.remove();
      this.points.clear();
      [this.device, this.presence] = this.begin();
    } else this.device.update(initOf(this.meta));
    for (const definition of points) this.declare(definition);
  }

  /** Values of a live message. */
  take(now: BoxNow, taking: Taking): void {
    if (taking.maxAge !== this.maxAge) this.repace(taking.maxAge);
    this.tell(now, (point, sample) => point.live(sample, taking));
  }

  /** Values of a message that lay with the broker: they are shown where nothing is known, and are not fresh. */
  takeKept(now: BoxNow, received: number): void {
    this.tell(now, (point, sample) => point.kept(sample, received));
  }

  /** The other box went away: nothing of it is fresh any more. */
  leave(reason: string, received: number): void {
    this.set((point) => point.left(reason, received));
  }

  /** `now`: the newest message, which knows best whether the device is on line; `away`: why the other box tells nothing. */
  present(now: BoxNow | undefined, away: Away | undefined): void {
    const said = now && nowSample(now, `${this.meta.name}/online`, 'boolean')?.value;
    this.presence.tell(typeof said === 'boolean' ? said : this.meta.online, away);
  }

  remove(): void {
    this.presence.end();
    this.device.remove();
  }

  private begin(): [Device, DevicePresence] {
    const { smx, alarms, name } = this.o;
    const device = smx.device(name, initOf(this.meta));
    return [device, new DevicePresence(device, alarms)];
  }

  private tell(now: BoxNow, of: (point: RemotePoint, sample: NowSample) => SampleValue | undefined): void {
    this.set((point) => {
      const { path, type } = point.definition;
      const sample = nowSample(now, path, type);
      return sample && of(point, sample);
    }, now.t);
  }

  /** `t`: of values that have no time of their own, ms UTC. */
  private set(of: (point: RemotePoint) => SampleValue | undefined, t?: number): void {
    const values: Record<string, SampleValue> = {};
    let isAny = false;
    for (const [below, point] of this.points) {
      const sample = of(point);
      if (sample === undefined) continue;
      values[below] = sample;
      isAny = true;
    }
    if (isAny) this.device.set(values, t === undefined ? {} : { t });
  }

  private declare(definition: CatPoint): void {
    const below = definition.path.slice(definition.path.indexOf('/') + 1);
    const point = this.points.get(below) ?? new RemotePoint(definition);
    point.definition = definition;
    this.points.set(below, point);
    this.device.point(below, point.init(this.maxAge));
  }

  /** The other box tells at another pace now. */
  private repace(maxAge: number): void {
    this.maxAge = maxAge;
    for (const [below, point] of this.points) this.device.point(below, point.init(maxAge));
  }
}

function initOf({ kind, manufacturer, model, serial }: CatDevice): DeviceInit {
  return {
    kind: `${SECOND_HAND}${kind}`,
    ...(manufacturer !== undefined && { manufacturer }),
    ...(model !== undefined && { model }),
    ...(serial !== undefined && { serial }),
  };
}
