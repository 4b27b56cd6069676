import { existsSync, mkdirSync } from 'node:fs';
import type { DiscoverStep, SetpointAnswer, SetpointCommand, TestResult } from '@smx-edge/extension-api';
import type { SerialDoor } from '@smx-edge/extension-api/transports';
import { SmxError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { findExtensions, type InstalledExtension } from './packages/find.js';
import { schemaDetails, validatorOf } from './packages/schema.js';
import { PortProcess } from './port-process/index.js';
import { WATCHDOG, type Watchdog } from './process/instance-process.js';
import { detectIsolation, type Isolation } from './process/sandbox.js';
import type { HostGate, HostLive, HostParts, HostStore, SetpointChange } from './session/host-parts.js';
import type { LineTap, Recorded } from './session/line-tap.js';
import { NameBook } from './session/name-book.js';
import { Instance } from './supervision/instance.js';
import type { InstanceConfig } from './supervision/instance-config.js';
import { planInstance, type PlanOptions } from './supervision/plan-instance.js';
import type { InstanceStatus } from './supervision/status.js';
import { checkedTestResult, runTrial } from './supervision/trial.js';

export interface HostOptions {
  readonly live: HostLive;
  readonly gate: HostGate;
  readonly store: HostStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Where extensions are installed, the house's own among them; an earlier folder wins. */
  readonly folders: readonly string[];
  /** For sockets of serial lines; becomes 0700. */
  readonly runDir: string;
  readonly site: string;
  /** IANA name of the site's zone. */
  readonly zone: string;
  /** Default: bubblewrap where the box has it. */
  readonly isolation?: Isolation;
  /** Default: the port process of this package. */
  readonly serial?: SerialDoor & { close(): Promise<void> };
  readonly watchdog?: Partial<Watchdog>;
  /** Carries out what instances command. */
  readonly command?: HostParts['command'];
  /** Packages below it are the house's own; default the `extensions` folder beside this package. */
  readonly firstParty?: string;
  /** Bundle of the process's main; default the one of this package. */
  readonly child?: string;
}

const BOX_STOP_MS = 5000;
const CALL_MS = 30_000;
const TEST_MS = 60_000;
const DISCOVER_MS = 15 * 60_000;
/** Instance that owns the points of the box itself. */
const CORE = 'core';

/** All extension instances of a box: found, checked, run each in its own process, and wired to table, store and gate. */
export class ExtensionHost {
  readonly extensions: readonly InstalledExtension[];
  private readonly parts: HostParts;
  private readonly plan: PlanOptions;
  private readonly serial: SerialDoor & { close(): Promise<void> };
  private readonly watchdog: Watchdog;
  private readonly instances = new Map<string, Instance>();
  private readonly listeners = new Set<(status: InstanceStatus) => void>();
  private readonly setpointListeners = new Set<(change: SetpointChange) => void>();
  private readonly troubled = new Set<string>();

  constructor(private readonly o: HostOptions) {
    this.extensions = findExtensions(o.folders, o.firstParty);
    this.watchdog = { ...WATCHDOG, ...o.watchdog };
    this.serial = o.serial ?? new PortProcess({ runDir: o.runDir, log: o.log, clock: o.clock });
    let { isolation } = o;
    this.plan = {
      extensions: new Map(this.extensions.map((extension) => [extension.use, extension])),
      isolation: () => (isolation ??= detectIsolation()),
      runDir: o.runDir,
      child: o.child ?? require.resolve('@smx-edge/extension-host/child'),
    };
    const { live, gate, store, clock, log, site, zone } = o;
    const names = new NameBook(clock);
    const onSetpoint = (change: SetpointChange): void => {
      for (const listener of [...this.setpointListeners]) listener(change);
    };
    const { command } = o;
    this.parts = {
      ...{ live, gate, store, clock, log, names, serial: this.serial, site, timezone: zone, onSetpoint },
      ...(command === undefined ? {} : { command }),
    };
  }

  /**
   * Starts every instance; one that cannot start is shown failed and hinders no other. `keepOthers`: what is not among them
   * may be configured all the same, and keeps its devices.
   */
  async start(instances: Readonly<Record<string, InstanceConfig>>, { keepOthers = false } = {}): Promise<void> {
    if (!existsSync(this.plan.child))
      throw new SmxError('SMX_EXTENSION_START', `${this.plan.child} is missing: run \`npm run build\` first`);
    const ids = Object.keys(instances);
    mkdirSync(this.plan.runDir, { recursive: true, mode: 0o700 });
    if (!keepOthers) this.dropLeftovers(new Set([...ids, CORE]));
    this.parts.names.begin(this.parts.live, ids);
    for (const [id, config] of Object.entries(instances)) {
      const instance = new Instance({
        id,
        config,
        parts: this.parts,
        plan: this.plan,
        watchdog: this.watchdog,
        onState: () => this.changed(id),
      });
      this.instances.set(id, instance);
    }
    for (const instance of this.instances.values()) instance.start();
  }

  /** Stops every instance, killing what has not ended after `ms`, then the serial lines. The core as a whole has 10 s. */
  async stop(ms = Math.min(BOX_STOP_MS, this.watchdog.stop)): Promise<void> {
    await Promise.all([...this.instances.values()].map((instance) => instance.stop(ms)));
    await this.serial.close();
    for (const id of this.instances.keys()) this.parts.gate.removePrincipal(id);
  }

  list(): InstanceStatus[] {
    return [...this.instances.values()].map((instance) => instance.status());
  }

  /** Called on each change of state of an instance. */
  onState(listener: (status: InstanceStatus) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /** Called when a running process declares a set-point, and when that process is gone. */
  onSetpoint(listener: (change: SetpointChange) => void): Disposable {
    this.setpointListeners.add(listener);
    return { dispose: () => void this.setpointListeners.delete(listener) };
  }

  /** Stops and starts an instance, quarantined or not. Rejects SMX_EXTENSION_UNKNOWN. */
  async restart(id: string): Promise<void> {
    await this.instance(id).restart();
  }

  /** Resolves once an instance does not start any more, after 10 s at the latest: from then on its calls are known. */
  async settled(id: string): Promise<void> {
    await this.instances.get(id)?.settled();
  }

  /**
   * Calls what an instance offers; who may call is the caller's to ask of the gate (with `callDetail`).
   * Rejects SMX_EXTENSION_CALL with details, _UNKNOWN, _TIMEOUT, _DIED.
   */
  async call(id: string, name: string, args: unknown): Promise<unknown> {
    const instance = this.instance(id);
    const call = instance.callOf(name);
    // what never ran offers nothing yet
    if (call === undefined) instance.mustRun();
    if (call === undefined) throw new SmxError('SMX_EXTENSION_CALL', `Instance ${id} offers no call "${name}"`);
    const checked: unknown = structuredClone(args ?? {});
    const details = schemaDetails(callValidator(`${id}/${name}`, call.args), checked);
    if (details.length > 0)
      throw new SmxError('SMX_EXTENSION_CALL', `The arguments of ${id}/${name} do not fit`, { details });
    return instance.call(name, checked, CALL_MS);
  }

  /** The part of a call that a grant INSTANCE/NAME/DETAIL narrows by; undefined where the call has none. */
  callDetail(id: string, name: string, args: unknown): string | undefined {
    const key = this.instances.get(id)?.callOf(name)?.detail;
    if (key === undefined || typeof args !== 'object' || args === null || !Object.hasOwn(args, key)) return undefined;
    const value: unknown = (args as Record<string, unknown>)[key];
    return typeof value === 'string' ? value : undefined;
  }

  /** Whether the grant INSTANCE/NAME gives a call with this detail by itself. */
  isPlainCall(id: string, name: string, detail: string): boolean {
    const plain = this.instances.get(id)?.callOf(name)?.plain;
    return Array.isArray(plain) && plain.includes(detail);
  }

  /** Whether a call is given by its full name only; what never came up offers none. */
  isPersonalCall(id: string, name: string): boolean {
    return Boolean(this.instances.get(id)?.callOf(name)?.personal);
  }

  /** Puts a command on a set-point of an instance, by its handle. Rejects SMX_POINT_UNKNOWN, SMX_EXTENSION_*. */
  async setpoint(id: string, handle: number, command: SetpointCommand): Promise<SetpointAnswer> {
    return this.instance(id).setpoint(handle, command);
  }

  /** Puts the default of a set-point back. */
  async release(id: string, handle: number): Promise<SetpointAnswer> {
    return this.instance(id).setpoint(handle, undefined);
  }

  /**
   * Gives the raw bytes of a line of an instance to `tap`, with their times, until stopped; no more than 64 KiB a second.
   * Throws SMX_EXTENSION_UNKNOWN, _DIED, SMX_TRANSPORT_ABSENT, _BUSY.
   */
  record(id: string, line: number, tap: LineTap): Recorded {
    return this.instance(id).record(line, tap);
  }

  /** Is what this config names reachable and what it claims to be? Runs in a process of its own. */
  async test(use: string, config: unknown, allow?: InstanceConfig['allow']): Promise<TestResult> {
    const instance = { use, config, ...(allow === undefined ? {} : { allow }) };
    const plan = planInstance(use, instance, this.plan);
    return checkedTestResult(await runTrial({ ...this.trial(), plan, mode: 'test', timeout: TEST_MS }));
  }

  /** What is on this line? Resolves to false where the extension cannot tell. */
  async discover(
    use: string,
    source: string,
    { onStep, signal }: { onStep: (step: DiscoverStep) => void; signal?: AbortSignal },
  ): Promise<boolean> {
    const extension = this.plan.extensions.get(use);
    if (extension === undefined) throw new SmxError('SMX_EXTENSION_UNKNOWN', `No extension "${use}" is installed`);
    // a discovery has no config yet, so there is nothing to hold to the schema; nor has an operator allowed anything
    const plan = planInstance(
      use,
      { use, config: source === '' ? {} : { source }, allow: {} },
      { ...this.plan, extensions: new Map([[use, { ...extension, configSchema: undefined }]]) },
    );
    const asked = { mode: 'discover', source, timeout: DISCOVER_MS, onStep } as const;
    return (await runTrial({ ...this.trial(), ...asked, plan, ...(signal === undefined ? {} : { signal }) })) === true;
  }

  private trial(): Pick<HostOptions, 'site' | 'clock' | 'log'> & {
    timezone: string;
    serial: SerialDoor;
    watchdog: Watchdog;
  } {
    const { site, clock, log, zone } = this.o;
    return { site, clock, log, timezone: zone, serial: this.serial, watchdog: this.watchdog };
  }

  private instance(id: string): Instance {
    const instance = this.instances.get(id);
    if (instance === undefined) throw new SmxError('SMX_EXTENSION_UNKNOWN', `There is no instance "${id}" in this box`);
    return instance;
  }

  /** Points of instances that are configured no more: they free their paths and names. */
  private dropLeftovers(kept: ReadonlySet<string>): void {
    const { live } = this.parts;
    for (const device of [...live.devices()]) if (!kept.has(device.instance)) live.removeDevice(device.name);
    for (const { handle, definition } of [...live.points()]) if (!kept.has(definition.instance)) live.remove(handle);
  }

  private changed(id: string): void {
    const status = this.instances.get(id)?.status();
    if (status === undefined) return;
    this.tellEvent(status);
    for (const listener of [...this.listeners]) listener(status);
  }

  /** A fault of an instance is raised once and cleared once. */
  private tellEvent({ id, state, reason }: InstanceStatus): void {
    const bad = state === 'failed' || state === 'quarantined';
    if (bad ? this.troubled.has(id) : state !== 'running' || !this.troubled.has(id)) return;
    if (bad) this.troubled.add(id);
    else this.troubled.delete(id);
    this.parts.store
      .addEvent({
        t: this.parts.clock.now(),
        path: 'box',
        code: 'instance.failed',
        severity: 'warning',
        state: bad ? 'raised' : 'cleared',
        text: bad ? `Instance ${id}: ${reason ?? 'failed'}` : `Instance ${id} runs again`,
        data: { instance: id },
      })
      .catch((error: unknown) => this.parts.log.error('an event could not be kept', { error: String(error) }));
  }
}

/** The schema comes from the instance, so that it need not be one. */
function callValidator(call: string, schema: unknown): ReturnType<typeof validatorOf> {
  try {
    if (typeof schema === 'object' && schema !== null) return validatorOf(schema);
  } catch (cause) {
    throw new SmxError('SMX_EXTENSION_CALL', `The schema of the arguments of ${call} is none`, { cause });
  }
  throw new SmxError('SMX_EXTENSION_CALL', `The schema of the arguments of ${call} is none`);
}
