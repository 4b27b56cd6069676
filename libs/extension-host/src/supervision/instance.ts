import type { SetpointAnswer, SetpointCommand } from '@smx-edge/extension-api';
import { isSmxError, SmxError, type Disposable } from '@smx-edge/model';
import { roleFromPermissions } from '@smx-edge/access';
import { allowNotices } from '../packages/manifest.js';
import { InstanceProcess, type Ending, type Watchdog } from '../process/instance-process.js';
import { InstanceLog } from '../process/output.js';
import type { HostParts } from '../session/host-parts.js';
import { InstanceFacts } from '../session/instance-facts.js';
import type { LineTap, Recorded } from '../session/line-tap.js';
import { Session } from '../session/session.js';
import { endingReason } from './ending.js';
import type { InstanceConfig } from './instance-config.js';
import { planInstance, type InstancePlan, type PlanOptions } from './plan-instance.js';
import { RestartPolicy, type Verdict } from './restart-policy.js';
import type { InstanceState, InstanceStatus } from './status.js';

export interface InstanceOptions {
  readonly id: string;
  readonly config: InstanceConfig;
  readonly parts: HostParts;
  readonly plan: PlanOptions;
  readonly watchdog: Watchdog;
  onState(): void;
}

const NOT_ISOLATED =
  'not isolated: this box has no bubblewrap that works, so it can open sockets and signal processes whatever allow: says';

/** How long a call waits for an instance that starts, ms. */
const START_TIME = 10_000;

interface Run {
  readonly process: InstanceProcess;
  readonly session: Session;
  wasUp: boolean;
  failure: { readonly kind: 'failed' | 'fatal'; readonly error: SmxError } | undefined;
}

/** One configured instance over all its runs: started, watched, restarted by the rule, stopped. */
export class Instance {
  readonly id: string;
  private readonly facts = new InstanceFacts();
  private readonly policy = new RestartPolicy();
  private plan: InstancePlan | undefined;
  private run: Run | undefined;
  private state: InstanceState = 'stopped';
  private since: number;
  private error: SmxError | undefined;
  private retryAt: number | undefined;
  private retry: Disposable | undefined;
  private restarts = 0;
  private readonly stopped: (() => void)[] = [];
  private settling: (() => void)[] = [];
  /** Calls of the last run that came up: what may be called is known also while the next one starts. */
  private offered: Session['calls'] = {};

  constructor(private readonly o: InstanceOptions) {
    this.id = o.id;
    this.since = o.parts.clock.now();
  }

  /** Starts a process, or shows why none can be. Never throws. */
  start(): void {
    if (this.run !== undefined) return;
    this.retry?.dispose();
    this.retry = this.retryAt = undefined;
    try {
      this.plan = planInstance(this.id, this.o.config, this.o.plan);
      this.spawn(this.plan);
    } catch (error) {
      this.error = isSmxError(error)
        ? error
        : new SmxError('SMX_EXTENSION_START', error instanceof Error ? error.message : String(error), { cause: error });
      this.o.parts.names.withdraw(this.id);
      this.enter('failed');
      this.o.parts.log.error('an instance cannot be started', {
        instance: this.id,
        code: this.error.code,
        reason: this.error.message,
      });
    }
  }

  /** Resolves when its process has ended: by itself within `ms` (default 10 s), or killed. */
  stop(ms?: number): Promise<void> {
    this.retry?.dispose();
    this.retry = this.retryAt = undefined;
    if (this.run === undefined) {
      if (this.state === 'failed' || this.state === 'quarantined') return Promise.resolve();
      this.enter('stopped');
      return Promise.resolve();
    }
    if (this.state !== 'stopping') {
      this.enter('stopping');
      this.run.process.stop(ms);
    }
    return new Promise((resolve) => this.stopped.push(resolve));
  }

  /** Stops it, forgets its deaths, and starts it anew. */
  async restart(): Promise<void> {
    await this.stop();
    this.policy.forgive();
    this.error = undefined;
    this.restarts++;
    this.start();
  }

