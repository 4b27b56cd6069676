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

  /** See `View.eventDue`. `names`: path and aliases of what the event is of. */
  eventDue(names: readonly string[], how: { t: number | undefined; isPersonal: boolean }): number {
    return Math.min(...names.map((name) => this.due(this.o.index().events.match(name), how)));
  }

  profileDue(path: string, t: number | undefined): number {
    return this.due(this.o.index().profiles.match(path), { t, isPersonal: false });
  }

  /** How a load profile is given, and the first grant that does; undefined where none does. */
  profile(path: string): { readonly chain: ProfileGrant['chain']; readonly grant: Grant } | undefined {
    const entries = this.o.index().profiles.match(path);
    const [first] = entries;
    return first === undefined ? undefined : { chain: chainOf(entries), grant: first.compiled.grant };
  }

  calls(path: string, isPersonal: boolean): boolean {
    return this.calling(path, isPersonal).length > 0;
  }

  manages(area: string): boolean {
    return this.managing(area).length > 0;
  }

  /** See `View.ask`. */
  ask(action: AskedAction, on: string, isPersonal: boolean): number {
    if (action === 'manage') return this.allowance.takeOne(grantsOf(this.managing(on)));
    if (action === 'call') return this.allowance.takeOne(grantsOf(this.calling(on, isPersonal)));
    // one answer may hold what several grants give, so each of them counts it
    const held = this.o
      .index()
      .holding.filter(({ grant }) => grant.actions[action]?.some((filter) => filtersMeet(filter, on)));
    return this.allowance.takeAll(grantsOf(held));
  }

  private calling(path: string, isPersonal: boolean): readonly CompiledGrant[] {
    const entries = this.o.index().calls.match(path);
    return entries.filter((entry) => reaches(entry, isPersonal)).map(({ compiled }) => compiled);
  }

  private managing(area: string): readonly CompiledGrant[] {
    const { areas } = this.o.index();
    return [...(areas.get(area) ?? []), ...(areas.get('#') ?? [])];
  }

  private due(entries: readonly Entry[], { t, isPersonal }: { t: number | undefined; isPersonal: boolean }): number {
    const now = this.o.clock.now();
    let due = Infinity;
    for (const entry of entries) {
      const { validity, grant } = entry.compiled;
      if (!reaches(entry, isPersonal) || (t !== undefined && !validity.holds(t))) continue;
      // a device whose clock is ahead of the box is no reason to hold back what nobody delays
      due = Math.min(due, grant.delay === 0 ? -Infinity : (t ?? now) + grant.delay);
    }
    return due;
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
