import { SmxError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import type { OpenOptions } from '../context.js';
import type { ModbusLink, ModbusOptions, OpenModbus } from '../modbus/types.js';
import type { MqttLink, MqttOptions, OpenMqtt } from '../mqtt/types.js';
import { parseSource } from '../transports/source.js';
import type {
  Line,
  LineListener,
  LineOptions,
  LineState,
  ListenLines,
  OpenLine,
  SerialDoor,
} from '../transports/types.js';
import type { WireStart } from '../wire.js';
import { ms } from './point-init.js';
import type { Recording } from './recording.js';
import { seldomLog } from './seldom-log.js';

export interface LineMakers {
  readonly openLine: OpenLine;
  readonly listenLines: ListenLines;
  /** Absent where bytes are replayed: an answer belongs to its request. */
  readonly openModbus?: OpenModbus;
  /** Absent where bytes are replayed: a broker takes part in what is said. */
  readonly openMqtt?: OpenMqtt;
}

export interface LinesOptions {
  readonly makers: LineMakers;
  readonly clock: Clock;
  readonly log: Log;
  readonly serial: SerialDoor;
  readonly permissions: WireStart['permissions'];
  readonly recording: Recording;
  /** A line's state changed; null = the line is gone. */
  onState(ref: number, state: LineState | null): void;
}

/** How often the host hears the counters of lines whose state does not change, ms. */
const TELL_EVERY = 5000;
const MODBUS_TIMEOUT = 3000;
const LISTENING = new Set(['tcp-listen:', 'udp:']);
const WITHOUT_NETWORK = new Set(['serial:', 'file:']);

/** What keeps a state that the host is told of. */
type Watched = Line | ModbusLink | MqttLink;
type Owned = Watched | LineListener;

/** The lines of an instance, closed together at its stop. */
export class Lines {
  private readonly open = new Set<Owned>();
  /** By source without its settings: a device takes few connections, and one request at a time. */
  private readonly links = new Map<string, ModbusLink>();
  /** Open lines with what was last told of them: bytes and frames, good and bad. */
  private readonly told = new Map<Watched, { readonly ref: number; sum: number }>();
  /** Of sources that were open before. */
  private readonly seldom = new Map<string, Log>();
  private last = 0;
  private timer: Disposable | undefined;

  constructor(private readonly o: LinesOptions) {}

  openLine(source: string, options: OpenOptions = {}): Line {
    this.check(source, options);
    const ref = ++this.last;
    if (options.recording !== undefined) this.o.recording.limit(ref, options.recording);
    const line = this.o.makers.openLine(source, { ...this.options(ref, options), log: this.logOf(source) });
    return this.watched(line, ref);
  }

  modbus(source: string, options: ModbusOptions = {}): ModbusLink {
    this.check(source);
    const { openModbus } = this.o.makers;
    if (openModbus === undefined)
      throw new SmxError(
        'SMX_NOT_AVAILABLE',
        `A capture cannot be replayed to a driver that asks by Modbus (${source})`,
      );
    const { label } = parseSource(source);
    const known = this.links.get(label);
    if (known !== undefined && known.state.status !== 'closed') return known;
    const ref = ++this.last;
    const timeout = options.timeout === undefined ? MODBUS_TIMEOUT : ms(options.timeout);
    const link = this.watched(openModbus(source, { ...this.options(ref, {}), timeout }), ref);
    this.links.set(label, link);
    return link;
  }

  mqtt(source: string, { user, password, tls }: MqttOptions = {}): MqttLink {
    this.check(source);
    const { openMqtt } = this.o.makers;
    if (openMqtt === undefined)
      throw new SmxError('SMX_NOT_AVAILABLE', `A capture cannot be replayed to a driver that speaks MQTT (${source})`);
    const ref = ++this.last;
    const link = openMqtt(source, {
      ...this.options(ref, tls === undefined ? {} : { tls }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
    });
    return this.watched(link, ref);
  }

  listen(source: string, options: OpenOptions = {}): LineListener {
    this.check(source);
    const ref = ++this.last;
    const peers = options.peers === undefined ? {} : { peers: options.peers };
    return this.keep(this.o.makers.listenLines(source, { ...this.options(ref, options), ...peers }));
  }

  async close(): Promise<void> {
    const open = [...this.open];
    this.open.clear();
    this.links.clear();
    this.told.clear();
    this.timer?.dispose();
    await Promise.all(open.map((line) => line.close()));
  }

  /** A line that is well changes no state for days; its counters go on. */
  private tell(): void {
    for (const [line, told] of this.told) {
      const { state } = line;
      const { counters } = state;
      const sum = counters.bytesIn + counters.bytesOut + counters.framesOk + counters.framesBad;
      if (state.status === 'closed') this.told.delete(line);
      else if (sum !== told.sum) this.o.onState(told.ref, state);
      told.sum = sum;
    }
    this.timer = this.told.size === 0 ? undefined : this.o.clock.after(TELL_EVERY, () => this.tell());
  }

  private watched<T extends Watched>(line: T, ref: number): T {
    this.told.set(line, { ref, sum: 0 });
    this.timer ??= this.o.clock.after(TELL_EVERY, () => this.tell());
    return this.keep(line);
  }

  private keep<T extends Owned>(line: T): T {
    this.open.add(line);
    return line;
  }

  /** One that is opened again and again has nothing new to say each time. */
  private logOf(source: string): Log {
    const { log, clock } = this.o;
    const again = this.seldom.get(source);
    if (again === undefined) this.seldom.set(source, seldomLog(log, clock));
    return again ?? log;
  }

  private options(ref: number, { idle, tls, remote }: OpenOptions): LineOptions {
    const { clock, log, serial, recording } = this.o;
    return {
      log,
      clock,
      serial,
      record: (direction, bytes, t) => {
        if (recording.ref === ref) recording.take(direction, bytes, t);
      },
      onState: (state) => this.o.onState(ref, state.status === 'closed' ? null : state),
      ...(idle === undefined ? {} : { idle: ms(idle) }),
      ...(tls === undefined ? {} : { tls }),
      ...(remote === undefined ? {} : { remote }),
    };
  }

  /** What the manifest does not ask for is refused here too, so that an author notices; the host holds serial lines itself. */
  private check(source: string, { remote = false }: OpenOptions = {}): void {
    const scheme = /^[a-z0-9+-]+:/.exec(source)?.[0] ?? '';
    const { permissions } = this.o;
    const missing =
      LISTENING.has(scheme) && !(remote && scheme === 'udp:')
        ? !permissions.listen && 'listen'
        : scheme.startsWith('serial') || scheme.includes('+rtu')
          ? !permissions.serial && 'serial'
          : scheme !== '' && !WITHOUT_NETWORK.has(scheme) && !permissions.network && 'network';
    if (missing !== false)
      throw new SmxError(
        'SMX_EXTENSION_PERMISSION',
        `${scheme}// needs the permission "${missing}": ask for it under smx.permissions of package.json, and for an installed package repeat it under allow:`,
      );
  }
}