  /** Resolves once it does not start any more, after 10 s at the latest. */
  settled(): Promise<void> {
    if (this.state !== 'starting') return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        late.dispose();
        this.settling = this.settling.filter((one) => one !== done);
        resolve();
      };
      const late = this.o.parts.clock.after(START_TIME, done);
      this.settling.push(done);
    });
  }

  /** Throws SMX_EXTENSION_DIED where it is not up. */
  mustRun(): void {
    if (this.run?.wasUp !== true) throw this.absent();
  }

  async call(name: string, args: unknown, ms: number): Promise<unknown> {
    this.mustRun();
    return this.session().call(name, args, ms);
  }

  /** What a call is, as the process says; undefined where there is none. */
  callOf(name: string): Session['calls'][string] | undefined {
    return Object.hasOwn(this.calls, name) ? this.calls[name] : undefined;
  }

  setpoint(handle: number, command: SetpointCommand | undefined): Promise<SetpointAnswer> {
    return this.session().setpoint(handle, command);
  }

  /** Records its line number `line`, counted from 1 as `status` lists them. */
  record(line: number, tap: LineTap): Recorded {
    const session = this.session();
    const [ref, state] = [...this.facts.lines][line - 1] ?? [];
    if (ref === undefined || state === undefined)
      throw new SmxError(
        'SMX_TRANSPORT_ABSENT',
        `Instance ${this.id} has ${this.facts.lines.size === 0 ? 'no line' : `no line ${line}, only ${this.facts.lines.size}`} to record`,
      );
    return { source: state.source, ...session.record(ref, tap) };
  }

  status(): InstanceStatus {
    const { config, id } = this.o;
    const extension = this.o.plan.extensions.get(config.use);
    const memory = this.run?.process.memory;
    const pid = this.run?.process.pid;
    const { facts } = this;
    return {
      id,
      use: config.use,
      title: extension?.title ?? config.use,
      version: extension?.version ?? '',
      origin: extension === undefined ? 'unknown' : extension.firstParty ? 'first-party' : 'installed',
      state: this.state,
      since: this.since,
      ...(this.error === undefined ? {} : { reason: this.error.message, code: this.error.code }),
      ...(this.retryAt === undefined ? {} : { retryAt: this.retryAt }),
      restarts: this.restarts,
      ...(pid === undefined ? {} : { pid }),
      ...(memory === undefined ? {} : { memory }),
      control: config.control === true,
      isolated: this.plan?.isolated ?? false,
      notices: this.notices(),
      devices: [...facts.devices.values()],
      refusals: [...facts.refusals],
      ...(facts.status === undefined ? {} : { status: facts.status }),
      counters: { ...facts.counters },
      lines: [...facts.lines.values()],
      calls: Object.keys(this.calls),
    };
  }

  private notices(): string[] {
    const { plan } = this;
    if (plan === undefined || plan.extension.firstParty) return [];
    return [
      ...(plan.isolated ? [] : [NOT_ISOLATED]),
      ...allowNotices(plan.extension.manifest.permissions, this.o.config.allow),
    ];
  }

  private get calls(): Session['calls'] {
    return this.run?.wasUp === true ? this.run.session.calls : this.offered;
  }

  private session(): Session {
    if (this.run === undefined) throw this.absent();
    return this.run.session;
  }

  private absent(): SmxError {
    const why = this.error?.message ?? this.state;
    return new SmxError('SMX_EXTENSION_DIED', `Instance ${this.id} does not run (${why}); try again later`);
  }

  private spawn(plan: InstancePlan): void {
    const { parts, id, watchdog } = this.o;
    const { permissions, limits } = plan;
    this.facts.renew();
    this.admit(plan);
    const log = new InstanceLog({ log: parts.log, clock: parts.clock, instance: id, mask: plan.mask });
    // process and session speak through each other from the first message on
    const session = new Session({
      instance: id,
      parts,
      permissions,
      limits,
      facts: this.facts,
      log,
      send: (message) => process.send(message),
      backlog: () => process.backlog,
      onRunning: () => this.up(),
      onFailure: (kind, error) => this.failing(kind, error),
    });
    const process: InstanceProcess = new InstanceProcess({
      launch: plan.launch,
      log,
      clock: parts.clock,
      memory: limits.memory,
      samples: limits.samples,
      watchdog,
      onMessage: (message) => session.receive(message),
      onEnd: (ending) => this.ended(ending),
      onThrottle: (throttled) => this.throttle(throttled),
    });
    for (const notice of this.notices()) parts.log.warn('an installed package runs', { instance: id, notice });
    this.run = { process, session, wasUp: false, failure: undefined };
    this.enter('starting');
    process.send([
      'start',
      {
        mode: 'run',
        instance: id,
        site: parts.site,
        timezone: parts.timezone,
        config: plan.config,
        main: plan.extension.main,
        permissions: { network: permissions.network, listen: permissions.listen, serial: permissions.serial },
      },
    ]);
  }

  /** The instance becomes a principal of the gate with what its permissions say. */
  private admit({ permissions }: InstancePlan): void {
    const { gate, clock } = this.o.parts;
    const { read, command } = permissions;
    gate.putPrincipal(
      { name: this.id, kind: 'extension', role: 'extension', created: clock.now() },
      roleFromPermissions({ read, command: this.o.config.control === true ? command : [] }),
    );
  }

  private up(): void {
    if (this.run === undefined || this.state !== 'starting') return;
    this.run.wasUp = true;
    this.offered = this.run.session.calls;
    this.error = undefined;
    this.enter('running');
    // what it names in the same breath still counts as named at its start
    this.o.parts.clock.after(100, () => this.o.parts.names.ready(this.id));
  }

  private failing(kind: 'failed' | 'fatal', error: SmxError): void {
    if (this.run === undefined || this.run.failure !== undefined) return;
    this.run.failure = { kind, error };
    if (kind === 'failed') this.run.process.stop();
  }

  private throttle(throttled: boolean): void {
    if (throttled && this.state === 'running') {
      this.error = new SmxError('SMX_EXTENSION_LIMIT', 'it sends more than its limit allows and is held back');
      this.enter('degraded');
    } else if (!throttled && this.state === 'degraded') {
      this.error = undefined;
      this.enter('running');
    }
  }

  private ended(ending: Ending): void {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    const { clock, log } = this.o.parts;
    const wanted = this.state === 'stopping';
    // what a process said of itself is better than how the kernel saw it end, unless the host killed it
    const error = ending.why ?? run.failure?.error ?? endingReason(ending);
    run.session.end(wanted ? 'the instance was stopped' : error.message);
    if (wanted) {
      this.error = ending.why;
      this.enter('stopped');
      for (const resolve of this.stopped.splice(0)) resolve();
      return;
    }
    this.error = error;
    log.error('an instance ended', { instance: this.id, code: error.code, reason: error.message });
    const orderly = run.failure?.kind === 'failed' && ending.why === undefined;
    this.next(
      orderly
        ? this.policy.failed(error.class === 'retryable')
        : this.policy.died({ lasted: clock.monotonic() - run.process.startedAt, wasUp: run.wasUp }),
    );
  }

  private next(verdict: Verdict): void {
    const { clock } = this.o.parts;
    if (verdict === 'quarantine') {
      this.error = new SmxError(
        'SMX_EXTENSION_QUARANTINED',
        `it died four times within five minutes of its start; the last time: ${this.error?.message ?? ''}. Repair it, then restart it by hand`,
      );
      this.enter('quarantined');
      return;
    }
    if (verdict !== 'stay') {
      this.retryAt = clock.now() + verdict.restartIn;
      this.retry = clock.after(verdict.restartIn, () => {
        this.restarts++;
        this.start();
      });
    }
    this.enter('failed');
  }

  private enter(state: InstanceState): void {
    if (state !== this.state) this.since = this.o.parts.clock.now();
    this.state = state;
    if (state !== 'starting') for (const go of this.settling.splice(0)) go();
    this.o.onState();
  }
}
