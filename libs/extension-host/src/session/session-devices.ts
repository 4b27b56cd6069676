import type { ToChild, WireDevice, WireExtra, WirePoint } from '@smx-edge/extension-api/wire';
import {
  filterMatches,
  isSmxError,
  SampleBatch,
  SmxError,
  type DeviceRecord,
  type PointDefinition,
} from '@smx-edge/model';
import type { GrantedPermissions } from '../packages/manifest.js';
import type { Limits } from '../process/limits.js';
import type { InstanceLog } from '../process/output.js';
import type { HostParts } from './host-parts.js';
import { Ingest } from './ingest.js';
import type { InstanceFacts } from './instance-facts.js';

const MOST_DEVICES = 500;
const NO_HANDLE = -1;
const ONLINE = 'online';

interface Device {
  readonly asked: string;
  name: string | undefined;
  refused: string | undefined;
  record: DeviceRecord | undefined;
  online: number;
  init: WireDevice;
  readonly points: Map<number, number>;
  /** What came before the name was settled. */
  readonly waiting: (() => void)[];
}

export interface SessionDevicesOptions {
  readonly instance: string;
  readonly parts: HostParts;
  readonly permissions: GrantedPermissions;
  readonly limits: Limits;
  readonly facts: InstanceFacts;
  readonly log: InstanceLog;
  send(message: ToChild): void;
}

/** Devices, points and samples of one run of an instance: what it declared, and nothing else, reaches the live table. */
export class SessionDevices {
  private readonly devices = new Map<number, Device>();
  private readonly ingest = new Ingest();
  private readonly setpoints = new Map<number, number>();
  private readonly single = new SampleBatch(1);
  private warnedAlien = false;

  constructor(private readonly o: SessionDevicesOptions) {}

  add(ref: number, name: string, init: WireDevice): void {
    const { parts, facts, send } = this.o;
    const device: Device = {
      asked: name,
      name: undefined,
      refused: undefined,
      record: undefined,
      online: NO_HANDLE,
      init,
      points: new Map(),
      waiting: [],
    };
    if (this.devices.size >= MOST_DEVICES) {
      // nothing is kept of it: an instance that makes devices for ever must not fill the core
      const reason = `more than ${MOST_DEVICES} devices`;
      facts.refuse(reason);
      send(['device', ref, name, reason]);
      return;
    }
    this.devices.set(ref, device);
    parts.names.claim({
      instance: this.o.instance,
      name,
      settle: (answer) => {
        if ('refused' in answer) this.refuseDevice(ref, device, answer.refused);
        else this.settle(ref, device, answer.name);
        for (const fn of device.waiting.splice(0)) fn();
      },
    });
  }

  update(ref: number, init: WireDevice): void {
    this.with(ref, (device) => {
      device.init = init;
      if (device.record !== undefined) this.record(device, { ...device.record, ...recordOf(init) });
    });
  }

  online(ref: number, online: boolean, reason: string | null): void {
    this.with(ref, (device) => this.setOnline(device, online, reason ?? undefined));
  }

  remove(ref: number): void {
    this.with(ref, (device) => {
      this.devices.delete(ref);
      this.o.facts.devices.delete(ref);
      for (const handle of device.points.values()) this.forget(handle);
      if (device.name === undefined) return;
      this.o.parts.live.removeDevice(device.name);
      this.o.parts.names.release(device.name);
    });
  }

  point(ref: number, deviceRef: number, wire: WirePoint): void {
    const { send, facts, log } = this.o;
    if (!this.devices.has(deviceRef)) {
      send(['point', ref, NO_HANDLE, 'SMX_POINT_UNDECLARED: its device was refused or removed']);
      return;
    }
    this.with(deviceRef, (device) => {
      try {
        const handle = this.declare(device, wire);
        const before = device.points.get(ref);
        if (before !== undefined && before !== handle) this.forget(before);
        device.points.set(ref, handle);
        this.ingest.add({ handle, type: wire.type });
        send(['point', ref, handle, null]);
        if (wire.setpoint === undefined) this.dropSetpoint(handle);
        else {
          this.setpoints.set(handle, ref);
          this.tellSetpoint(handle, true);
        }
      } catch (error) {
        if (!isSmxError(error)) throw error;
        facts.refuse(error.message);
        log.warn('a point was refused', { code: error.code, reason: error.message });
        send(['point', ref, NO_HANDLE, `${error.code}: ${error.message}`]);
      }
    });
  }

