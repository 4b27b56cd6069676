import {
  SmxError,
  describeError,
  ERROR_CODES,
  type Clock,
  type Disposable,
  type ErrorCode,
  type Log,
  type Zone,
} from '@smx-edge/model';
import type { Gate, View } from '@smx-edge/access';
import { Control, stageOf, takeCommand, takeSchedule, type DownCommand } from '@smx-edge/control';
import type { Store } from '@smx-edge/datastore';
import type { ExtensionHost, HostOptions } from '@smx-edge/extension-host';
import type { DownHandler, DownKind } from '@smx-edge/northbound';
import { problemText, type Config, type Problem } from '../config/index.js';
import { clockState } from './box-clock.js';

/** Pause before a store that does not answer is asked again for the commands it has, ms. */
const PAUSE = 5000;

interface Exit {
  onDown(kind: DownKind, handler: DownHandler): Disposable;
}

export interface ControlParts {
  readonly config: Config;
  /** What is wrong in the config. */
  readonly problems: readonly Problem[];
  readonly gate: Gate;
  readonly store: Store;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly log: Log;
}

/** The one way to act, with its doors to brokers, links and extensions. */
export class ControlPart {
  readonly control: Control;
  private readonly owned: Disposable[] = [];

  constructor(private readonly o: ControlParts) {
    const { clock, config, gate, log, store } = o;
    this.control = new Control({
      ...{ live: store.live, gate, shelf: store.commands, events: store, ledger: store, clock, log },
      controlled: (instance) => config.instances.get(instance)?.control === true,
      clockState: () => clockState(clock.now()),
      limits: config.limits,
      ...limitsFault(config, o.problems),
    });
  }

  /** Takes up what an earlier run left and opens the way to the devices; before the extensions start. */
  async start(host: ExtensionHost): Promise<void> {
    try {
      await this.control.start();
    } catch (error) {
      this.o.log.error('the commands of the last run cannot be read; they are tried again', {
        error: describeError(error),
      });
      this.owned.push(this.o.clock.after(PAUSE, () => void this.start(host)));
      return;
    }
    this.control.attach(host);
  }

  /** Serves what parties send on one broker, or on links. */
  serve(exit: Exit): void {
    this.owned.push(
      exit.onDown('cmd', (message) => this.down(message, (view) => takeCommand(this.control, view, message))),
      exit.onDown('schedule', (message) => this.down(message, (view) => this.takeSchedule(view, message))),
      exit.onDown('hb', ({ principal }) => this.control.beat(principal)),
    );
  }

  /** Carries out what an instance commands. */
  readonly command: NonNullable<HostOptions['command']> = async (instance, wish) => {
    const record = await this.control.submit(this.o.gate.require(instance), wish);
    const done = await this.control.outcome(record);
    if (done.outcome !== 'refused') return done.outcome ?? stageOf(done).state;
    const refusal = done.stages.find(({ state }) => state === 'refused');
    throw new SmxError(codeOf(refusal?.code), refusal?.reason ?? 'the device refuses it');
  };

  async stop(): Promise<void> {
    for (const one of this.owned) one.dispose();
    await this.control.stop();
  }

  private takeSchedule(view: View, message: DownCommand): Promise<void> {
    const { clock, store, zone } = this.o;
    const isSetpoint = (path: string): boolean => {
      const handle = store.live.handleOf(path);
      return handle !== undefined && view.command(handle) !== undefined;
    };
    return takeSchedule(this.control, view, { message, at: { zone, now: clock.now(), isSetpoint } });
  }

  private down(message: DownCommand, take: (view: View) => Promise<void>): void {
    const view = this.o.gate.view(message.principal);
    if (view === undefined) return;
    take(view).catch((error: unknown) => {
      this.o.log.error('a command of a party failed', { party: message.principal, error: describeError(error) });
      message.answer({
        id: message.id,
        state: 'refused',
        code: 'SMX_INTERNAL',
        reason: 'a fault of the box itself',
        t: message.received,
      });
    });
  }
}

/** The code of a refusal where it is one of the house; devices have codes of their own. */
function codeOf(code: string | undefined): ErrorCode {
  return code !== undefined && code in ERROR_CODES ? (code as ErrorCode) : 'SMX_EXTENSION_CALL';
}

/** A limit that was mistyped is one that does not bound: no command until it does. */
function limitsFault({ hidden }: Config, problems: readonly Problem[]): { fault?: SmxError } {
  const own = new Set([...problems.filter(({ path }) => path[0] === 'limits'), ...(hidden.get('limits') ?? [])]);
  if (own.size === 0) return {};
  const text = `${[...own].map(problemText).join('; ')}; no command to a device is taken until the config is repaired and the core restarted`;
  return { fault: new SmxError('SMX_CONFIG_INVALID', text) };
}
