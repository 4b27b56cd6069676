import type { DiscoverStep, TestResult } from '@smx-edge/extension-api';
import type { WireStart } from '@smx-edge/extension-api/wire';
import type { SerialDoor } from '@smx-edge/extension-api/transports';
import { SmxError, type Clock, type Log } from '@smx-edge/model';
import { InstanceProcess, type Watchdog } from '../process/instance-process.js';
import { InstanceLog } from '../process/output.js';
import { checkedMessage } from '../session/messages.js';
import { errorOfWire, wireOf } from '../session/wire-error.js';
import { endingReason } from './ending.js';
import type { InstancePlan } from './plan-instance.js';

export interface TrialOptions {
  readonly plan: InstancePlan;
  readonly mode: 'test' | 'discover' | 'replay';
  readonly source?: string;
  /** Only for `replay`. */
  readonly capture?: string;
  readonly site: string;
  readonly timezone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly serial: SerialDoor;
  readonly watchdog: Watchdog;
  /** ms. */
  readonly timeout: number;
  onStep?(step: DiscoverStep): void;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

/**
 * Runs an extension's `test` or `discover` in a process of its own, under the same limits, and ends it. Rejects with
 * what the extension threw, SMX_EXTENSION_DIED, _LIMIT or _TIMEOUT.
 */
export function runTrial(o: TrialOptions): Promise<unknown> {
  const { plan, mode } = o;
  const name = `${plan.extension.use.replace(/[^a-z0-9-]/g, '-')}-${mode}`;
  const log = new InstanceLog({ log: o.log, clock: o.clock, instance: name, mask: plan.mask });
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    const settle = (fn: () => void): void => {
      outcome ??= fn;
      trial.stop();
    };
    const trial: InstanceProcess = new InstanceProcess({
      launch: plan.launch,
      log,
      clock: o.clock,
      memory: plan.limits.memory,
      samples: plan.limits.samples,
      watchdog: o.watchdog,
      onMessage: (raw) => {
        const message = checkedMessage(raw);
        switch (message[0]) {
          case 'result':
            settle(() => resolve(message[2]));
            break;
          case 'error':
            settle(() => reject(errorOfWire({ code: message[2].code, message: plan.mask(message[2].message) })));
            break;
          case 'failed':
            settle(() => reject(errorOfWire({ code: message[1].code, message: plan.mask(message[1].message) })));
            break;
          case 'step':
            o.onStep?.(message[2]);
            break;
          case 'log':
            log[message[1]](message[2], message[3] ?? undefined);
            break;
          case 'serial':
            serial(message[1], () =>
              plan.permissions.serial
                ? o.serial.open(message[2], message[3])
                : Promise.reject(new SmxError('SMX_EXTENSION_PERMISSION', 'Serial lines need the permission "serial"')),
            );
            break;
          default:
            break;
        }
        return 0;
      },
      onEnd: (ending) => {
        late.dispose();
        o.signal?.removeEventListener('abort', abort);
        if (outcome !== undefined) outcome();
        else reject(endingReason(ending));
      },
    });
    const serial = (id: number, open: () => Promise<unknown>): void => {
      open().then(
        (grant) => trial.send(['ok', id, grant]),
        (error: unknown) => trial.send(['no', id, wireOf(error)]),
      );
    };
    const late = o.clock.after(o.timeout, () =>
      trial.kill(new SmxError('SMX_EXTENSION_TIMEOUT', `${mode} took longer than ${o.timeout / 1000} s and was ended`)),
    );
    const abort = (): void => trial.kill(new SmxError('SMX_EXTENSION_TIMEOUT', `${mode} was given up`));
    o.signal?.addEventListener('abort', abort);
    const start: WireStart = {
      mode,
      instance: name,
      site: o.site,
      timezone: o.timezone,
      config: plan.config,
      main: plan.extension.main,
      permissions: plan.permissions,
      ...(o.source === undefined ? {} : { source: o.source }),
      ...(o.capture === undefined ? {} : { capture: o.capture }),
    };
    trial.send(['start', start]);
  });
}

/** The answer of a `test`, held to its shape. */
export function checkedTestResult(value: unknown): TestResult {
  if (typeof value === 'object' && value !== null && 'ok' in value && 'text' in value && typeof value.text === 'string')
    return { ok: value.ok === true, text: value.text, ...('data' in value ? { data: value.data } : {}) };
  throw new SmxError('SMX_EXTENSION_CALL', 'The test answered something other than {ok, text}');
}
