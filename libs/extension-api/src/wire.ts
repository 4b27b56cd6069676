import type {
  Aggregate,
  EventSeverity,
  EventState,
  HistoryRow,
  PointKind,
  PointType,
  PointValue,
  ProfileColumn,
  ProfilePeriod,
  ProfileRow,
  SetpointBounds,
} from '@smx-edge/model';
import type { DiscoverStep, JsonSchema, PointReading, SetpointAnswer, SetpointCommand, StatusState } from './index.js';
import type { CaptureDirection, LineState, PortGrant, SerialSettings } from './transports/types.js';

/**
 * What travels between an instance's process and the host: one JSON array per line, its kind first. Samples name points
 * by handle, so no string travels per sample. The host trusts nothing of it and checks every message.
 */

export const API_VERSION = '1.0';
/** A longer message ends the instance. */
export const MAX_MESSAGE_BYTES = 1 << 20;

export interface WireDevice {
  readonly kind?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
}

/** A point definition without what the host fills in (device, instance). */
export interface WirePoint {
  readonly path: string;
  readonly unit: string | null;
  readonly type: PointType;
  readonly kind: PointKind;
  /** ms. */
  readonly maxAge: number;
  readonly obis?: string;
  readonly personal?: boolean;
  readonly aliases?: readonly string[];
  readonly setpoint?: SetpointBounds;
}

export interface WireEvent {
  readonly code: string;
  readonly severity: EventSeverity;
  readonly state: EventState;
  readonly text: string;
  readonly t?: number;
  readonly path?: string;
  readonly data?: unknown;
  readonly unique?: boolean;
  readonly files?: readonly WireFile[];
}

export interface WireFile {
  readonly name: string;
  readonly type: string;
  /** base64. */
  readonly bytes: string;
}

/** A load profile without what the host fills in (device). */
export interface WireProfile {
  readonly id: string;
  readonly period: ProfilePeriod;
  readonly columns: readonly ProfileColumn[];
}

export interface WireHistory {
  readonly match: string;
  readonly from: number;
  readonly to: number;
  readonly every?: number;
  readonly as?: Aggregate;
}

export interface WireCall {
  readonly args: JsonSchema;
  readonly detail?: string;
  readonly plain?: readonly string[];
  readonly personal?: boolean;
}

export interface WireError {
  readonly code: string;
  readonly message: string;
}

/** Value, then only where it differs from the batch: quality code, reason, source time. */
export type WireExtra = readonly [index: number, quality: number, reason: string | null, t: number | null];

