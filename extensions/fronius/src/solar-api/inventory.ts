import type { InverterState } from '@smx-edge/protocols/solar-api';
import type { ApiPart } from './parts/api-part.js';

/** What a logger may have beside inverters. */
export const EXTRAS = ['meters', 'storages', 'ohmpilots'] as const;
export type Extra = (typeof EXTRAS)[number];

const ASLEEP: readonly InverterState[] = ['sleeping', 'standby'];

/** That one logger has. */
const MOST_INVERTERS = 100;

export interface KnownInverter {
  readonly number: string;
  /** Plate first, then its `UniqueID`. */
  readonly serials: readonly string[];
  /** As people called it. */
  readonly name?: string;
  readonly isGen24: boolean;
}

/** What is behind one Solar API, and how its inverters said to fare last. */
export class Inventory {
  inverters: readonly KnownInverter[] = [];
  /** Whether it tells of the flow of power; loggers from before 2015 do not. */
  hasFlow = false;
  /** Number of the inverter that tells of a battery. */
  hybrid: string | undefined;
  /** Whether a meter at the connection itself is read. */
  hasGridMeter = false;
  private readonly extras = new Set<Extra>();
  private readonly states = new Map<string, { readonly state: InverterState; readonly at: number }>();

  /** `now`: monotonic ms; a state is believed for `believed` ms. */
  constructor(private readonly o: { readonly now: () => number; readonly believed: number }) {}

  /** Nothing that could be read was ever told of. */
  get isEmpty(): boolean {
    return this.inverters.length === 0 && !this.hasFlow && this.extras.size === 0;
  }

  has(extra: Extra): boolean {
    return this.extras.has(extra);
  }

  /** Notes that there is such a device; it may be left out by night, and is asked for all the same. */
  note(extra: Extra): void {
    this.extras.add(extra);
  }

  /** Notes inverters beside those that are known: a logger leaves out those that sleep. */
  noteInverters(found: readonly KnownInverter[]): void {
    const kept = this.inverters.filter(({ number }) => found.every((other) => other.number !== number));
    this.inverters = [...kept, ...found].slice(-MOST_INVERTERS).sort((a, b) => Number(a.number) - Number(b.number));
  }

  noteState(number: string, state: InverterState | undefined): void {
    if (state !== undefined) this.states.set(number, { state, at: this.o.now() });
  }

  stateOf(number: string): InverterState | undefined {
    const known = this.states.get(number);
    return known === undefined || this.o.now() - known.at > this.o.believed ? undefined : known.state;
  }

  isAsleep(number: string): boolean {
    const state = this.stateOf(number);
    return state !== undefined && ASLEEP.includes(state);
  }

  /** An inverter as the head of its part. */
  inverter(number: string): Omit<ApiPart, 'points'> {
    const known = this.inverters.find((each) => each.number === number);
    const { serials = [], isGen24 = false } = known ?? {};
    // of others there is a number that stands for the model
    return { kind: 'inverter', number, serials, manufacturer: 'Fronius', ...(isGen24 && { model: 'GEN24' }) };
  }

  /** What is of the whole site as part of the inverter where there is only one, else of none. */
  get whole(): Pick<ApiPart, 'number' | 'serials'> {
    return this.inverters.length === 1 ? this.behind(this.inverters[0]!.number) : { number: 'site', serials: [] };
  }

  /** The battery, which stands behind the inverter that tells of it. */
  get storage(): Pick<ApiPart, 'number' | 'serials'> {
    return this.hybrid === undefined ? this.whole : this.behind(this.hybrid);
  }

  /** What stands behind one inverter goes by its numbers. */
  behind(number: string): Pick<ApiPart, 'number' | 'serials'> {
    return { number, serials: this.inverters.find((each) => each.number === number)?.serials ?? [] };
  }
}
