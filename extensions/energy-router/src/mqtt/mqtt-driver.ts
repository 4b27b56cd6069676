import type { MqttLink, MqttMessage } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { encodeSenml } from '@smx-edge/protocols/senml';
import type { Bounds, Capabilities, DriverSink, DriverState, RouterDriver, Told } from '../driver.js';
import { boundsOf } from '../model/limits.js';
import { modeCode, MODES, type Phases } from '../model/modes.js';
import { SETPOINTS } from '../model/setpoints.js';
import { scaled } from '../model/scale.js';
import type { Settings } from '../settings.js';
import { topicsOf, type CommandReference, type MeasureReference } from './topics.js';
import { toldBy, type Wire } from './value.js';

export interface MqttDriverOptions {
  readonly settings: Settings;
  readonly link: MqttLink;
  /** ms UTC. */
  readonly now: () => number;
}

/** Intervals without a message after which a router is silent. */
const PATIENCE = 3;
const LEAST_PATIENCE = 10_000;
/** Messages of our own that may still come back, where others tell the router on the same topics. */
const MOST_SENT = 64;

/** An Energy Router that speaks MQTT as Storage4Grid has it. */
export class MqttDriver implements RouterDriver {
  readonly capabilities: Capabilities;
  private readonly wire: Wire;
  private readonly commands: ReadonlyMap<string, CommandReference>;
  private readonly measures: ReadonlyMap<string, MeasureReference>;
  /** Topics that only a router of the other kind has. */
  private readonly strange: ReadonlySet<string>;
  /** The newest of each topic, to tell news from what is only said again. */
  private readonly last = new Map<string, Told>();
  private readonly sent = new Set<string>();
  /** When the connection came about, or the router last told something; ms UTC. */
  private heard = 0;
  private isConnected = false;
  /** What is wrong with what comes, by topic. */
  private readonly troubles = new Map<string, string>();

  constructor(private readonly o: MqttDriverOptions) {
    const { settings } = o;
    const { phases, signs, limits } = settings;
    const { commands, measures } = topicsOf(phases);
    const modes = MODES[phases];
    this.wire = { signs, modes };
    this.commands = new Map(commands.map((each) => [each.path, each]));
    this.measures = new Map(measures.map((each) => [each.topic, each]));
    const others = topicsOf(other(phases)).measures.map(({ topic }) => topic);
    this.strange = new Set(others.filter((topic) => !this.measures.has(topic)));
    const bounds = (path: string): Bounds | undefined => {
      const { side } = SETPOINTS[path]!;
      return side && boundsOf(path, { side, limits });
    };
    const told = measures.map(({ path }) => path);
    this.capabilities = {
      modes,
      measures: [...new Set(told.filter((path) => SETPOINTS[path] === undefined))],
      shown: new Set(told.filter((path) => SETPOINTS[path] !== undefined)),
      setpoints: new Map(commands.map(({ path }) => [path, bounds(path)])),
    };
  }

  get state(): DriverState {
    const { link, settings, now } = this.o;
    const { status, text } = link.state;
    if (status === 'connecting' || status === 'closed') {
      this.isConnected = false;
      this.last.clear();
      this.troubles.clear();
      return { isOpen: false, isUp: false, text: text ?? 'connecting to the broker' };
    }
    if (!this.isConnected) this.heard = now();
    this.isConnected = true;
    const silence = now() - this.heard;
    if (silence > Math.max(LEAST_PATIENCE, PATIENCE * settings.interval))
      return { isOpen: true, isUp: false, text: this.silentText(silence) };
    const isUp = this.last.size > 0;
    const [trouble = isUp ? undefined : 'waiting for what the router tells'] = this.troubles.values();
    return { isOpen: true, isUp, ...(trouble !== undefined && { text: trouble }) };
  }

  connect(sink: DriverSink): void {
    const { link, settings } = this.o;
    const { measures, commands, watch } = settings.topics;
    link.subscribe(`${measures}#`, (message) => this.take(message, sink));
    for (const prefix of new Set(watch))
      link.subscribe(`${prefix}#`, (message) => this.overhear(message, { prefix, isOurs: prefix === commands, sink }));
  }

  async write(path: string, value: number | string): Promise<void> {
    const { link, settings, now } = this.o;
    const reference = this.commands.get(path);
    const number = typeof value === 'number' ? this.outward(path, value) : modeCode(this.wire.modes, value);
    if (reference === undefined || number === undefined)
      throw new SmxError('SMX_ROUTER_VALUE', `The router has no ${path} that could be ${value}`);
    const { name, unit, topic } = reference;
    const payload = encodeSenml({ name, value: number, t: now(), ...(unit !== '' && { unit }) });
    this.remember(`${settings.topics.commands}${topic} ${payload}`);
    await link.publish(`${settings.topics.commands}${topic}`, payload, { qos: 1 });
  }

  private take(message: MqttMessage, sink: DriverSink): void {
    const topic = message.topic.slice(this.o.settings.topics.measures.length);
    const reference = this.measures.get(topic);
    if (reference === undefined) {
      if (this.strange.has(topic))
        this.troubles.set(topic, `it tells ${topic}, as a router of ${other(this.o.settings.phases)} phases does; check \`phases\``); // prettier-ignore
      return;
    }
    const told = toldBy(reference, message, this.wire);
    if (message.retained && !this.isFresh(told, message.t)) return;
    // what only comes again must not look new: routers that hang tell their last values for ever
    const last = this.last.get(topic);
    if (told.t !== undefined && last?.t === told.t && last.value === told.value) return;
    this.last.set(topic, told);
    this.heard = message.t;
    this.isConnected = true;
    if (told.value === null) this.troubles.set(topic, `${message.topic}: ${told.reason ?? 'no value'}`);
    else this.troubles.delete(topic);
    sink.tell([told]);
  }

  /** What a broker kept is as old as its sender says, or nobody knows how old. */
  private isFresh({ t }: Told, now: number): boolean {
    return t !== undefined && Math.abs(now - t) <= Math.max(LEAST_PATIENCE, PATIENCE * this.o.settings.interval);
  }

  /** Somebody tells the router something; what we said ourselves comes back as well. */
  private overhear(message: MqttMessage, from: { prefix: string; isOurs: boolean; sink: DriverSink }): void {
    const { prefix, isOurs, sink } = from;
    if (isOurs && this.sent.delete(`${message.topic} ${Buffer.from(message.payload).toString('utf8')}`)) return;
    const topic = message.topic.slice(prefix.length);
    const reference = [...this.commands.values()].find((each) => each.topic === topic);
    if (reference === undefined || message.retained) return;
    const { value } = toldBy(reference, message, this.wire);
    if (value !== null) sink.foreign({ writer: prefix.replace(/\/$/, ''), path: reference.path, value });
  }

  private outward(path: string, value: number): number {
    const side = SETPOINTS[path]?.side;
    return scaled(value * (side === undefined ? 1 : this.wire.signs[side]), 0);
  }

  private remember(message: string): void {
    if (!this.o.settings.topics.watch.includes(this.o.settings.topics.commands)) return;
    this.sent.add(message);
    const [oldest] = this.sent;
    if (this.sent.size > MOST_SENT && oldest !== undefined) this.sent.delete(oldest);
  }

  private silentText(ms: number): string {
    const { measures } = this.o.settings.topics;
    return this.last.size === 0
      ? `the broker is there, but nothing comes on ${measures}#; check that the router is on, that its login may publish there, and \`measures\``
      : `the router has told nothing for ${Math.round(ms / 1000)} s`;
  }
}

const other = (phases: Phases): Phases => (phases === 'one' ? 'three' : 'one');
