import type { PartKind } from './part-counters.js';

/** Where a device stands: the same place keeps its name, also where the device is exchanged. */
export interface PartPlace {
  readonly unit: number;
  readonly kind: PartKind;
  /** Which of its kind behind the unit, from 0. */
  readonly index: number;
  /** Of the device; of `pv` and `battery` that of their inverter. */
  readonly serial?: string | undefined;
}

/** Names by place, `UNIT/KIND/INDEX`, as they were given, to be kept. JSON. */
export type KeptNames = Readonly<Record<string, string>>;

/** A SunSpec meter stands at the connection as a rule; a second one then stands elsewhere. */
const FIRST: Readonly<Record<PartKind, string>> = { inverter: 'inverter', pv: 'pv', battery: 'battery', meter: 'pcc' };
const FURTHER: Readonly<Record<PartKind, string>> = { ...FIRST, meter: 'meter' };
const KINDS: ReadonlySet<string> = new Set(Object.keys(FIRST));

/**
 * Names of devices: by serial number as the config has it (its trackers and battery are then `NAME-pv`, `NAME-battery`), else by kind,
 * the second of a kind with a 2 behind it. Once given they stay with their place.
 */
export class DeviceNames {
  private readonly byPlace = new Map<string, string>();
  private readonly reserved: ReadonlySet<string>;

  /** `given`: names by kind or serial number. */
  constructor(
    private readonly given: Readonly<Record<string, string>>,
    private readonly kept: KeptNames = {},
  ) {
    const bySerial = Object.entries(given).filter(([key]) => !KINDS.has(key));
    this.reserved = new Set(bySerial.flatMap(([, name]) => [name, `${name}-pv`, `${name}-battery`]));
  }

  get names(): KeptNames {
    return { ...this.kept, ...Object.fromEntries(this.byPlace) };
  }

  nameOf(place: PartPlace): string {
    const bySerial = this.bySerial(place);
    if (bySerial !== undefined) return bySerial;
    const key = `${place.unit}/${place.kind}/${place.index}`;
    const known = this.byPlace.get(key);
    if (known !== undefined) return known;
    const before = this.kept[key];
    const name = before !== undefined && this.isOf(place.kind, before) ? before : this.free(place.kind);
    this.byPlace.set(key, name);
    return name;
  }

  private bySerial({ kind, serial }: PartPlace): string | undefined {
    const name = serial === undefined || KINDS.has(serial) ? undefined : this.given[serial];
    if (name === undefined) return undefined;
    return kind === 'pv' || kind === 'battery' ? `${name}-${kind}` : name;
  }

  private nth(kind: PartKind, n: number): string {
    const first = this.given[kind] ?? FIRST[kind];
    return n === 1 ? first : `${this.given[kind] ?? FURTHER[kind]}${n}`;
  }

  /** Whether a name of an earlier run is still what the config makes of this kind. */
  private isOf(kind: PartKind, name: string): boolean {
    if (this.reserved.has(name) || [...this.byPlace.values()].includes(name)) return false;
    for (let n = 1; n <= 1 + Object.keys(this.kept).length; n++) if (this.nth(kind, n) === name) return true;
    return false;
  }

  private free(kind: PartKind): string {
    const taken = new Set([...Object.values(this.kept), ...this.byPlace.values(), ...this.reserved]);
    for (let n = 1; ; n++) if (!taken.has(this.nth(kind, n))) return this.nth(kind, n);
  }
}
