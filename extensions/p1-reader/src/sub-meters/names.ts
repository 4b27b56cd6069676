import { isDeviceName } from '@smx-edge/model';

/** What a sub-meter is called after, unless `names` says otherwise. */
export type SubMeterClass = 'gas' | 'water' | 'heat' | 'cooling' | 'electricity' | 'mbus';

/**
 * Names of sub-meters. A name goes with the equipment id for good: an exchanged meter gets a new one, so that two
 * registers are never joined, and one that comes back gets its own.
 */
export class SubMeterNames {
  private readonly given: Map<string, string>;

  /** `names` from the config by equipment id or class, `saved` from the run before. */
  constructor(
    private readonly names: Readonly<Record<string, string>>,
    saved: Readonly<Record<string, string>> = {},
  ) {
    this.given = new Map(Object.entries(saved));
  }

  /** Device name of the meter with this id. */
  of(id: string, kind: SubMeterClass): string {
    const chosen = this.names[id];
    if (chosen !== undefined) return this.keep(id, chosen);
    const known = this.given.get(id);
    if (known !== undefined) return known;
    const base = this.names[kind] ?? kind;
    const taken = new Set([...this.given.values(), ...Object.values(this.names)]);
    // its own class name may stand under `names` and is free until a meter has it
    if (![...this.given.values()].includes(base)) return this.keep(id, base);
    let n = 2;
    while (taken.has(`${base}-${n}`)) n++;
    return this.keep(id, `${base}-${n}`);
  }

  state(): Record<string, string> {
    return Object.fromEntries(this.given);
  }

  private keep(id: string, name: string): string {
    const legal = isDeviceName(name) ? name : 'mbus';
    this.given.set(id, legal);
    return legal;
  }
}
