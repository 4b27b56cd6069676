import { invalid } from '@smx-edge/extension-api/metering';
import { durationMs } from '@smx-edge/model';
import { CLASS } from '../objects/meter-object.js';
import { codeOf } from '../points/units.js';
import type { PushObject } from './push-object.js';

/** What the meter sends unasked. */
export interface PushConfig {
  /** `tcp-listen://` or `udp://`. */
  readonly listen: string;
  readonly every?: string;
  readonly setup?: string;
  readonly title?: string;
  readonly objects?: readonly (
    string | { readonly obis: string; readonly attribute?: number; readonly scaler?: number; readonly unit?: string }
  )[];
}

export interface PushSettings {
  readonly listen: string;
  /** ms between two pushes. */
  readonly every: number;
  /** OBIS code of the Push Setup that says what is pushed. */
  readonly setup: string;
  /** System title the meter has to have. */
  readonly title?: Uint8Array;
  /** What the config says is pushed. */
  readonly objects?: readonly PushObject[];
}

const CLOCK = '0-0:1.0.0';

/** Throws SMX_CONFIG_INVALID. */
export function pushSettings({
  listen,
  every = '15m',
  setup = '0-0:25.9.0',
  title,
  objects,
}: PushConfig): PushSettings {
  return {
    ...{ listen, every: durationMs(every), setup },
    ...(title !== undefined && { title: Buffer.from(title, 'hex') }),
    ...(objects !== undefined && { objects: objects.map(pushObjectOf) }),
  };
}

function pushObjectOf(given: NonNullable<PushConfig['objects']>[number]): PushObject {
  const { obis, attribute = 2, scaler = 0, unit } = typeof given === 'string' ? { obis: given } : given;
  const classId = obis === CLOCK ? CLASS.clock : 0;
  if (unit === undefined) return { classId, obis, attribute };
  const code = codeOf(unit);
  if (code === undefined) throw invalid('push.objects', `a unit of the house, not "${unit}"`);
  return { classId, obis, attribute, scale: { scaler, code } };
}
