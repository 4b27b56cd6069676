import { silentLog, VirtualClock } from '@smx-edge/model';
import { Alarms } from '../src/alarms.js';
import { defineExtension } from '../src/define.js';
import { runExtension, type Harness } from '../src/runtime/index.js';
import { CONTROL_IDS, SunSpecControl } from '../src/sunspec/control/sunspec-control.js';
import { SunSpecUnit } from '../src/sunspec/sunspec-unit.js';
import { ControlUnit, HastyClock } from './control-unit.js';

export const SETPOINT = 'battery/power/setpoint';
export const CHARGE = 'battery/power/charge-limit';
export const DISCHARGE = 'battery/power/discharge-limit';
export const RESERVE = 'battery/reserve';
export const LIMIT = 'inverter/power/limit';
export const EXPORT = 'inverter/export/limit';
export const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };

/** An inverter without a line, and lives of an extension that controls it and polls when it is told to. */
export class ControlRig {
  unit = new ControlUnit();
  clock = new HastyClock();
  /** What the instance keeps time with, where a test lets it pass. */
  time = new VirtualClock();
  harness!: Harness;
  private control!: SunSpecControl;
  private sunspec!: SunSpecUnit;

  async begin(
    state: Readonly<Record<string, unknown>> = {},
    revert: number | 'heartbeat' = 0,
    writeInterval?: number,
  ): Promise<void> {
    this.clock = new HastyClock();
    this.time = new VirtualClock();
    const { clock, time, unit } = this;
    const extension = defineExtension({
      start: async (smx) => {
        this.sunspec = new SunSpecUnit(unit);
        const [battery, inverter] = [smx.device('battery'), smx.device('inverter')];
        const alarms = await Alarms.load(smx.state, silentLog);
        this.control = new SunSpecControl({
          smx,
          alarms,
          unit: this.sunspec,
          key: '1',
          battery,
          inverter,
          clock,
          writeInterval,
          ...(revert === 'heartbeat' ? {} : { revert }),
        });
        await this.poll();
      },
    });
    this.harness = runExtension(extension, { config: {}, state, clock: time });
    await this.harness.until(() => this.harness.seen.refOf(LIMIT) !== undefined);
  }

  /** The next life, with what the last one kept; that one has had no time to end. */
  again(): Promise<void> {
    return this.begin(Object.fromEntries(this.harness.seen.state));
  }

  async poll(): Promise<void> {
    await this.control.see((await this.sunspec.read(CONTROL_IDS)).models);
  }

  /** A second of a house that could give `pv` and takes `load`, W: what the inverter gives of it, and what is exported then. */
  async second(
    pv: number,
    load: number,
    isMetered = true,
  ): Promise<{ readonly output: number; readonly exported: number }> {
    const { WMaxLimPct, WMaxLim_Ena } = this.unit.values(123);
    const output = WMaxLim_Ena === 1 ? Math.min(pv, WMaxLimPct! * 100) : pv;
    this.clock.pass(1000);
    await this.control.see((await this.sunspec.read(CONTROL_IDS)).models, output);
    if (isMetered) this.control.meter(load - output, 10_000);
    // what follows the meter waits for nobody here
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    return { output, exported: output - load };
  }

  shown(path: string): unknown {
    return this.harness.seen.values.get(path)?.value;
  }

  window(): unknown {
    const { StorCtl_Mod, OutWRte, InWRte } = this.unit.values(124);
    return { StorCtl_Mod, OutWRte, InWRte };
  }

  limit(): unknown {
    const { WMaxLimPct, WMaxLim_Ena } = this.unit.values(123);
    return { WMaxLimPct, WMaxLim_Ena };
  }
}
