import { sizeBytes } from '@smx-edge/model';

/** Limits of one instance (contracts §6), enforced on its process. */
export interface Limits {
  /** Anonymous memory of the process, bytes; buffers count. */
  readonly memory: number;
  /** Declared points. */
  readonly points: number;
  /** Samples a second, averaged over ten. */
  readonly samples: number;
  /** Durable state, bytes of JSON. */
  readonly state: number;
}

/** As configured: sizes as `64MiB` or bytes. */
export interface LimitsConfig {
  readonly memory?: number | string;
  readonly points?: number;
  readonly samples?: number;
  readonly state?: number | string;
}

export const DEFAULT_LIMITS: Limits = { memory: 64 << 20, points: 2000, samples: 1000, state: 256 << 10 };

const size = (value: number | string | undefined, fallback: number): number =>
  value === undefined ? fallback : typeof value === 'number' ? value : sizeBytes(value);

/** Throws SMX_CONFIG_INVALID for a size that is none. */
export function limitsOf(config: LimitsConfig = {}): Limits {
  return {
    memory: size(config.memory, DEFAULT_LIMITS.memory),
    points: config.points ?? DEFAULT_LIMITS.points,
    samples: config.samples ?? DEFAULT_LIMITS.samples,
    state: size(config.state, DEFAULT_LIMITS.state),
  };
}
