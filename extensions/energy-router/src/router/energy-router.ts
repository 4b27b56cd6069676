import type { Alarms, Device, SampleValue, SmxContext } from '@smx-edge/extension-api';
import type { Bounds, DriverSink, DriverState, ForeignCommand, RouterDriver, Told } from '../driver.js';
import { MODE, QUANTITIES } from '../model/quantities.js';
import { MODE_SETPOINT, SETPOINTS } from '../model/setpoints.js';
import type { Mode } from '../model/modes.js';
import type { RouterConfig, Settings } from '../settings.js';
import type { HeldMemory } from './memory.js';
import { RouterSetpoint } from './setpoint.js';

export interface EnergyRouterOptions {
  readonly smx: SmxContext<RouterConfig>;
  readonly settings: Settings;
  readonly driver: RouterDriver;
  readonly memory: HeldMemory;
  readonly alarms: Alarms;
  /** Modes that may be commanded. */
  readonly modes: readonly Mode[];
  /** Model of the device, for people. */
  readonly model: string;
}

const WATCH = '1s';
/** An instance that stops has 10 s; a router that does not answer must not take all of them, ms. */
const LAST_WORDS = 3000;

/** One Energy Router as a device of the box, over whatever driver. */
export class EnergyRouter {
  private readonly device: Device;
  private readonly setpoints = new Map<string, RouterSetpoint>();
  private mode: string | undefined;
  /** What was said of it last. */
  private said: string | undefined;
  private isShownUp = false;
  /** Set-points of an earlier life that are to be put back once the router is there. */
  private readonly leftovers: Set<string>;
  private isRestoring = false;
  /** The newest command of each other writer, for the call. */
  private readonly writers = new Map<string, ForeignCommand & { readonly t: number }>();

  constructor(private readonly o: EnergyRouterOptions) {
    const { smx, settings, model } = o;
    this.device = smx.device(settings.device, { kind: 'energy-router', model, interval: settings.interval });
    this.leftovers = new Set(o.memory.paths);
    this.declare();
  }

  run(): void {
    const { smx, driver, settings } = this.o;
    const sink: DriverSink = {
      tell: (told) => this.tell(told),
      foreign: (command) => this.foreign(command),
    };
    driver.connect(sink);
    smx.every(WATCH, () => this.watch());
    if (settings.refresh !== undefined) smx.every(settings.refresh, () => this.refresh());
    smx.onStop(() => this.stop());
    // nothing is held yet, whatever an earlier life told of others
    this.calm();
    this.show(driver.state);
  }

  /** What it holds, shows and does, and who else told it something. */
  get state(): object {
    const setpoints = [...this.setpoints.values()].map(({ path, held, inForce }) => ({
      ...{ setpoint: path, held: held ?? null, inForce: inForce?.value ?? null },
    }));
    return { ...this.o.driver.state, mode: this.mode ?? null, setpoints, writers: [...this.writers.values()] };
  }

  private declare(): void {
    const { measures, setpoints } = this.o.driver.capabilities;
    for (const path of measures) if (path !== MODE) this.device.point(path, { unit: QUANTITIES[path]!.unit });
    if (measures.includes(MODE) || setpoints.has(MODE_SETPOINT))
      this.device.point(MODE, { type: 'string', kind: 'state' });
    for (const [path, bounds] of setpoints) this.declareSetpoint(path, bounds);
  }

  private declareSetpoint(path: string, bounds: Bounds | undefined): void {
    const { driver, settings, memory, modes } = this.o;
    const kind = SETPOINTS[path]!;
    const setpoint = new RouterSetpoint({
      ...{ path, kind, bounds, driver, memory, modes, others: this.setpoints, restMode: settings.restMode },
      modeNow: () => this.mode,
    });
    this.setpoints.set(path, setpoint);
    const verify = this.verifierOf(path);
    if (verify === kind.verify && bounds !== undefined) this.device.point(verify, { unit: kind.unit });
    this.device.setpoint(
      path,
      {
        ...(bounds === undefined ? { type: 'string' } : { unit: kind.unit, ...bounds, default: setpoint.rest }),
        ...(verify !== undefined && { verify }),
        settle: settings.settle,
      },
      ({ value }) => {
        this.leftovers.delete(path);
        return setpoint.command(value);
      },
      async () => {
        this.leftovers.delete(path);
        const answer = await setpoint.release();
        // the core tries again at growing pauses; a router that is there again is put back at once
        if (answer.outcome !== 'applied') this.leftovers.add(path);
        this.calm();
        return answer;
      },
    );
  }