  removePoint(ref: number, deviceRef: number): void {
    this.with(deviceRef, (device) => {
      const handle = device.points.get(ref);
      if (handle === undefined) return;
      device.points.delete(ref);
      // declared anew under another number it stays
      if (![...device.points.values()].includes(handle)) this.forget(handle);
    });
  }

  /** Takes samples in; gives how many there were. */
  samples(t: number | null, pairs: readonly unknown[], extras: readonly WireExtra[]): number {
    const { parts, facts, log } = this.o;
    const alien = this.ingest.fill(parts.clock.now(), t, { pairs, extras });
    if (alien > 0) {
      facts.counters.rejected += alien;
      if (!this.warnedAlien) {
        this.warnedAlien = true;
        facts.refuse('samples of points that it had not declared');
        log.warn('samples of points that the instance had not declared were refused', { code: 'SMX_POINT_UNDECLARED' });
      }
    }
    const { batch } = this.ingest;
    facts.counters.samples += batch.n;
    if (batch.n > 0) this.give(batch);
    return pairs.length / 2;
  }

  /** Number of the set-point in its process; undefined where the instance has no such one. */
  setpointRef(handle: number): number | undefined {
    return this.setpoints.get(handle);
  }

  /** Path of an event of this device. Undefined where the device is unknown or refused. */
  eventPath(ref: number, path: string | undefined): string | undefined {
    const device = this.devices.get(ref);
    const name = device?.name ?? (device?.refused === undefined ? device?.asked : undefined);
    return name === undefined || path === undefined ? name : `${name}/${path}`;
  }

  /** The name in force of a device, once it is settled. Rejects SMX_POINT_UNDECLARED, SMX_POINT_OWNED. */
  settledName(ref: number): Promise<string> {
    if (!this.devices.has(ref))
      return Promise.reject(new SmxError('SMX_POINT_UNDECLARED', `Instance ${this.o.instance} has no such device`));
    return new Promise((resolve, reject) =>
      this.with(ref, ({ asked, name, refused }) => {
        if (name !== undefined) resolve(name);
        else reject(new SmxError('SMX_POINT_OWNED', `the device ${asked} was refused: ${refused ?? ''}`));
      }),
    );
  }

  /** The process is gone: its devices go off line and what they last said turns stale at once. */
  end(reason: string): void {
    const { live, clock } = this.o.parts;
    const stale = this.ingest.stale(live, clock.now(), reason);
    if (stale.n > 0) this.give(stale);
    for (const device of this.devices.values()) this.setOnline(device, false, reason);
    for (const handle of this.setpoints.keys()) this.dropSetpoint(handle);
    this.devices.clear();
  }

  private with(ref: number, fn: (device: Device) => void): void {
    const device = this.devices.get(ref);
    if (device === undefined) return;
    if (device.name === undefined && device.refused === undefined) device.waiting.push(() => fn(device));
    else fn(device);
  }

  private settle(ref: number, device: Device, name: string): void {
    const { parts, instance, facts, log, send } = this.o;
    const { live, clock } = parts;
    device.name = name;
    const known = [...live.devices()].find((record) => record.name === name);
    try {
      this.record(device, {
        ...recordOf(device.init),
        name,
        instance,
        kind: device.init.kind ?? 'device',
        online: known?.online ?? false,
        since: known?.since ?? clock.now(),
        ...(known?.online === true ? {} : { reason: known?.reason ?? 'no value yet' }),
      });
      device.online = this.giveHandle({
        path: `${name}/${ONLINE}`,
        device: name,
        instance,
        unit: null,
        type: 'boolean',
        kind: 'state',
        maxAge: 0,
      });
    } catch (error) {
      if (!isSmxError(error)) throw error;
      this.refuseDevice(ref, device, error.message);
      return;
    }
    if (name !== device.asked) {
      facts.refuse(`the device name ${device.asked} belongs to another instance; it became ${name}`);
      log.warn('a device was renamed: another instance has its name', { asked: device.asked, name });
    }
    facts.devices.set(ref, { asked: device.asked, name });
    send(['device', ref, name, null]);
  }

  private refuseDevice(ref: number, device: Device, reason: string): void {
    const { facts, log, send } = this.o;
    device.name = undefined;
    device.refused = reason;
    facts.refuse(`device ${device.asked}: ${reason}`);
    facts.devices.set(ref, { asked: device.asked, name: device.asked, refused: reason });
    log.warn('a device was refused', { device: device.asked, reason });
    send(['device', ref, device.asked, reason]);
  }

