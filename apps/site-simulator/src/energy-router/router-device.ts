import { MqttDevice, type MqttDeviceOptions, type MqttTools } from '../mqtt/index.js';
import { COMMAND_FAULTS, ROUTER_FAULTS, type RouterFault } from './router-faults.js';
import { EnergyRouter } from './router.js';
import { record, valueOf } from './senml.js';
import { MEASURES, MEASURES_PREFIX, readBacks, SETPOINTS, WRITERS, type Reference, type RouterPhases } from './topics.js'; // prettier-ignore

export interface RouterOptions extends MqttDeviceOptions<RouterFault> {
  readonly phases: RouterPhases;
  /** ms of the house between two reports. */
  readonly interval: number;
}

type Struck = ReadonlyMap<RouterFault, number>;

const FORMS: Readonly<Record<string, (each: object) => string>> = {
  garbage: () => '[{"v":12.5,"u":"W","t":15429',
  object: (each) => JSON.stringify(each),
};

/** The house's Energy Router as a client of a broker. */
export class RouterDevice extends MqttDevice<RouterFault> {
  private readonly router: EnergyRouter;
  /** What it was told, where it shows that in place of what is in force. */
  private readonly told = new Map<string, number>();
  private last = -Infinity;

  private constructor(
    private readonly o: RouterOptions,
    tools: MqttTools,
  ) {
    super(o, tools, ROUTER_FAULTS);
    this.router = new EnergyRouter(tools.house, o.phases);
  }

  /** Resolves before it is at its broker. Rejects SMX_SIMULATOR_SETPOINT. */
  static async open(options: RouterOptions, tools: MqttTools): Promise<RouterDevice> {
    const device = new RouterDevice(options, tools);
    const filters = WRITERS.flatMap((writer) => SETPOINTS[options.phases].map(({ path }) => `${writer}${path}`));
    await device.begin({ filters, onMessage: (topic, payload) => device.take(topic, payload) });
    return device;
  }

  /** All that it tells, once in each interval. */
  override tick(): void {
    const { t } = this.tools.house;
    if (!this.isUp || t - this.last < this.o.interval) return;
    this.last = t;
    const struck = this.faults.strike((kind) => !COMMAND_FAULTS.includes(kind));
    if (struck.has('cut')) this.cut();
    if (struck.has('silence') || struck.has('cut')) return;
    const { measured } = this.router;
    for (const reference of MEASURES[this.o.phases]) this.say(reference, measured[reference.name], struck);
    for (const reference of readBacks(this.o.phases)) this.say(reference, this.shown(reference.name), struck);
  }

  protected override goes(): void {
    this.router.reset();
    this.told.clear();
  }

  private shown(name: string): number | undefined {
    return this.told.get(name) ?? this.router.inForce[name];
  }

  private say({ name, unit, path }: Reference, value: number | undefined, struck: Struck): void {
    if (value === undefined) return;
    const t = this.tools.house.t + (struck.get('clock') ?? 0);
    const each = record(struck.has('text') ? String(value) : value, { u: unit, t, n: name });
    const form = Object.keys(FORMS).find((kind) => struck.has(kind as RouterFault));
    this.publish(`${MEASURES_PREFIX}${path}`, form === undefined ? JSON.stringify([each]) : FORMS[form]!(each), { qos: 1 }); // prettier-ignore
  }

  /** A command of any writer: the newest holds. It is acknowledged by the set-point as it is then. */
  private take(topic: string, payload: Uint8Array): void {
    const writer = WRITERS.find((each) => topic.startsWith(each));
    const reference = SETPOINTS[this.o.phases].find(({ path }) => topic === `${writer}${path}`);
    const value = valueOf(payload);
    if (!this.isUp || reference === undefined || value === undefined) {
      this.tools.log.debug('no command', { topic });
      return;
    }
    const struck = this.faults.strike((kind) => COMMAND_FAULTS.includes(kind));
    if (struck.has('deaf')) return;
    const { name } = reference;
    if (!struck.has('ignore') && name !== 'PGridRef') this.router.set(name, value);
    if (struck.has('ignore') || struck.has('echo') || name === 'PGridRef') this.told.set(name, value);
    else this.told.delete(name);
    if (readBacks(this.o.phases).includes(reference)) this.say(reference, this.shown(name), new Map());
  }
}