  /** The point that proves a set-point: what is in force by its measure, else what the router shows for it, else none. */
  private verifierOf(path: string): string | undefined {
    const { measures, shown } = this.o.driver.capabilities;
    const { proof, verify } = SETPOINTS[path]!;
    if (proof === undefined || measures.includes(proof.measure)) return verify;
    return shown.has(path) ? path : undefined;
  }

  private tell(told: readonly Told[]): void {
    const values: Record<string, SampleValue> = {};
    for (const { path, value, t, reason } of told) {
      const sample = { value, ...(t !== undefined && { t }), ...(reason !== undefined && { reason }) };
      values[path] = sample;
      if (value !== null) this.setpoints.get(path)?.shows(value);
      // where the mode is not measured, the one that was asked for last is shown
      if (path === MODE_SETPOINT && !this.o.driver.capabilities.measures.includes(MODE)) values[MODE] = sample;
    }
    const mode = values[MODE]?.value;
    if (typeof mode === 'string') this.mode = mode;
    for (const setpoint of this.setpoints.values()) this.prove(setpoint, values);
    this.device.set(values);
    // one that comes back need not wait for the next look at it
    if (!this.isShownUp) this.show(this.o.driver.state);
  }

  /** What is in force is told anew with each measure: a reading of it counts for a command only after its write. */
  private prove({ path, inForce }: RouterSetpoint, values: Record<string, SampleValue>): void {
    const { proof, verify } = SETPOINTS[path]!;
    const measured = proof && values[proof.measure];
    if (inForce === undefined || measured === undefined) return;
    inForce.measures(typeof measured.value === 'number' ? measured.value : undefined);
    // what is in force is not known while its measure is none
    if (measured.value === null) values[verify] = { value: null, reason: measured.reason ?? 'not measured' };
    const { value } = inForce;
    // by the clock of the box: what proves a command must not hang on that of the router
    if (value !== undefined) values[verify] = { value };
  }

  private foreign(command: ForeignCommand): void {
    const { smx, alarms } = this.o;
    this.writers.set(`${command.writer} ${command.path}`, { ...command, t: smx.now() });
    const held = [...this.setpoints.values()].filter((each) => each.held !== undefined);
    if (held.length === 0) return;
    const { writer, path, value } = command;
    const ours = held.map((each) => `${each.path} (${each.held})`).join(', ');
    alarms.set({ device: this.device, path }, 'foreign-writer', {
      severity: 'warning',
      text: `${writer} tells the router ${path} ${value}, while the box holds ${ours}; let one of the two tell it`,
      data: { writer, value },
    });
  }

  /** Nothing is held any more: who else tells the router what does no harm. */
  private calm(): void {
    if ([...this.setpoints.values()].some(({ held }) => held !== undefined)) return;
    for (const path of this.setpoints.keys())
      this.o.alarms.set({ device: this.device, path }, 'foreign-writer', undefined);
  }

  private async watch(): Promise<void> {
    const { state } = this.o.driver;
    this.show(state);
    if (!state.isUp) this.forget();
    if (state.isOpen) await this.restore();
  }

  private show({ isUp, text }: DriverState): void {
    const said = `${isUp} ${text ?? ''}`;
    if (said === this.said) return;
    this.said = said;
    this.isShownUp = isUp;
    if (isUp) this.device.online(true);
    else this.device.online(false, text);
    this.o.smx.status(text === undefined ? 'ok' : isUp ? 'warning' : 'error', text ?? 'reads the router');
  }

  private forget(): void {
    this.mode = undefined;
    for (const setpoint of this.setpoints.values()) setpoint.forget();
  }

  /** What an earlier life left on the router goes back, unless the core has spoken of it since. */
  private async restore(): Promise<void> {
    if (this.isRestoring) return;
    this.isRestoring = true;
    try {
      for (const path of this.leftovers) {
        const setpoint = this.setpoints.get(path);
        const answer = await setpoint?.release();
        // what the router has no more under this config is nothing that could be put back
        if (setpoint === undefined) await this.o.memory.clear(path);
        if (answer === undefined || answer.outcome === 'applied') this.leftovers.delete(path);
      }
    } finally {
      this.isRestoring = false;
    }
  }

  private async refresh(): Promise<void> {
    if (!this.o.driver.state.isOpen) return;
    for (const setpoint of this.setpoints.values()) await setpoint.refresh();
  }

  /** What is still held goes back; what cannot now does so at the next start. */
  private async stop(): Promise<void> {
    if (!this.o.driver.state.isOpen) return;
    const releases = [...this.setpoints.values()]
      .filter(({ held }) => held !== undefined)
      .map((each) => each.release());
    let late: NodeJS.Timeout | undefined;
    const over = new Promise((resolve) => (late = setTimeout(resolve, LAST_WORDS)));
    await Promise.race([Promise.allSettled(releases), over]);
    clearTimeout(late);
  }
}
