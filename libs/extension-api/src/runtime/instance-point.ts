import type { PointType, PointValue } from '@smx-edge/model';
import type { Point, PointInit, SampleInit } from '../point.js';
import type { SetpointHandler, SetpointInit, SetpointRelease } from '../setpoint.js';
import type { ToHost, WirePoint } from '../wire.js';
import { REFUSED, UNKNOWN, type Outbox, type Outgoing } from './outbox.js';
import { bounds, wirePoint } from './point-init.js';

export interface SetpointDoor {
  readonly init: SetpointInit;
  readonly handler: SetpointHandler;
  readonly release: SetpointRelease | undefined;
}

export interface PointHome {
  readonly ref: number;
  /** Number of its device. */
  readonly device: number;
  readonly outbox: Outbox;
  send(message: ToHost): void;
  removed(point: InstancePoint): void;
}

/** A point of this process; the host numbers it once declared. */
export class InstancePoint implements Point, Outgoing {
  readonly type: PointType;
  handle = UNKNOWN;
  pending: Outgoing['pending'];
  refused: string | undefined;
  setpoint: SetpointDoor | undefined;
  private sent = '';
  private gone = false;

  constructor(
    readonly path: string,
    private init: PointInit,
    private readonly home: PointHome,
  ) {
    this.type = init.type ?? 'number';
  }

  get ref(): number {
    return this.home.ref;
  }

  /** Declares it anew where anything but the type changed. */
  change(init: PointInit): void {
    this.init = { ...this.init, ...init, type: this.type };
  }

  declare(interval: number | undefined): void {
    const plain = wirePoint(this.path, this.init, interval);
    const definition: WirePoint =
      this.setpoint === undefined ? plain : { ...plain, kind: 'setpoint', setpoint: bounds(this.setpoint.init) };
    const text = JSON.stringify(definition);
    if (text === this.sent) return;
    this.sent = text;
    this.home.send(['point', this.home.ref, this.home.device, definition]);
  }

  settle(handle: number, refused: string | null): void {
    this.refused = refused ?? undefined;
    this.home.outbox.settle(this, refused === null ? handle : REFUSED);
  }

  set(value: PointValue, sample?: SampleInit): void {
    if (this.gone) return;
    this.home.outbox.begin(sample?.t ?? null);
    this.home.outbox.put(this, value, sample);
    this.home.outbox.later();
  }
  remove(): void {
    if (this.gone) return;
    this.gone = true;
    const { outbox, send, ref, device, removed } = this.home;
    // what was set before still counts
    outbox.send();
    removed(this);
    send(['point-remove', ref, device]);
  }
}
