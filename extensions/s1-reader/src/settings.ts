import type { RecordingLimits } from '@smx-edge/extension-api';
import { invalid } from '@smx-edge/extension-api/metering';
import { USUAL_THRESHOLDS, type EventThresholds } from '@smx-edge/protocols/power-quality';
import { MOST_BYTES } from './line/pace.js';

/** Config as the operator writes it; `config.schema.json` describes it and gives its defaults. */
export interface S1Config {
  readonly device?: string;
  readonly source: string;
  readonly declared?: number;
  readonly 'calibrate-from'?: string;
  readonly invert?: boolean;
  readonly events?: {
    readonly dip?: number;
    readonly swell?: number;
    readonly interruption?: number;
    readonly 'rapid-change'?: number;
    readonly before?: number;
    readonly after?: number;
    readonly waves?: number;
  };
  readonly recording?: {
    readonly max: number;
  };
}

/** Which stretch of wave is kept with an event. */
export interface WaveSettings {
  /** ms before its begin. */
  readonly before: number;
  /** ms from its begin. */
  readonly after: number;
  /** Most in an hour. */
  readonly perHour: number;
}

/** The config with every default in place. */
export interface Settings {
  readonly device: string;
  readonly source: string;
  /** V. */
  readonly declared: number;
  readonly calibrateFrom: string | undefined;
  /** Undefined where nobody said it. */
  readonly invert: boolean | undefined;
  readonly thresholds: Partial<EventThresholds>;
  readonly wave: WaveSettings;
  /** What `smx record` may take of the raw bytes. */
  readonly recording: RecordingLimits;
}

const MB = 1e6;
const DEVICE = 's1';

/** For an instance without the core's defaults, as in `discover`, the ones of the schema. Throws SMX_CONFIG_INVALID. */
export function settingsOf(config: S1Config): Settings {
  const { events = {} } = config;
  check(config);
  return {
    device: config.device ?? DEVICE,
    source: config.source,
    declared: config.declared ?? 230,
    calibrateFrom: config['calibrate-from'],
    invert: config.invert,
    thresholds: {
      ...(events.dip !== undefined && { dip: events.dip }),
      ...(events.swell !== undefined && { swell: events.swell }),
      ...(events.interruption !== undefined && { interruption: events.interruption }),
      ...(events['rapid-change'] !== undefined && { rapidChange: events['rapid-change'] }),
    },
    wave: { before: events.before ?? 200, after: events.after ?? 600, perHour: events.waves ?? 30 },
    recording: {
      ...{ rate: MOST_BYTES, max: (config.recording?.max ?? 0) * MB },
      hint: 'raw samples tell what runs in the house; `recording: { max: MB }` in the config of this instance allows them to be recorded',
    },
  };
}

/** What no key says of itself. */
function check({ events = {}, device, 'calibrate-from': from }: S1Config): void {
  const { dip, interruption } = { ...USUAL_THRESHOLDS, ...events };
  if (interruption >= dip) throw invalid('events.interruption', `a share below that of a dip, ${dip}`);
  // it would agree with itself, for good
  if (from !== undefined && from === (device ?? DEVICE))
    throw invalid('calibrate-from', 'another device, as the P1 port of the same meter, mostly pcc');
}
