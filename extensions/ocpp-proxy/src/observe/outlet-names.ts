import { isDeviceName, SmxError } from '@smx-edge/model';

/** Device names by `IDENTITY/OUTLET`, as they were given, to be kept. JSON. */
export type KeptNames = Readonly<Record<string, string>>;

/** How the operator names the outlets of a charge point: the first, with `NAME-2` … behind it, or each. */
export interface GivenNames {
  readonly device?: string | undefined;
  readonly outlets?: Readonly<Record<string, string>> | undefined;
}

export const placeOf = (identity: string, outlet: number): string => `${identity}/${outlet}`;

/** Names of outlets: as the config has them, else `ev1`, `ev2` … in the order they are found; once given they stay. */
export class OutletNames {
  private readonly byPlace: Map<string, string>;
  private readonly reserved: ReadonlySet<string>;

  constructor(
    private readonly given: ReadonlyMap<string, GivenNames>,
    kept: KeptNames = {},
  ) {
    const names = [...given.values()].flatMap(({ device, outlets }) => [
      ...(device === undefined ? [] : [device]),
      ...Object.values(outlets ?? {}),
    ]);
    for (const name of names)
      if (!isDeviceName(name))
        throw new SmxError('SMX_EXTENSION_CONFIG', `"${name}" cannot name a device; use lower case letters, digits, - and _`); // prettier-ignore
    this.reserved = new Set(names);
    this.byPlace = new Map(Object.entries(kept).filter(([, name]) => isDeviceName(name) && !this.reserved.has(name)));
  }

  get names(): KeptNames {
    return Object.fromEntries(this.byPlace);
  }

  /** Outlets of a charge point that are known before it comes. */
  known(identity: string): readonly number[] {
    const told = Object.keys(this.given.get(identity)?.outlets ?? {}).map(Number);
    const kept = [...this.byPlace.keys()].flatMap((place) => (identityOf(place) === identity ? [outletOf(place)] : []));
    const all = new Set([...told, ...kept]);
    // a charge point that the operator names has one outlet at least
    if (all.size === 0 && this.given.has(identity)) all.add(1);
    return [...all].filter((outlet) => Number.isSafeInteger(outlet) && outlet > 0).sort((a, b) => a - b);
  }

  /** Charge points with a name in the config or of an earlier run. */
  get identities(): readonly string[] {
    return [...new Set([...this.given.keys(), ...[...this.byPlace.keys()].map(identityOf)])];
  }

  nameOf(identity: string, outlet: number): string {
    const { device, outlets } = this.given.get(identity) ?? {};
    const told = outlets?.[String(outlet)] ?? (device === undefined ? undefined : outlet === 1 ? device : `${device}-${outlet}`); // prettier-ignore
    if (told !== undefined) return told;
    const place = placeOf(identity, outlet);
    const name = this.byPlace.get(place) ?? this.free();
    this.byPlace.set(place, name);
    return name;
  }

  private free(): string {
    const taken = new Set([...this.byPlace.values(), ...this.reserved]);
    for (let n = 1; ; n++) if (!taken.has(`ev${n}`)) return `ev${n}`;
  }
}

const identityOf = (place: string): string => place.slice(0, place.lastIndexOf('/'));
const outletOf = (place: string): number => Number(place.slice(place.lastIndexOf('/') + 1));
