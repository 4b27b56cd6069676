import type { CounterNews, Device, GuardedCounters, SmxContext } from '@smx-edge/extension-api';
import type { UnitDevices } from '@smx-edge/extension-api/sunspec';
import { describeError } from '@smx-edge/model';
import type { Way } from './blend.js';
import { Energies } from './energies.js';
import { fitsByPlace, hasPlace, sharesSerial, type Identity } from './identity.js';
import type { Names } from './names.js';
import { withTwoWays } from './two-ways.js';
import { SiteDevice, type DeviceReading } from './site-device.js';

/** What a way told of one device: who it is, and its values. */
export interface DevicePart extends Identity, DeviceReading {
  readonly manufacturer?: string;
  readonly model?: string;
}

export interface SiteDevicesOptions {
  readonly smx: SmxContext;
  readonly names: Names;
  readonly counters: GuardedCounters;
  /** Whether both ways lead to one host, so that numbers mean the same. */
  readonly isOneHost: boolean;
  readonly hasModbus: boolean;
  /** Usual time between two powers of such a device, and for how long its counters are waited for, ms. */
  rhythm(way: Way, part: DevicePart): { readonly period: number; readonly settle: number };
  readonly monotonic: () => number;
}

/** For so long after the start registers are waited for, ms. */
const HEAD_START = 10_000;
/** A logger has 100 inverters at most, and hardly ever more than ten. */
const MOST = 200;

interface Known {
  readonly device: SiteDevice;
  /** Who it is by each way that told of it. */
  readonly by: Partial<Record<Way, Identity>>;
}

/** All devices of the site, each once, whichever ways tell of it. */
export class SiteDevices {
  private readonly known: Known[] = [];
  private readonly said = new Set<string>();
  private queue: Promise<void> = Promise.resolve();

  private readonly began: number;

  constructor(private readonly o: SiteDevicesOptions) {
    this.began = o.monotonic();
  }

  /** Takes what a way told at one moment; a fault of one device is logged and harms no other. */
  take(way: Way, parts: readonly DevicePart[]): void {
    this.queue = this.queue.then(async () => {
      for (const part of parts) if (way === 'modbus' || !this.isEarly(part)) await this.give(way, part);
    });
  }

  /** Registers say who a device is, and whether it counts: they go first where they are read as well. */
  private isEarly({ kind }: Identity): boolean {
    const { hasModbus, monotonic } = this.o;
    if (!hasModbus || monotonic() - this.began > HEAD_START) return false;
    return !this.known.some(({ by }) => by.modbus?.kind === kind);
  }

  /** Resolves once all that was taken is shown. */
  settled(): Promise<void> {
    return this.queue;
  }

  /** Looks which devices still give values. */
  look(): void {
    for (const { device } of this.known) device.look();
  }

  /** What stands behind a Modbus unit: one of each kind. Empty before the unit was read. */
  behind(unit: number): UnitDevices {
    return new Map(
      this.known.flatMap(({ device, by: { modbus } }) =>
        modbus === undefined || modbus.kind === 'ohmpilot' || modbus.number !== String(unit)
          ? []
          : [[modbus.kind, device.device] as const],
      ),
    );
  }

  /** Tells of a counter that began anew. */
  renewed(counter: string, { change, from, to }: CounterNews): void {
    const device = this.known.find((one) => countedBy(one, counter))?.device.device;
    const text = `the counter ${counter} went from ${from} to ${to} Wh (${change}); it goes on from what it was`;
    if (device === undefined) this.o.smx.log.warn(text);
    else this.tell(device, `counter-${change}`, { text, data: { counter, from, to } });
  }

  /** Each device with the ways it is read by now. */
  get shown(): { device: string; ways: Way[] }[] {
    return this.known.map(({ device }) => ({ device: device.device.name, ways: device.ways }));
  }

  private async give(way: Way, part: DevicePart): Promise<void> {
    const { points, maxAge, t } = part;
    try {
      const known = this.find(way, part) ?? (await this.add(way, part));
      if (known === undefined) return;
      if (isNews(known.by[way], part)) this.introduce(known, way, part);
      known.device.take(way, { points: withTwoWays(points), maxAge, ...(t !== undefined && { t }) });
    } catch (error) {
      this.failed(part, describeError(error));
    }
  }

