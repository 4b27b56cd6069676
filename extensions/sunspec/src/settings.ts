import { isRevert, isWriteInterval, REVERT_EXPECTED, WRITE_INTERVAL_EXPECTED } from '@smx-edge/extension-api/sunspec';
import { durationMs, SmxError } from '@smx-edge/model';

/** Config as the operator writes it; `config.schema.json` describes it and has the defaults. */
export interface SunSpecConfig {
  readonly source: string;
  readonly units?: readonly number[];
  readonly names: Readonly<Record<string, string>>;
  readonly poll: string;
  /** Path of the power at the connection, of another instance. */
  readonly meter?: string;
  /** `0s`: the timers of devices are not used; absent: they go by the heartbeats of controllers. */
  readonly revert?: string;
  readonly timeout: string;
  /** Between writes to one device. */
  readonly 'write-interval'?: string;
}

/** Faster than this devices give no newer values, ms. */
const LEAST_POLL = 200;
/** Throws SMX_CONFIG_INVALID where two devices would have one name, they would be asked without a pause, or hold a value too short. */
export function checkConfig({ names, poll, revert, 'write-interval': writing }: SunSpecConfig): void {
  const all = Object.values(names);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined) throw invalid('names', `a name of its own for each device; ${twice} is there twice`);
  if (durationMs(poll) < LEAST_POLL) throw invalid('poll', `${LEAST_POLL}ms or more`);
  if (writing !== undefined && !isWriteInterval(durationMs(writing)))
    throw invalid('write-interval', WRITE_INTERVAL_EXPECTED);
  if (revert !== undefined && !isRevert(durationMs(revert))) throw invalid('revert', REVERT_EXPECTED);
}

function invalid(path: string, expected: string): SmxError {
  return new SmxError('SMX_CONFIG_INVALID', `The config of the device needs ${path}: ${expected}`, {
    details: [{ path, expected }],
  });
}
