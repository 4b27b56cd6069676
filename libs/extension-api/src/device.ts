import type { EventSeverity, EventState } from '@smx-edge/model';
import type { Duration, Point, PointInit, SampleInit, SampleValue } from './point.js';
import type { Profile, ProfileInit } from './profile.js';
import type { SetpointHandler, SetpointInit, SetpointRelease } from './setpoint.js';
import type { PointValue } from '@smx-edge/model';

export interface DeviceInit {
  /** `meter`, `inverter`, `battery`, `evse` …; default `device`. */
  readonly kind?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  /** How often the device gives values; sets the default max age of its points. */
  readonly interval?: Duration;
}

export interface EventInit {
  /** Default `info`. */
  readonly severity?: EventSeverity;
  /** Default `once`; faults are raised and cleared. */
  readonly state?: EventState;
  /** What happened, for people. */
  readonly text?: string;
  readonly data?: unknown;
  /** When it happened, ms UTC; default now. */
  readonly t?: number;
  /** Path below the device of the point it belongs to; default the device. */
  readonly path?: string;
  /**
   * The event is not kept again where there is one of this device with the same time, code and data, also of an earlier run:
   * for the logs of devices, of which a crash may have the last entries read twice. Default false.
   */
  readonly unique?: boolean;
  /** Kept with the event, at most 8 with 512 KiB together; the oldest of the box go first. */
  readonly files?: readonly EventFile[];
}

export interface EventFile {
  /** Letters, digits and . _ -, at most 100. */
  readonly name: string;
  /** Media type like `application/json` (RFC 6838). */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A device that this instance brings in. It has the point `online` besides those declared. */
export interface Device {
  /** The name in force: as asked, until the host answers; then perhaps `<name>-<instance>` where another instance owns it. */
  readonly name: string;
  /** Why the host refused the device, once known. */
  readonly refused: string | undefined;
  /** Declares a point; the same path gives the same point. */
  point(path: string, init?: PointInit): Point;
  /** Declares a point that may be commanded. */
  setpoint(path: string, init: SetpointInit, handler: SetpointHandler, release?: SetpointRelease): Point;
  /**
   * Sets many declared points as one batch with one source time (`t`, ms UTC).
   * A path that was not declared is refused, logged once and counted. The first value marks the device online
   * unless the extension said `online()` itself.
   */
  set(values: Readonly<Record<string, PointValue | SampleValue>>, sample?: SampleInit): void;
  update(init: DeviceInit): void;
  online(online: boolean, reason?: string): void;
  /** Removes the device and its points. */
  remove(): void;
  /** A load profile in the meter's own memory; `id` as the meter names it (`P.01`, `1-0:99.1.0`). Throws SMX_PROFILE_INVALID. */
  profile(id: string, init: ProfileInit): Profile;
  /** Resolves when the event and its files are committed. Codes are lower case words with `-` or `.` between. */
  event(code: string, init?: EventInit): Promise<void>;
}
