import type { SetpointAnswer, SetpointCommand } from '@smx-edge/extension-api';
import { describeError, isSmxError, type Disposable, type LiveSource } from '@smx-edge/model';
import type { Envelope } from './envelope.js';
import type { WriteAnswer } from './ports.js';

/** Owner of the box's own points. */
export const CORE = 'core';

/** The way to the devices: set-points of running instances by handle. */
export interface SetpointDoor {
  setpoint(instance: string, handle: number, command: SetpointCommand): Promise<SetpointAnswer>;
  release(instance: string, handle: number): Promise<SetpointAnswer>;
  /** Called when a running process declares a set-point, and when that process is gone. */
  onSetpoint(listener: (change: { instance: string; handle: number; ready: boolean }) => void): Disposable;
}

/** The devices behind set-points, and the box itself, which has those of its envelope. */
export class Devices {
  private door: SetpointDoor | undefined;
  private attached: Disposable | undefined;

  constructor(private readonly o: { readonly live: LiveSource; readonly envelope: Pick<Envelope, 'put'> }) {}

  /** Opens the way to the devices; `changed` gets each set-point that begins or ends to take commands. */
  attach(door: SetpointDoor, changed: (point: string, how: { instance: string; ready: boolean }) => void): void {
    this.door = door;
    this.attached = door.onSetpoint(({ instance, handle, ready }) => {
      const path = this.o.live.definition(handle)?.path;
      if (path !== undefined) changed(path, { instance, ready });
    });
  }

  close(): void {
    this.attached?.dispose();
  }

  /** Puts a value on the device of a set-point, or with undefined its default. */
  ask(point: string, command: SetpointCommand | undefined, done: (answer: WriteAnswer) => void): void {
    const handle = this.o.live.handleOf(point);
    const instance = handle === undefined ? undefined : this.o.live.definition(handle)?.instance;
    if (instance === CORE) {
      // answered in a turn of its own, as by any device
      queueMicrotask(() => done(this.o.envelope.put(point, command?.value)));
      return;
    }
    const { door } = this;
    if (door === undefined || handle === undefined || instance === undefined) {
      done({ outcome: 'failed', code: 'SMX_POINT_UNKNOWN', text: `there is no set-point ${point} now` });
      return;
    }
    const asked = command === undefined ? door.release(instance, handle) : door.setpoint(instance, handle, command);
    asked.then(done, (error: unknown) =>
      done({ outcome: 'failed', code: isSmxError(error) ? error.code : 'SMX_INTERNAL', text: describeError(error) }),
    );
  }
}