  /** Logged once for each cause: it may be so at each reading. */
  private failed({ kind, number }: Identity, error: string): void {
    const said = `${kind} ${error}`;
    if (!this.said.has(said)) this.o.smx.log.error('a device could not be shown', { kind, number, error });
    this.said.add(said);
  }

  private find(way: Way, part: DevicePart): Known | undefined {
    const own = this.known.find(({ by }) => isSame(by[way], part));
    if (own !== undefined) return own;
    const others = this.known.filter(({ by }) => by[way] === undefined);
    const whoBy = ({ by }: Known): Identity => (by.modbus ?? by.api)!;
    return (
      others.find((one) => whoBy(one).kind === part.kind && sharesSerial(whoBy(one), part)) ??
      (this.o.isOneHost ? others.find((one) => fitsByPlace(whoBy(one), part)) : undefined)
    );
  }

  /** Undefined where there are more than any site has. */
  private async add(way: Way, part: DevicePart): Promise<Known | undefined> {
    const { smx, names, counters, hasModbus, monotonic, rhythm } = this.o;
    const { kind } = part;
    if (this.known.length >= MOST) {
      this.failed(part, `there are ${MOST} devices already`);
      return undefined;
    }
    const device = smx.device(names.of(part), { kind });
    const energies = await Energies.open({ smx, device, kind, counters, hasModbus, monotonic, ...rhythm(way, part) }); // prettier-ignore
    const known: Known = { device: new SiteDevice(device, energies, monotonic), by: {} };
    this.known.push(known);
    return known;
  }

  private introduce({ device: { device }, by }: Known, way: Way, part: DevicePart): void {
    const before = by[way];
    by[way] = part;
    // registers say it in the words of the plate
    if (way === 'api' && (by.modbus?.serials.length ?? 0) > 0) return;
    const { kind, manufacturer, model, serials } = part;
    const [serial] = serials;
    device.update({
      ...{ kind, ...(manufacturer !== undefined && { manufacturer }), ...(model !== undefined && { model }) },
      ...(serial !== undefined && { serial }),
    });
    if (serial === undefined || kind === 'pv' || kind === 'battery') return;
    device.point('serial', { type: 'string', personal: true, maxAge: 0 });
    device.set({ serial });
    if (before !== undefined && before.serials.length > 0 && !sharesSerial(before, part))
      this.tell(device, 'device-replaced', {
        text: `another device stands there now, with the serial number ${serial}`,
        data: { before: before.serials[0], now: serial },
      });
  }

  private tell(device: Device, code: string, { text, data }: { readonly text: string; readonly data: object }): void {
    device.event(code, { severity: 'warning', text, data }).catch((error: unknown) => {
      this.o.smx.log.warn('event could not be told', { code, error: describeError(error) });
    });
  }
}

/** Counters go by the name of their device, those of registers by unit and kind (`unit 200/meter/0/energy/…`). */
function countedBy({ device: { device }, by: { modbus } }: Known, counter: string): boolean {
  const [, unit, kind] = /^unit (\d+)\/([a-z]+)\//.exec(counter) ?? [];
  if (unit === undefined) return counter.startsWith(`${device.name}/`);
  return modbus !== undefined && modbus.kind === kind && (modbus.number === unit || modbus.place === 'feed-in');
}

/** Whether a way tells of the same device as before; what stands in the place of an exchanged one is the same. */
function isSame(before: Identity | undefined, part: Identity): boolean {
  if (before === undefined || before.kind !== part.kind) return false;
  if (sharesSerial(before, part)) return true;
  const isUnknown = before.serials.length === 0 || part.serials.length === 0;
  return before.number === part.number && (isUnknown || hasPlace(part));
}

/** Whether more is known of a device than before, or something else. */
const isNews = (before: Identity | undefined, part: Identity): boolean =>
  before === undefined || before.serials.length < part.serials.length || (part.serials.length > 0 && !sharesSerial(before, part)); // prettier-ignore
