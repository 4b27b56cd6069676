import type { FaultRules } from '../line/index.js';
import { MqttDevice, type MqttDeviceOptions, type MqttTools } from '../mqtt/index.js';
import { CertainLane } from './certain-lane.js';
import { catalogueOf, pointsOf, type Catalogue, type HousePoint } from './points.js';

/**
 * What can be wrong with another SMX. It tells nothing (`silence`), or nothing new, as of a meter that has stopped (`stale`), what is no
 * JSON (`garbage`), or by a `clock` that is off; it loses its broker without a farewell (`cut`), or `restart`s with one. A batch is dropped,
 * and says so (`gap`), or its number is missing (`hole`); its store is lost (`epoch`).
 */
type SmxFault = (typeof KINDS)[number];

const KINDS = ['silence', 'cut', 'stale', 'garbage', 'clock', 'gap', 'hole', 'epoch', 'restart'] as const;
const OF_BATCHES: readonly SmxFault[] = ['gap', 'hole', 'epoch'];

export const SMX_FAULTS = {
  kinds: KINDS,
  counted: 'telegrams',
  times: { restart: 3000 },
  once: ['cut', 'gap', 'hole', 'epoch'],
} as const satisfies FaultRules<SmxFault>;

export interface SmxOptions extends MqttDeviceOptions<SmxFault> {
  readonly site: string;
  /** Whom its messages are for: the segment behind the site. */
  readonly party: string;
  /** ms of the house in a batch. */
  readonly batch: number;
}

type Row = readonly [t: number, values: readonly number[]];

/** Another box with this house on it, as a party of its broker sees it: protocol smx/1 (contracts §5). */
export class SmxDevice extends MqttDevice<SmxFault> {
  private readonly base: string;
  private readonly points: readonly HousePoint[];
  private readonly catalogue: Catalogue;
  private readonly lane: CertainLane;
  private epoch = 1;
  private boot: number;
  private rows: Row[] = [];
  /** What it showed last, which is what it goes on showing where its meter has stopped. */
  private shown: readonly number[];

  private constructor(
    private readonly o: SmxOptions,
    tools: MqttTools,
  ) {
    super(o, tools, SMX_FAULTS);
    const { house, clock } = tools;
    this.base = `smx/1/${o.site}/${o.party}`;
    this.points = pointsOf(house);
    this.boot = house.t;
    this.catalogue = catalogueOf(this.points, this.boot);
    this.lane = new CertainLane(clock, this.epoch);
    this.shown = this.read();
  }

  /** Resolves before it is at its broker. Rejects SMX_SIMULATOR_SETPOINT. */
  static async open(options: SmxOptions, tools: MqttTools): Promise<SmxDevice> {
    const device = new SmxDevice(options, tools);
    const { base } = device;
    await device.begin({
      filters: [`${base}/ack/inst`],
      will: { topic: `${base}/state`, payload: Buffer.from(device.state('lost')), qos: 1, retain: true },
      onConnect: () => device.comes(),
      onMessage: (_topic, payload) => device.lane.acknowledge(payload),
    });
    return device;
  }

  override tick(): void {
    if (this.isOff) return;
    const struck = this.faults.strike((kind) => !OF_BATCHES.includes(kind));
    if (!struck.has('stale')) this.shown = this.read();
    const t = this.tools.house.t + (struck.get('clock') ?? 0);
    if (!struck.has('stale')) this.rows.push([t, this.shown]);
    if (t - (this.rows[0]?.[0] ?? t) >= this.o.batch) this.cutBatch();
    if (struck.has('cut')) this.cut();
    if (!this.isUp || struck.has('silence') || struck.has('cut')) return;
    const v = Object.fromEntries(this.points.map(({ path }, i) => [path, this.shown[i]]));
    const q = struck.has('stale') ? { q: Object.fromEntries(this.points.map(({ path }) => [path, 'stale'])) } : {};
    const text = JSON.stringify({ t, v, ...q });
    this.publish(`${this.base}/now`, struck.has('garbage') ? text.slice(0, -9) : text, { retain: true });
    for (const batch of this.lane.due()) this.publish(`${this.base}/t/inst`, batch, { qos: 1 });
  }

  protected override goes(): void {
    this.publish(`${this.base}/state`, this.state('closing'), { qos: 1, retain: true });
    this.boot = this.tools.house.t;
  }

  /** It is at its broker, or has begun anew. */
  protected override comes(): void {
    if (!this.isUp) return;
    const kept = { qos: 1, retain: true } as const;
    this.publish(`${this.base}/state`, this.state('online'), kept);
    this.publish(`${this.base}/cat`, this.catalogue.text, kept);
    this.lane.online();
  }

  private read(): readonly number[] {
    return this.points.map(({ value }) => value(this.tools.house));
  }

  private cutBatch(): void {
    const struck = this.faults.strike((kind) => OF_BATCHES.includes(kind));
    if (struck.has('epoch')) {
      this.lane.begin(++this.epoch);
      this.comes();
    }
    if (struck.has('hole')) this.lane.skip();
    const { rows } = this;
    this.rows = [];
    const [t0] = rows[0]!;
    const body = { cat: this.catalogue.hash, t0, t: rows.map(([t]) => t - t0), id: this.points.map(({ id }) => id), r: rows.map(([, values]) => values) }; // prettier-ignore
    this.lane.add(body, { from: t0, to: rows.at(-1)![0] });
    if (struck.has('gap')) this.lane.drop();
  }

  private state(s: 'online' | 'lost' | 'closing'): string {
    const { house } = this.tools;
    const head = this.lane.head[1] === 0 ? {} : { inst: this.lane.head };
    return JSON.stringify({ s, since: house.t, boot: this.boot, epoch: this.epoch, head, cat: this.catalogue.hash, clock: 'ok', version: '0.1.0', ledger: null }); // prettier-ignore
  }
}
