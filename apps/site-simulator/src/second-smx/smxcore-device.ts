import type { FaultRules } from '../line/index.js';
import { MqttDevice, type MqttDeviceOptions, type MqttTools } from '../mqtt/index.js';
import { obisJson } from './obis-json.js';

/**
 * What can be wrong with an SMXCore: nothing comes (`silence`), its connection goes (`cut`), what is old comes as if it was new and with
 * its own times (`stuck`), an `empty` body, the `bare` text of one value, as it sends where no more than that matches, what is no JSON
 * (`garbage`), and a `clock` that is off.
 */
type SmxCoreFault = (typeof KINDS)[number];

const KINDS = ['silence', 'cut', 'stuck', 'empty', 'bare', 'garbage', 'clock'] as const;

export const SMXCORE_FAULTS = {
  kinds: KINDS,
  counted: 'telegrams',
  times: {},
  once: ['cut'],
} as const satisfies FaultRules<SmxCoreFault>;

export interface SmxCoreOptions extends MqttDeviceOptions<SmxCoreFault> {
  /** Begin of its topic, as `EDYNA-0003`. */
  readonly gateway: string;
  /** ms of the house between two messages. */
  readonly interval: number;
  /** Of its current transformers; 1 = none. */
  readonly ratio: number;
}

/** A box of Storage4Grid with this house on it: OBIS codes in JSON on `<gateway>/Data`, with no last will and nothing retained. */
export class SmxCoreDevice extends MqttDevice<SmxCoreFault> {
  private last = -Infinity;
  private text = '';

  private constructor(
    private readonly o: SmxCoreOptions,
    tools: MqttTools,
  ) {
    super(o, tools, SMXCORE_FAULTS);
  }

  /** Resolves before it is at its broker. Rejects SMX_SIMULATOR_SETPOINT. */
  static async open(options: SmxCoreOptions, tools: MqttTools): Promise<SmxCoreDevice> {
    const device = new SmxCoreDevice(options, tools);
    await device.begin({ filters: [], onMessage: () => undefined });
    return device;
  }

  override tick(): void {
    const { house } = this.tools;
    if (!this.isUp || house.t - this.last < this.o.interval) return;
    this.last = house.t;
    const struck = this.faults.strike();
    if (struck.has('cut')) this.cut();
    if (struck.has('silence') || struck.has('cut')) return;
    const t = house.t + (struck.get('clock') ?? 0);
    if (!struck.has('stuck') || this.text === '') this.text = JSON.stringify(obisJson(house, { ...this.o, t }));
    const said = struck.has('empty') ? '' : struck.has('bare') ? String(house.meter.power) : this.text;
    this.publish(`${this.o.gateway}/Data`, struck.has('garbage') ? said.slice(0, -2) : said, { qos: 1 });
  }
}
