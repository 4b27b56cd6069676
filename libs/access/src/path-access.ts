import { filtersMeet, type Clock } from '@smx-edge/model';
import { Allowance } from './allowance.js';
import { reaches, type CompiledGrant, type Entry, type GrantIndex } from './compiled-grant.js';
import type { Grant } from './role.js';
import type { AskedAction, ProfileGrant } from './view.js';

export interface PathAccessOptions {
  readonly clock: Clock;
  /** The grants that hold now. */
  index(): GrantIndex;
}

/** What a role gives beside points: events, profiles, calls and parts of the box, and how often they may be asked for. */
export class PathAccess {
  private readonly allowance: Allowance;

  constructor(private readonly o: PathAccessOptions) {
    this.allowance = new Allowance(o.clock);
  }

  /** `names`: path and aliases of what the event is of. */
  seesEvent(names: readonly string[], how: { t: number | undefined; isPersonal: boolean }): boolean {
    return names.some((name) => this.anyHolds(this.o.index().events.match(name), how));
  }

  seesProfile(path: string, t: number | undefined): boolean {
    return this.anyHolds(this.o.index().profiles.match(path), { t, isPersonal: false });
  }

  /** How a load profile is given, and the first grant that does; undefined where none does. */
  profile(path: string): { readonly chain: ProfileGrant['chain']; readonly grant: Grant } | undefined {
    const entries = this.o.index().profiles.match(path);
    const [first] = entries;
    return first === undefined ? undefined : { chain: chainOf(entries), grant: first.compiled.grant };
  }

  calls(path: string): boolean {
    return this.o.index().calls.match(path).length > 0;
  }

  manages(area: string): boolean {
    return this.managing(area).length > 0;
  }

  /** See `View.ask`. */
  ask(action: AskedAction, on: string): number {
    if (action === 'manage') return this.allowance.takeOne(grantsOf(this.managing(on)));
    const index = this.o.index();
    if (action === 'call')
      return this.allowance.takeOne(grantsOf(index.calls.match(on).map(({ compiled }) => compiled)));
    // one answer may hold what several grants give, so each of them counts it
    const held = index.holding.filter(({ grant }) => grant.actions[action]?.some((filter) => filtersMeet(filter, on)));
    return this.allowance.takeAll(grantsOf(held));
  }

  private managing(area: string): readonly CompiledGrant[] {
    const { areas } = this.o.index();
    return [...(areas.get(area) ?? []), ...(areas.get('#') ?? [])];
  }

  private anyHolds(
    entries: readonly Entry[],
    { t, isPersonal }: { t: number | undefined; isPersonal: boolean },
  ): boolean {
    const now = this.o.clock.now();
    return entries.some((entry) => {
      if (!reaches(entry, isPersonal)) return false;
      const { validity, grant } = entry.compiled;
      // a device whose clock is ahead of the box is no reason to hold back what nobody delays
      return (t === undefined || validity.holds(t)) && (grant.delay === 0 || (t ?? now) + grant.delay <= now);
    });
  }
}

const grantsOf = (compiled: readonly CompiledGrant[]): Grant[] => [...new Set(compiled.map(({ grant }) => grant))];

/** Grants that leave rows out between others would give these away by the hashes around them. */
function chainOf(entries: readonly Entry[]): ProfileGrant['chain'] {
  const eternal = entries.filter(({ compiled }) => compiled.validity.isEternal);
  if (eternal.some(({ compiled }) => compiled.grant.delay === 0)) return 'whole';
  if (eternal.length > 0 || (entries.length === 1 && !entries[0]!.compiled.validity.isDaily)) return 'run';
  return 'none';
}
