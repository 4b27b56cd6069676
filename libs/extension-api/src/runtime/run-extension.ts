import { SmxError, systemClock, type Clock, type PointValue } from '@smx-edge/model';
import type { PointReading } from '../context.js';
import type { ExtensionDefinition } from '../define.js';
import type { SetpointAnswer, SetpointCommand } from '../setpoint.js';
import { openModbus } from '../modbus/index.js';
import { openMqtt } from '../mqtt/index.js';
import { listenLines, openLine } from '../transports/index.js';
import type { WireStart } from '../wire.js';
import { HarnessHost } from './harness-host.js';
import type { LineMakers } from './lines.js';
import type { ProfileBook } from './profile-book.js';
import { Runtime } from './runtime.js';

export interface HarnessOptions<Config> {
  readonly config: Config;
  /** Default the system's; a VirtualClock drives `every` and `now`. */
  readonly clock?: Clock;
  /** Default: the real transports. */
  readonly lines?: LineMakers;
  readonly instance?: string;
  readonly site?: string;
  readonly timezone?: string;
  readonly permissions?: Partial<WireStart['permissions']>;
  /** Device names that another instance already owns: they become `<name>-test`. */
  readonly taken?: readonly string[];
  /** Device names that the box refuses. */
  readonly refuses?: readonly string[];
  readonly state?: Readonly<Record<string, unknown>>;
  /** Load profiles left by an earlier run; written to. */
  readonly profiles?: ProfileBook;
  readonly points?: readonly PointReading[];
}

/** A running extension inside a test, and everything it has said. */
export interface Harness {
  /** Newest value by full path, all batches in order, devices, events, logs, statuses, exceptions, lines, state … */
  readonly seen: HarnessHost;
  /** Resolves once `condition` holds; it is looked at with each thing the extension says. Rejects after `ms`, default 10 s. */
  until(condition: () => boolean, ms?: number): Promise<void>;
  command(path: string, value: PointValue, more?: Omit<SetpointCommand, 'id' | 'value'>): Promise<SetpointAnswer>;
  release(path: string): Promise<SetpointAnswer>;
  call(name: string, args?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Runs an extension in this process over the same runtime as on the box, without host, store or gate. */
export function runExtension<Config>(extension: ExtensionDefinition<Config>, o: HarnessOptions<Config>): Harness {
  const clock = o.clock ?? systemClock;
  const seen = new HarnessHost({
    ...(o.taken === undefined ? {} : { taken: o.taken }),
    ...(o.refuses === undefined ? {} : { refuses: o.refuses }),
    ...(o.state === undefined ? {} : { state: o.state }),
    ...(o.profiles === undefined ? {} : { profiles: o.profiles }),
    ...(o.points === undefined ? {} : { points: o.points }),
  });
  const runtime = new Runtime({
    extension: extension,
    channel: seen,
    clock,
    lines: o.lines ?? { openLine, listenLines, openModbus, openMqtt },
    start: {
      mode: 'run',
      instance: o.instance ?? 'test',
      site: o.site ?? 'test-site',
      timezone: o.timezone ?? 'Europe/Rome',
      config: o.config,
      main: '',
      permissions: { network: true, listen: true, serial: true, ...o.permissions },
    },
  });
  void runtime.run();
  const ref = (path: string): number => {
    const found = seen.refOf(path);
    if (found === undefined) throw new SmxError('SMX_POINT_UNKNOWN', `The extension has declared no point ${path}`);
    return found;
  };
  return {
    seen,
    until: (condition, ms = 10_000) => until(seen, { condition, ms }),
    command: async (path, value, more) =>
      (await seen.ask((id) => ['set', id, ref(path), { id: `test-${id}`, value, ...more }])) as SetpointAnswer,
    release: async (path) => (await seen.ask((id) => ['release', id, ref(path)])) as SetpointAnswer,
    call: (name, args = {}) => seen.ask((id) => ['call', id, name, args]),
    stop: () => runtime.stop(),
  };
}

function until(seen: HarnessHost, { condition, ms }: { condition: () => boolean; ms: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    let end: () => void = () => {};
    const check = (): void => {
      if (!condition()) return;
      end();
      resolve();
    };
    const unwatch = seen.watch(check);
    // time may pass without a word of the extension
    const poll = setInterval(check, 20);
    const late = setTimeout(() => {
      end();
      const failed = seen.failed === undefined ? '' : `; start failed with ${seen.failed.code}: ${seen.failed.message}`;
      reject(new SmxError('SMX_EXTENSION_TIMEOUT', `The condition did not come about within ${ms} ms${failed}`));
    }, ms);
    end = () => {
      unwatch();
      clearInterval(poll);
      clearTimeout(late);
    };
    check();
  });
}
