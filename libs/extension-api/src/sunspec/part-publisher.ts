import { describeError } from '@smx-edge/model';
import type { SmxContext } from '../context.js';
import type { Device } from '../device.js';
import { GuardedCounters, type CounterNews } from '../energy/guarded-counters.js';
import type { Duration } from '../point.js';
import { DeviceNames, type KeptNames } from './device-names.js';
import { guardedDoor } from './guarded-door.js';
import type { CounterDoor, PartKind } from './part-counters.js';
import type { SunSpecPart } from './parts.js';
import { PublishedDevice } from './published-device.js';
import type { UnitReading } from './sunspec-reader.js';
import type { UnitFault } from './unit-fault.js';

/** The first device of each kind behind a unit. */
export type UnitDevices = ReadonlyMap<PartKind, Device>;

export interface PartPublisherOptions {
  readonly smx: Pick<SmxContext, 'device' | 'state' | 'log' | 'every' | 'onStop'>;
  /** Names of devices by kind or serial number. */
  readonly names: Readonly<Record<string, string>>;
  /** Usual time between readings. */
  readonly period: Duration;
  /** The units that are read, where the config says so: names of others are free again. */
  readonly units?: readonly number[] | undefined;
}

/** What is known of devices over restarts: names by place, serial numbers by name. JSON. */
interface Kept {
  readonly names: KeptNames;
  readonly serials: Readonly<Record<string, string>>;
}

const KEY = 'devices';
const GONE = 'the unit has this device no longer';

/** Turns readings of SunSpec units into devices of the box: names, points, counters that never fall, integrals, on line or away. */
export class PartPublisher {
  private readonly units = new Map<number, Map<string, PublishedDevice>>();
  private kept = '';

  private readonly names: DeviceNames;
  private readonly counters: GuardedCounters;
  private readonly serials: Map<string, string>;

  private constructor(
    private readonly o: PartPublisherOptions,
    known: { readonly names: DeviceNames; readonly serials: Kept['serials']; readonly counters: GuardedCounters },
  ) {
    [this.names, this.counters] = [known.names, known.counters];
    this.serials = new Map(Object.entries(known.serials));
  }

  static async open(o: PartPublisherOptions): Promise<PartPublisher> {
    const { names = {}, serials = {} } = (await o.smx.state.get<Partial<Kept>>(KEY)) ?? {};
    const valid = Object.entries(names).filter(
      ([place]) => o.units === undefined || o.units.includes(Number(place.split('/')[0])),
    );
    // counters tell nothing before they are asked
    const tell = (counter: string, news: CounterNews): void => publisher.tell(counter, news);
    const counters = await GuardedCounters.load(o.smx, tell);
    const publisher = new PartPublisher(o, {
      names: new DeviceNames(o.names, Object.fromEntries(valid)),
      serials,
      counters,
    });
    return publisher;
  }

  /** What the counters of a unit are taken for: they never fall, and stand where the device shows none for a while. */
  door(unit: number): CounterDoor {
    return guardedDoor(this.counters, ({ kind, index, serial, path }) => {
      return `${this.names.nameOf({ unit, kind, index, serial })}/${path}`;
    });
  }

  take({ live, parts }: UnitReading): void {
    const published = this.units.get(live.unit) ?? new Map<string, PublishedDevice>();
    this.units.set(live.unit, published);
    const seen = new Set<string>();
    const counts = new Map<PartKind, number>();
    for (const part of parts) {
      const index = counts.get(part.kind) ?? 0;
      counts.set(part.kind, index + 1);
      const place = `${part.kind}/${index}`;
      seen.add(place);
      const one = published.get(place);
      if (one !== undefined) one.take(part);
      else published.set(place, this.publish(live.unit, part, index));
    }
    for (const [place, one] of published) if (!seen.has(place)) one.away(GONE);
    this.keep();
  }

  fault({ unit, text, isOfSource }: UnitFault, isLasting: boolean): void {
    if (!isLasting) return;
    for (const [of, published] of this.units)
      if (isOfSource || of === unit) for (const one of published.values()) one.away(text);
  }

  /** Empty before the unit was read. */
  devices(unit: number): UnitDevices {
    const published = [...(this.units.get(unit) ?? [])];
    const firsts = published.filter(([place]) => place.endsWith('/0'));
    return new Map(firsts.map(([place, { device }]) => [place.split('/')[0] as PartKind, device]));
  }

  private publish(unit: number, part: SunSpecPart, index: number): PublishedDevice {
    const { smx, period } = this.o;
    const { kind, manufacturer, model, serial } = part;
    const name = this.names.nameOf({ unit, kind, index, serial });
    const device = smx.device(name, {
      ...{ kind, interval: period },
      ...(manufacturer && { manufacturer }),
      ...(model && { model }),
      ...(serial && { serial }),
    });
    const published = new PublishedDevice(device, kind, { box: smx, period, serial: this.serials.get(name) });
    void published.begin(part);
    return published;
  }

  private keep(): void {
    for (const published of this.units.values())
      for (const { name, serial } of published.values()) if (serial !== undefined) this.serials.set(name, serial);
    const now: Kept = { names: this.names.names, serials: Object.fromEntries(this.serials) };
    const kept = JSON.stringify(now);
    if (kept === this.kept) return;
    this.kept = kept;
    this.o.smx.state.set(KEY, now).catch((error: unknown) => {
      this.o.smx.log.warn('names of devices could not be kept', { error: describeError(error) });
    });
  }

  private tell(counter: string, { change, from, to }: CounterNews): void {
    const [name, ...rest] = counter.split('/');
    const path = rest.join('/');
    const all = [...this.units.values()].flatMap((published) => [...published.values()]);
    const device = all.find((one) => one.name === name)?.device;
    const text = `the counter ${path} went from ${from} to ${to} Wh (${change}); it goes on from what it was`;
    device
      ?.event(`counter-${change}`, { severity: 'warning', text, data: { counter: path, from, to } })
      .catch((error: unknown) => {
        this.o.smx.log.warn('event could not be told', { counter, error: describeError(error) });
      });
  }
}
