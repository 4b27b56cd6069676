import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import { isDeviceName, isPointPath } from '@smx-edge/model';
import type { BoxCatalogue, BoxNow, CatDevice, CatPoint } from '@smx-edge/protocols/smx1';
import type { Away } from '../reading/presence.js';
import { RemoteDevice, SECOND_HAND } from './remote-device.js';
import type { Taking } from './remote-point.js';
import type { ShownBefore } from './shown-before.js';

/** Devices and points that are taken over: as many as an instance may have (limits of the host). */
const MOST_DEVICES = 500;
const MOST_POINTS = 2000;
/** Kept by the host for every device. */
const ONLINE = 'online';

export interface RemoteHouseOptions {
  readonly smx: Pick<SmxContext, 'device' | 'log'>;
  readonly alarms: Alarms;
  readonly prefix: string;
  readonly before: ShownBefore;
}

/** The devices of the other box as its catalogue has them, but for those that it has from a third one, or from this one. */
export class RemoteHouse {
  private readonly devices = new Map<string, RemoteDevice>();
  private catalogue: BoxCatalogue | undefined;

  constructor(private readonly o: RemoteHouseOptions) {}

  /** Of the catalogue that is shown. */
  get hash(): string | undefined {
    return this.catalogue?.hash;
  }

  get shown(): Device[] {
    return [...this.devices.values()].map(({ shown }) => shown);
  }

  get names(): string[] {
    return [...this.devices.keys()].map((name) => this.nameOf(name));
  }

  get size(): number {
    return [...this.devices.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Shows what the catalogue has, and no more; `maxAge`: ms of what comes as it comes. */
  take(catalogue: BoxCatalogue, maxAge: number): void {
    this.warnOf(catalogue);
    this.catalogue = catalogue;
    const metas = new Map(catalogue.devices.map((device) => [device.name, device]));
    const shapes = new Map<string, CatPoint[]>();
    for (const point of this.takenOf(catalogue, metas)) {
      const name = deviceOf(point);
      const points = shapes.get(name);
      if (points !== undefined) points.push(point);
      else if (shapes.size < MOST_DEVICES) shapes.set(name, [point]);
    }
    for (const [name, device] of this.devices) {
      if (shapes.has(name)) continue;
      device.remove();
      this.devices.delete(name);
    }
    // while that box starts, devices are missing in it that are none the less there
    if (catalogue.points.every((point) => metas.has(deviceOf(point)))) this.sweep(shapes);
    for (const [name, points] of shapes) {
      const meta = metas.get(name);
      const device = this.devices.get(name) ?? (meta && this.add(meta));
      device?.shape(meta, points, maxAge);
    }
  }

  live(now: BoxNow, taking: Omit<Taking, 'size'>): void {
    const { size } = this;
    for (const device of this.devices.values()) device.take(now, { ...taking, size });
  }

  kept(now: BoxNow, received: number): void {
    for (const device of this.devices.values()) device.takeKept(now, received);
  }

  leave(reason: string, received: number): void {
    for (const device of this.devices.values()) device.leave(reason, received);
  }

  present(now: BoxNow | undefined, away: Away | undefined): void {
    for (const device of this.devices.values()) device.present(now, away);
  }

  private add(meta: CatDevice): RemoteDevice {
    const { smx, alarms } = this.o;
    const device = new RemoteDevice({ smx, alarms, name: this.nameOf(meta.name) }, meta);
    this.devices.set(meta.name, device);
    return device;
  }

  /** Takes away what an earlier run left and is no more. */
  private sweep(shapes: ReadonlyMap<string, readonly CatPoint[]>): void {
    const { before, smx } = this.o;
    const shown = [...shapes].map(([name, points]) => [this.nameOf(name), points.map(({ path }) => path)] as const);
    for (const name of before.turn(Object.fromEntries(shown))) {
      smx.device(name, { kind: `${SECOND_HAND}device` }).remove();
      this.devices.delete(name.slice(this.o.prefix.length + 1));
    }
  }

  private nameOf(name: string): string {
    return `${this.o.prefix}-${name}`;
  }

  /**
   * What is readable there and can be shown here. A device whose values are second hand would come back to where it came from; of one
   * that is not listed, as while that box starts, nobody knows, and it stays as it was.
   */
  private takenOf({ points }: BoxCatalogue, metas: ReadonlyMap<string, CatDevice>): CatPoint[] {
    const shown = points.filter((point) => {
      const device = deviceOf(point);
      const isOwn = metas.get(device)?.kind.startsWith(SECOND_HAND) !== true;
      const isShown = point.every !== undefined && point.path !== `${device}/${ONLINE}`;
      return isOwn && isShown && isDeviceName(this.nameOf(device)) && isPointPath(this.nameOf(point.path));
    });
    return shown.slice(0, MOST_POINTS);
  }

  private warnOf({ hash, points, skipped }: BoxCatalogue): void {
    if (hash === this.catalogue?.hash) return;
    if (points.length > MOST_POINTS)
      this.o.smx.log.warn('the other box shows more points than an instance may have; the rest is left out', { points: points.length, most: MOST_POINTS }); // prettier-ignore
    if (skipped > 0) this.o.smx.log.warn('entries of the catalogue of the other box say nothing usable', { skipped });
    const before = new Map(this.catalogue?.points.map(({ id, path }) => [id, path]));
    const reused = points.find(({ id, path }) => (before.get(id) ?? path) !== path);
    // values come by path, so nothing here depends on it
    if (reused !== undefined) this.o.smx.log.warn('the other box gave the number of a point to another one', { id: reused.id, before: before.get(reused.id), now: reused.path }); // prettier-ignore
  }
}

const deviceOf = ({ path }: CatPoint): string => path.slice(0, path.indexOf('/'));
