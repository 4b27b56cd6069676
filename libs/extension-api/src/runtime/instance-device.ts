import { checkFiles, isDeviceName, isPointPath, SmxError, type PointValue } from '@smx-edge/model';
import type { Device, DeviceInit, EventFile, EventInit } from '../device.js';
import type { Point, PointInit, SampleInit, SampleValue } from '../point.js';
import type { Profile, ProfileInit } from '../profile.js';
import type { SetpointHandler, SetpointInit, SetpointRelease } from '../setpoint.js';
import type { ToHost, WireDevice, WireFile } from '../wire.js';
import { bounded, LINE, NAME } from './bounded.js';
import { InstancePoint } from './instance-point.js';
import { InstanceProfile } from './instance-profile.js';
import type { Outbox } from './outbox.js';
import { ms } from './point-init.js';
import type { Requests } from './requests.js';

export interface DeviceHome {
  readonly ref: number;
  readonly outbox: Outbox;
  readonly requests: Requests;
  send(message: ToHost): void;
  /** A fresh point of this process. */
  addPoint(make: (ref: number) => InstancePoint): InstancePoint;
  dropPoint(point: InstancePoint): void;
  /** A write to a path that was not declared. */
  undeclared(path: string): void;
  removed(device: InstanceDevice): void;
}

/** A device of this process. */
export class InstanceDevice implements Device {
  refused: string | undefined;
  private readonly points = new Map<string, InstancePoint>();
  private interval: number | undefined;
  private record: WireDevice;
  private saidOnline: boolean | undefined;
  private gone = false;

  constructor(
    public name: string,
    init: DeviceInit,
    private readonly home: DeviceHome,
  ) {
    if (!isDeviceName(name))
      throw new SmxError('SMX_POINT_PATH', `"${name}" cannot name a device; use lower case letters, digits, - and _`);
    this.interval = init.interval === undefined ? undefined : ms(init.interval);
    this.record = wireDevice(init);
    home.send(['device', home.ref, name, this.record]);
  }

  get ref(): number {
    return this.home.ref;
  }

  point(path: string, init: PointInit = {}): Point {
    const point = this.find(path, init);
    point.declare(this.interval);
    return point;
  }

  // eslint-disable-next-line max-params -- the four parts that the contract names, in its order
  setpoint(path: string, init: SetpointInit, handler: SetpointHandler, release?: SetpointRelease): Point {
    const point = this.find(path, init);
    point.setpoint = { init, handler, release };
    point.declare(this.interval);
    return point;
  }

  set(values: Readonly<Record<string, PointValue | SampleValue>>, sample?: SampleInit): void {
    if (this.gone) return;
    const { outbox } = this.home;
    outbox.send();
    outbox.begin(sample?.t ?? null);
    let any = false;
    for (const path in values) {
      const point = this.points.get(path);
      if (point === undefined) {
        this.home.undeclared(`${this.name}/${path}`);
        continue;
      }
      const value = values[path];
      if (value === undefined) continue;
      if (isSampleValue(value)) {
        outbox.put(point, value.value, sample === undefined ? value : { ...sample, ...value });
        any ||= value.value !== null;
      } else {
        outbox.put(point, value, sample);
        any ||= value !== null;
      }
    }
    // before its values: a device that gives values is never seen off line
    if (any && this.saidOnline === undefined) this.tellOnline(true);
    outbox.send();
  }

  update(init: DeviceInit): void {
    if (init.interval !== undefined) {
      this.interval = ms(init.interval);
      for (const point of this.points.values()) point.declare(this.interval);
    }
    const record = { ...this.record, ...wireDevice(init) };
    if (JSON.stringify(record) === JSON.stringify(this.record)) return;
    this.record = record;
    this.home.send(['device-update', this.home.ref, record]);
  }

  online(online: boolean, reason?: string): void {
    this.home.outbox.send();
    this.tellOnline(online, reason);
  }

  remove(): void {
    if (this.gone) return;
    this.gone = true;
    this.home.outbox.send();
    for (const point of this.points.values()) this.home.dropPoint(point);
    this.points.clear();
    this.home.send(['device-remove', this.home.ref]);
    this.home.removed(this);
  }

  profile(id: string, { period, columns }: ProfileInit): Profile {
    this.mustBe();
    const every = period === 'month' ? period : ms(period);
    const { ref: device, requests } = this.home;
    return new InstanceProfile({ device: this.name, id, period: every, columns }, { device, requests });
  }

  async event(code: string, init: EventInit = {}): Promise<void> {
    const event = {
      code: bounded(code, 100),
      severity: init.severity ?? 'info',
      state: init.state ?? 'once',
      text: bounded(init.text ?? '', LINE),
      ...(init.t === undefined || !Number.isFinite(init.t) ? {} : { t: init.t }),
      ...(init.path === undefined ? {} : { path: init.path }),
      ...(init.data === undefined ? {} : { data: init.data }),
      ...(init.unique === true ? { unique: true } : {}),
      ...(init.files === undefined ? {} : { files: wireFiles(code, init.files) }),
    } as const;
    this.home.outbox.send();
    await this.home.requests.ask((id) => ['event', id, this.home.ref, event]);
  }

  /** The host's answer. */
  settle(name: string, refused: string | null): void {
    this.name = name;
    this.refused = refused ?? undefined;
  }

  private tellOnline(online: boolean, reason?: string): void {
    this.saidOnline = online;
    this.home.send(['online', this.home.ref, online, reason === undefined ? null : bounded(reason, LINE)]);
  }

  private drop(point: InstancePoint): void {
    this.points.delete(point.path);
    this.home.dropPoint(point);
  }

  private mustBe(): void {
    if (this.gone) throw new SmxError('SMX_POINT_UNDECLARED', `Device ${this.name} was removed; make it anew first`);
  }

  private find(path: string, init: PointInit): InstancePoint {
    this.mustBe();
    const known = this.points.get(path);
    if (known !== undefined) {
      known.change(init);
      return known;
    }
    if (!isPointPath(`${this.name}/${path}`))
      throw new SmxError('SMX_POINT_PATH', `"${path}" is not a path below a device; write it like power/active/l1`);
    const { outbox, send, ref } = this.home;
    const point = this.home.addPoint(
      (number) =>
        new InstancePoint(path, init, { ref: number, device: ref, outbox, send, removed: (gone) => this.drop(gone) }),
    );
    this.points.set(path, point);
    return point;
  }
}

function wireDevice({ kind, manufacturer, model, serial }: DeviceInit): WireDevice {
  return {
    ...(kind === undefined ? {} : { kind: bounded(kind, NAME) }),
    ...(manufacturer === undefined ? {} : { manufacturer: bounded(manufacturer, NAME) }),
    ...(model === undefined ? {} : { model: bounded(model, NAME) }),
    ...(serial === undefined ? {} : { serial: bounded(serial, NAME) }),
  };
}

/** Throws SMX_EVENT_FILE before anything is sent. */
function wireFiles(code: string, files: readonly EventFile[]): WireFile[] {
  checkFiles(code, files);
  return files.map(({ name, type, bytes }) => ({ name, type, bytes: Buffer.from(bytes).toString('base64') }));
}

function isSampleValue(value: PointValue | SampleValue): value is SampleValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