/** `id` numbers a request; its answer carries the same. `ref` numbers a device or point of this process. */
export type ToHost =
  | readonly ['hello', { api: string; calls: Readonly<Record<string, WireCall>> }]
  | readonly ['running']
  | readonly ['failed', WireError]
  | readonly ['fatal', origin: string, WireError]
  | readonly ['stopped']
  | readonly ['pong', n: number]
  | readonly ['device', ref: number, name: string, init: WireDevice]
  | readonly ['device-update', ref: number, init: WireDevice]
  | readonly ['device-remove', ref: number]
  | readonly ['online', ref: number, online: boolean, reason: string | null]
  | readonly ['point', ref: number, device: number, definition: WirePoint]
  | readonly ['point-remove', ref: number, device: number]
  /** Source time of the batch (null = receive time), then handle, value, handle, value …; indices of extras count pairs. */
  | readonly ['s', t: number | null, pairs: readonly (PointValue | number)[], extras?: readonly WireExtra[]]
  | readonly ['refused', path: string, n: number]
  | readonly ['throttled', n: number]
  | readonly ['exception', origin: string, text: string, n: number]
  | readonly ['status', state: StatusState, text: string | null, progress: number | null]
  | readonly [
      'log',
      level: 'debug' | 'info' | 'warn' | 'error',
      message: string,
      fields: Readonly<Record<string, unknown>> | null,
    ]
  | readonly ['line', ref: number, state: LineState | null]
  /** A chunk of the line that is recorded, base64; `lost` counts bytes before it that were more than a recording takes. */
  | readonly ['bytes', ref: number, direction: CaptureDirection, t: number, bytes: string, lost: number]
  /** The recording of a line is over, for this reason. */
  | readonly ['recorded', ref: number, reason: string]
  | readonly ['event', id: number, device: number, event: WireEvent]
  | readonly ['profile', id: number, device: number, profile: WireProfile]
  | readonly ['profile-last', id: number, device: number, profile: string]
  /** `source` is a SHA-256 in hex. */
  | readonly [
      'profile-append',
      id: number,
      device: number,
      profile: string,
      rows: readonly ProfileRow[],
      source: string | null,
    ]
  | readonly ['state-get', id: number, key: string]
  | readonly ['state-set', id: number, key: string, value: unknown]
  | readonly ['points', id: number, filter: string]
  | readonly ['subscribe', sub: number, filter: string]
  | readonly ['unsubscribe', sub: number]
  | readonly ['history', id: number, ask: WireHistory]
  | readonly ['history-next', id: number]
  | readonly ['history-end', id: number]
  /** `lease` in ms. */
  | readonly ['command', id: number, point: string, value: PointValue, lease: number]
  | readonly ['serial', id: number, path: string, settings: SerialSettings]
  /** Answers to the host's requests. */
  | readonly ['result', id: number, value: unknown]
  | readonly ['error', id: number, WireError]
  | readonly ['step', id: number, step: DiscoverStep];

export interface WireStart {
  readonly mode: 'run' | 'test' | 'discover' | 'replay';
  readonly instance: string;
  readonly site: string;
  readonly timezone: string;
  readonly config: unknown;
  /** Only for `discover`. */
  readonly source?: string;
  /** Text of the capture; only for `replay`. */
  readonly capture?: string;
  /** File of the extension's code. */
  readonly main: string;
  readonly permissions: { readonly network: boolean; readonly listen: boolean; readonly serial: boolean };
}

export type WireChange = readonly [path: string, value: PointValue, t: number, quality: number];

export type ToChild =
  | readonly ['start', WireStart]
  | readonly ['stop']
  | readonly ['ping', n: number]
  /** Name in force, or why the device was refused. */
  | readonly ['device', ref: number, name: string, refused: string | null]
  | readonly ['point', ref: number, handle: number, refused: string | null]
  | readonly ['ok', id: number, value: unknown]
  | readonly ['no', id: number, WireError]
  | readonly ['changes', sub: number, changes: readonly WireChange[]]
  | readonly ['rows', id: number, path: string, rows: readonly HistoryRow[]]
  | readonly ['call', id: number, name: string, args: unknown]
  | readonly ['set', id: number, point: number, command: SetpointCommand]
  | readonly ['release', id: number, point: number]
  /** From now on the chunks of this line travel; null = of none. */
  | readonly ['record', ref: number | null];

/** What some requests are answered with. */
export interface WireAnswers {
  readonly points: PointReading[];
  readonly serial: PortGrant;
  readonly set: SetpointAnswer;
}

/** Cuts a byte stream into lines without looking at a byte twice. A line longer than `max` throws RangeError. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private held = 0;

  constructor(private readonly max = MAX_MESSAGE_BYTES) {}

  /** Calls `line` with the text of each complete line. The chunk is only lent. */
  push(chunk: Buffer, line: (text: string) => void): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      const last = chunk.subarray(start, end);
      if (this.held + last.length > this.max) throw new RangeError('line too long');
      if (this.held === 0) line(last.toString('utf8'));
      else {
        this.parts.push(last);
        const whole = Buffer.concat(this.parts);
        this.parts = [];
        this.held = 0;
        line(whole.toString('utf8'));
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      const rest = Buffer.from(chunk.subarray(start));
      this.held += rest.length;
      if (this.held > this.max) throw new RangeError('line too long');
      this.parts.push(rest);
    }
  }
}
