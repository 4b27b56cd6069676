import {
  applied,
  defineExtension,
  refused,
  type Device,
  type ProfileRow,
  type SmxContext,
} from '@smx-edge/extension-api';
import { describeError, SmxError } from '@smx-edge/model';
import { Battery, type BatteryMemory } from './battery.js';
import { HABITS, obey, type Habit } from './habits.js';

/** As config.schema.json says; the box has checked it and filled in the defaults. */
export interface VirtualConfig {
  readonly sensor: string;
  readonly battery: string;
  readonly capacity: number;
  readonly limit: number;
  readonly ramp: number;
  readonly soc: number;
  readonly remembers: boolean;
  readonly interval: number;
  readonly answer: Habit;
}

interface Running {
  answer: Habit;
  /** Tells how the battery is, as an event with a file. */
  report(): Promise<void>;
}

/** A call finds its instance by the context it gets. */
const running = new WeakMap<SmxContext<VirtualConfig>, Running>();

const SECOND = 1000;
const QUARTER = 900 * SECOND;
const DAY = 24 * 3600 * SECOND;

/** A day like others: 16 °C at two in the morning, 24 °C at two in the afternoon (UTC). */
function temperatureAt(t: number): number {
  const angle = ((t % DAY) / DAY - 14 / 24) * 2 * Math.PI;
  return Math.round((20 + 4 * Math.cos(angle)) * 10) / 10;
}

function declare(battery: Device): void {
  battery.point('soc', { unit: '%' });
  battery.point('power', { unit: 'W' });
  battery.point('state', { type: 'string', kind: 'state' });
  battery.point('energy/charged', { unit: 'Wh' });
  battery.point('energy/discharged', { unit: 'Wh' });
}

async function start(smx: SmxContext<VirtualConfig>): Promise<void> {
  const { config } = smx;
  const sensor = smx.device(config.sensor, { kind: 'sensor', model: 'virtual', interval: '10s' });
  sensor.point('temperature', { unit: 'Cel' });
  const battery = smx.device(config.battery, { kind: 'battery', model: 'virtual', interval: '1s' });
  declare(battery);

  // what it held survives a restart, as in a real one
  const kept = await smx.state.get<BatteryMemory>('battery');
  const model = new Battery(config, kept ?? { soc: config.soc, charged: 0, discharged: 0 });

  const report = (): Promise<void> => {
    const bytes = Buffer.from(JSON.stringify(model.memory));
    return battery.event('report', {
      text: 'How the battery is, as it was asked for',
      files: [{ name: 'battery.json', type: 'application/json', bytes }],
    });
  };
  const mine: Running = { answer: config.answer, report };
  running.set(smx, mine);

  // what a meter with a memory of its own gives: a row at the end of each quarter of an hour, kept for good
  const load = battery.profile('load', {
    period: '15m',
    columns: [
      { obis: '1-0:1.8.0', unit: 'Wh', scaler: -1 },
      { obis: '1-0:2.8.0', unit: 'Wh', scaler: -1 },
    ],
  });
  const record = async (end: number): Promise<void> => {
    const { charged, discharged } = model.memory;
    const row: ProfileRow = [end, 0, charged.toFixed(1), discharged.toFixed(1)];
    try {
      // this row again after a cut or a clock that was set is no harm: what is kept stays
      await load.append([row], { source: Buffer.from(JSON.stringify(row)) });
    } catch (error) {
      smx.log.warn('a row of the load profile was not kept', { error: describeError(error) });
    }
  };

  // a real one goes on with what it was told while nobody spoke to it
  const register = config.remembers ? ((await smx.state.get<number>('register')) ?? 0) : 0;
  const show = (): void => {
    const { soc, charged, discharged } = model.memory;
    const { power, state } = model;
    battery.set({ soc, power, state, 'energy/charged': charged, 'energy/discharged': discharged });
  };
  let last = smx.now();
  const step = (): void => {
    const now = smx.now();
    // a clock that was set must not move energy
    model.step(Math.min(10, Math.max(0, (now - last) / SECOND)));
    const end = Math.floor(now / QUARTER) * QUARTER;
    if (last < end) void record(end);
    last = now;
    show();
  };
  const aim = (value: number): number => {
    const taken = model.aim(value);
    setpoint.set(taken);
    if (config.ramp === 0) step();
    if (config.remembers)
      smx.state
        .set('register', taken)
        .catch((error: unknown) => smx.log.warn('not kept', { error: describeError(error) }));
    return taken;
  };
  const setpoint = battery.setpoint(
    'power/setpoint',
    { unit: 'W', min: -5000, max: 5000, default: 0, verify: 'power', maxAge: 0, interval: config.interval },
    ({ value }) =>
      typeof value === 'number'
        ? obey(mine.answer, value, { register: { aim }, smx })
        : refused('VIRTUAL_NO_NUMBER', 'power is a number of watts'),
    () => applied(aim(0)),
  );
  aim(register);

  const look = (): void => sensor.set({ temperature: temperatureAt(smx.now()) });
  const keep = (): Promise<void> => smx.state.set('battery', model.memory);

  show();
  look();
  smx.every('1s', step);
  smx.every('10s', look);
  smx.every('1m', keep);
  smx.onStop(keep);
  smx.status('ok', 'plays a sensor and a battery');
}

function ofRunning(smx: SmxContext<VirtualConfig>): Running {
  const mine = running.get(smx);
  if (mine === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The virtual device is not up yet');
  return mine;
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;
const BEHAVE = {
  type: 'object',
  required: ['answer'],
  additionalProperties: false,
  properties: { answer: { enum: HABITS } },
} as const;

/** A sensor and a battery without hardware: the worked example, and a device to try commands on. */
export default defineExtension<VirtualConfig>({
  start,
  test: () => ({ ok: true, text: 'a virtual device is always there' }),
  async *discover(source) {
    yield { progress: 0.5, text: `nothing has to be asked${source === '' ? '' : ` of ${source}`}` };
    yield { progress: 1, found: { title: 'Virtual sensor and battery', config: {} } };
  },
  calls: {
    /** From now on the battery does this with commands. */
    behave: {
      args: BEHAVE,
      detail: 'answer',
      run: (args, smx) => {
        const mine = ofRunning(smx);
        mine.answer = (args as { answer: Habit }).answer;
        return { answer: mine.answer };
      },
    },
    /** An event with a file, as a meter gives that records what happened. */
    report: { args: NO_ARGUMENTS, run: (_args, smx) => ofRunning(smx).report() },
  },
});