  private declare(device: Device, wire: WirePoint): number {
    const { limits, permissions, parts, instance } = this.o;
    const { name } = device;
    if (name === undefined)
      throw new SmxError(
        'SMX_POINT_OWNED',
        `${device.asked}/${wire.path}: its device was refused (${device.refused ?? ''})`,
      );
    if (wire.path === ONLINE)
      throw new SmxError('SMX_POINT_OWNED', `${name}/online is kept by the host; call device.online()`);
    if (!permissions.publish.some((filter) => filterMatches(filter, wire.path)))
      throw new SmxError(
        'SMX_EXTENSION_PERMISSION',
        `${name}/${wire.path} is outside permissions.publish of the package${permissions.publish.length === 0 ? ', which has none (or allow: repeats none)' : ''}`,
      );
    const path = `${name}/${wire.path}`;
    const known = parts.live.handleOf(path);
    if (this.ingest.points >= limits.points && (known === undefined || !this.ingest.has(known)))
      throw new SmxError(
        'SMX_EXTENSION_LIMIT',
        `${path} is over the limit of ${limits.points} points; raise limits.points if it is meant`,
      );
    return this.giveHandle(definitionOf(wire, { path, device: name, instance }), known);
  }

  /** A handle is never given again, so points that are made and removed for ever would fill table and catalogue. */
  private giveHandle(definition: PointDefinition, known = this.o.parts.live.handleOf(definition.path)): number {
    const { facts, limits, parts } = this.o;
    const { live, clock } = parts;
    const most = limits.points + MOST_DEVICES;
    const births = facts.births(most);
    if (known === undefined && births.take(0, clock.monotonic()) > 0)
      throw new SmxError(
        'SMX_EXTENSION_LIMIT',
        `${definition.path}: it made more than ${most} new points within a day; name devices and points after what stays`,
      );
    const before = live.limit;
    const handle = live.declare(definition);
    if (handle >= before) births.take(1, clock.monotonic());
    return handle;
  }

  private setOnline(device: Device, online: boolean, reason: string | undefined): void {
    const { live, clock } = this.o.parts;
    if (device.record === undefined || device.name === undefined) return;
    const known = live.reading(device.online).value;
    if (known === online && device.record.online === online && device.record.reason === reason) return;
    const since = device.record.online === online ? device.record.since : clock.now();
    const record = { ...device.record, online, since };
    if (reason === undefined) delete record.reason;
    this.record(device, reason === undefined ? record : { ...record, reason });
    const batch = this.single;
    batch.clear(clock.now());
    const i = batch.add(device.online);
    batch.number[i] = online ? 1 : 0;
    if (reason !== undefined) batch.reason.set(i, reason);
    this.give(batch);
  }

  private record(device: Device, record: DeviceRecord): void {
    this.o.parts.live.setDevice(record);
    device.record = record;
  }

  private give(batch: SampleBatch): void {
    try {
      this.o.parts.live.ingest(batch);
    } catch (error) {
      // a listener of the live table failed, which is no fault of this instance
      this.o.parts.log.error('a consumer of samples failed', { error: String(error) });
    }
  }

  private dropSetpoint(handle: number): void {
    if (this.setpoints.delete(handle)) this.tellSetpoint(handle, false);
  }

  private tellSetpoint(handle: number, ready: boolean): void {
    this.o.parts.onSetpoint({ instance: this.o.instance, handle, ready });
  }

  private forget(handle: number): void {
    this.ingest.remove(handle);
    this.dropSetpoint(handle);
    this.o.parts.live.remove(handle);
  }
}

function recordOf({ manufacturer, model, serial, kind }: WireDevice): Partial<DeviceRecord> {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
  };
}

function definitionOf(wire: WirePoint, home: { path: string; device: string; instance: string }): PointDefinition {
  const { unit, type, kind, maxAge, obis, personal, aliases, setpoint } = wire;
  const below = (path: string): string => `${home.device}/${path}`;
  return {
    ...home,
    unit,
    type,
    kind,
    maxAge,
    ...(obis === undefined ? {} : { obis }),
    ...(personal === undefined ? {} : { personal }),
    ...(aliases === undefined ? {} : { aliases: aliases.map(below) }),
    ...(setpoint === undefined
      ? {}
      : { setpoint: setpoint.verify === undefined ? setpoint : { ...setpoint, verify: below(setpoint.verify) } }),
  };
}
