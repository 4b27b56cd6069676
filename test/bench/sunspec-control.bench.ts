import { setTimeout as pause } from 'node:timers/promises';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { SunSpecUnit } from '@smx-edge/extension-api/sunspec';
import { silentLog, systemClock } from '@smx-edge/model';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import type { Bench, BenchRow } from './row.js';
import { ControlBox, POINT } from './support/control-box.js';

type Row = BenchRow & { readonly better: 'less' };

const LONG = process.env['SMX_BENCH_LONG'] === '1';
const LEASES = LONG ? 200 : 5;
const DEATHS = LONG ? 50 : 3;
const STORAGE = 124;
const AUTOMATIC = 0;

/** The registers of the inverter, asked by somebody else than the box. */
class Registers {
  private readonly link: ReturnType<typeof openModbus>;
  private readonly sunspec: SunSpecUnit;

  constructor(source: string) {
    this.link = openModbus(source, { log: silentLog, clock: systemClock, timeout: 3000 });
    this.sunspec = new SunSpecUnit(this.link.unit(1));
  }

  /** Resolves with the monotonic time at which the mode of the store is this, and a rate that was asked for. */
  async until(mode: number, percent?: number): Promise<number> {
    for (;;) {
      const fields = (await this.sunspec.read([STORAGE])).models[0]?.fields ?? {};
      const isThere = fields['StorCtl_Mod']?.value === mode && (percent === undefined || fields['InWRte']?.value === percent); // prettier-ignore
      if (isThere) return performance.now();
      await pause(10);
    }
  }

  close(): Promise<void> {
    return this.link.close();
  }
}

class Rig {
  private percent = 20;

  constructor(
    readonly box: ControlBox,
    private readonly registers: Registers,
  ) {}

  /** Has the battery charge, each time with another power; when its registers had it, and when the lease of that ends, ms UTC. */
  async hold(lease = '10m'): Promise<{ took: number; until: number }> {
    this.percent = this.percent === 60 ? 20 : this.percent + 1;
    for (;;) {
      const begun = performance.now();
      const body = { point: POINT, value: 50 * this.percent, for: lease };
      const { id = '' } = await this.box.ask<{ id?: string }>('commands', { method: 'POST', body });
      const { state, until } = await this.box.ask<{ state?: string; until: number }>(`commands/${id}`);
      if (state !== undefined && state !== 'refused')
        return { took: (await this.registers.until(3, this.percent)) - begun, until };
      // what has just come up or back does not take commands yet
      await pause(100);
    }
  }

  back(): Promise<number> {
    return this.registers.until(AUTOMATIC);
  }
}

/** Longest times in s: from a command to the registers, and from the end of a lease until they are automatic. */
async function leases(rig: Rig): Promise<{ there: number; back: number }> {
  let [there, back] = [0, 0];
  for (let i = 0; i < LEASES; i++) {
    const { took, until } = await rig.hold('3s');
    there = Math.max(there, took);
    const due = performance.now() + (until - Date.now());
    back = Math.max(back, (await rig.back()) - due);
    // the rate of the party, and the pause between writes to the device
    await pause(1500);
  }
  return { there: there / 1000, back: back / 1000 };
}

/** Longest time from the death of the reader's process until the registers are automatic, s. */
async function deviceDeaths(rig: Rig): Promise<number> {
  let longest = 0;
  for (let i = 0; i < DEATHS; i++) {
    await rig.hold();
    const [instance] = await rig.box.ask<{ pid: number }[]>('extensions');
    const begun = performance.now();
    process.kill(instance!.pid, 'SIGKILL');
    longest = Math.max(longest, (await rig.back()) - begun);
    // its deaths are forgiven, or the rule of restarts would wait longer each time
    await rig.box.ask('extensions/roof/restart', { method: 'POST' });
    await pause(1000);
  }
  return longest / 1000;
}

/** Longest time from the restart of a core that died until the registers are automatic, s. */
async function coreDeaths(rig: Rig): Promise<number> {
  let longest = 0;
  for (let i = 0; i < DEATHS; i++) {
    await rig.hold();
    await rig.box.kill('SIGKILL');
    const begun = performance.now();
    const ready = rig.box.start();
    longest = Math.max(longest, (await rig.back()) - begun);
    await ready;
  }
  return longest / 1000;
}

async function run(): Promise<readonly Row[]> {
  // one without a timer of its own: what it was told stands there until the box takes it back
  const device = { protocol: 'sunspec', name: 'inverter', flavour: 'datamanager', port: 0 };
  const site = await startSite(parseSiteConfig({ meters: [], battery: { soc: 50 }, devices: [device] }));
  const { source } = site.devices.get('inverter')!;
  const section = { use: 'sunspec', control: 'on', config: { source, units: [1] } };
  const box = await ControlBox.prepare({ extensions: { roof: section } });
  const registers = new Registers(source);
  try {
    await box.start();
    const rig = new Rig(box, registers);
    const { there, back } = await leases(rig);
    return [
      row('set-point in the registers after its command, longest', there, 1),
      row('automatic mode in the registers after the end of a lease, longest', back, 1),
      row('automatic mode after kill -9 of the extension, longest', await deviceDeaths(rig), 5),
      row('automatic mode after kill -9 of the core, longest from the restart', await coreDeaths(rig), 5),
    ];
  } finally {
    await box.dispose();
    await registers.close();
    await site.stop();
  }
}

const row = (name: string, figure: number, target: number): Row => ({
  name: `SunSpec control: ${name}`,
  ...{ figure, unit: 's', target, limit: null, better: 'less' },
});

export const bench: Bench = { name: 'sunspec-control', run };
