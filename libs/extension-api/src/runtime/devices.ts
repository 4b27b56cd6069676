import type { DeviceInit } from '../device.js';
import { applied, refused, type SetpointAnswer, type SetpointCommand } from '../setpoint.js';
import type { Channel } from './channel.js';
import type { Faults } from './faults.js';
import { InstanceDevice } from './instance-device.js';
import type { InstancePoint } from './instance-point.js';
import { Outbox } from './outbox.js';
import type { Requests } from './requests.js';

/** The devices of this process and their points, by the numbers that travel. */
export class Devices {
  readonly outbox: Outbox;
  private readonly devices = new Map<number, InstanceDevice>();
  private readonly byName = new Map<string, InstanceDevice>();
  private readonly points = new Map<number, InstancePoint>();
  private readonly undeclared = new Map<string, number>();
  private last = 0;

  constructor(private readonly o: { channel: Channel; requests: Requests; faults: Faults }) {
    this.outbox = new Outbox(o.channel);
  }

  /** The device of this name; a second ask updates it. */
  make(name: string, init: DeviceInit): InstanceDevice {
    const known = this.byName.get(name);
    if (known !== undefined) {
      known.update(init);
      return known;
    }
    const ref = ++this.last;
    const { channel, requests } = this.o;
    const device = new InstanceDevice(name, init, {
      ref,
      outbox: this.outbox,
      requests,
      send: (message) => channel.send(message),
      addPoint: (make) => {
        const point = make(++this.last);
        this.points.set(point.ref, point);
        return point;
      },
      dropPoint: (point) => {
        this.points.delete(point.ref);
        this.outbox.forget(point);
      },
      undeclared: (path) => this.refuse(path),
      removed: (gone) => {
        this.devices.delete(gone.ref);
        this.byName.delete(name);
      },
    });
    this.devices.set(ref, device);
    this.byName.set(name, device);
    return device;
  }

  settleDevice(ref: number, answer: { name: string; refused: string | null }): void {
    this.devices.get(ref)?.settle(answer.name, answer.refused);
  }

  settlePoint(ref: number, answer: { handle: number; refused: string | null }): void {
    this.points.get(ref)?.settle(answer.handle, answer.refused);
  }

  /** Puts a command on the device by its handler; what the handler throws is an answer too. */
  async command(ref: number, command: SetpointCommand): Promise<SetpointAnswer> {
    const point = this.points.get(ref);
    if (point?.setpoint === undefined) return refused('SMX_POINT_UNKNOWN', 'no such set-point in this instance');
    try {
      return await point.setpoint.handler(command);
    } catch (error) {
      this.o.faults.report(`set-point ${point.path}`, error);
      return refused('SMX_EXTENSION_CALL', error instanceof Error ? error.message : String(error));
    }
  }

  /** Puts the default back: by the release handler, else as a command of the default. */
  async release(ref: number): Promise<SetpointAnswer> {
    const point = this.points.get(ref);
    const door = point?.setpoint;
    if (point === undefined || door === undefined)
      return refused('SMX_POINT_UNKNOWN', 'no such set-point in this instance');
    const fallback = door.init.default ?? null;
    if (door.release === undefined) {
      if (fallback === null) return refused('SMX_NOT_AVAILABLE', `${point.path} has neither a release nor a default`);
      return this.command(ref, { id: 'release', value: fallback });
    }
    try {
      return (await door.release()) ?? applied(fallback);
    } catch (error) {
      this.o.faults.report(`release ${point.path}`, error);
      return refused('SMX_EXTENSION_CALL', error instanceof Error ? error.message : String(error));
    }
  }

  /** A write to an undeclared path: told at the first, then at each doubling, so that it neither hides nor floods. */
  private refuse(path: string): void {
    const n = (this.undeclared.get(path) ?? 0) + 1;
    if (this.undeclared.size > 1000) this.undeclared.clear();
    this.undeclared.set(path, n);
    if ((n & (n - 1)) === 0) this.o.channel.send(['refused', path, n === 1 ? 1 : n / 2]);
  }
}
