import {
  profilePath,
  SmxError,
  type CatalogueChange,
  type Clock,
  type Disposable,
  type HistorySource,
  type LedgerSink,
  type LiveSource,
  type Log,
  type PrincipalRecord,
  type ProfileSource,
  type SampleBatch,
  type Zone,
} from '@smx-edge/model';
import { BUILT_IN_ROLES } from './built-in-roles.js';
import { Denials } from './denials.js';
import { DisclosureBook } from './disclosure-book.js';
import { FormRegistry } from './form-registry.js';
import { PrincipalView, type ViewContext } from './principal-view.js';
import type { Grant, Role, Roles } from './role.js';
import type { View } from './view.js';
import { WindowSeeder } from './window-seeder.js';

export interface GateOptions {
  readonly live: LiveSource;
  readonly clock: Clock;
  /** Time zone of the site: hours of the day, times without offset, daily windows. */
  readonly zone: Zone;
  readonly history: HistorySource;
  /** Default: there are none. */
  readonly profiles?: ProfileSource;
  readonly ledger: LedgerSink;
  readonly log: Log;
}

/** Deadlines by the wall clock are looked at this often at least, so that a clock step is noticed, ms. */
const LOOK = 1000;

/** A preview waits so long for history, ms. */
const PREVIEW_TIME = 5000;

/** What a preview knows besides the view. */
export interface Preview {
  readonly role: Role;
  /** Grants of the role that hold now. */
  readonly holding: readonly Grant[];
  /** Who acts under the role. */
  readonly principals: readonly string[];
}

/** A role and who acts under it. */
export type RoleHolders = Pick<Preview, 'role' | 'principals'>;

interface Party {
  readonly view: PrincipalView;
  principal: PrincipalRecord;
  /** Given with the principal; absent = by name from the roles. */
  role: Role | undefined;
}

/**
 * The one gate out: a view per principal. Grants are compiled when roles, principals or points change and at the edges
 * of their validity, which come by a timer; per sample only the compiled sets are asked.
 */
export class Gate {
  private readonly parties = new Map<string, Party>();
  private listening: PrincipalView[] = [];
  private roles: Roles = BUILT_IN_ROLES;
  private readonly forms: FormRegistry;
  private readonly seeder: WindowSeeder;
  private readonly denials: Denials;
  private readonly disclosures: DisclosureBook;
  private readonly context: ViewContext;
  private readonly subscriptions: Disposable[];
  private edge = Infinity;
  /** Before this time other grants would hold, should the clock be set back; -Infinity where none is timed. */
  private edgeBack = -Infinity;
  private timer: Disposable | undefined;
  private timerDue = Infinity;
  private lastNow: number;
  private closed = false;

  constructor(private readonly options: GateOptions) {
    const { live, clock, zone, history, profiles, ledger, log } = options;
    this.seeder = new WindowSeeder({ history, log, seeded: () => this.deliverForms() });
    this.forms = new FormRegistry({ live, zone, created: (form) => this.seeder.add(form) });
    this.denials = new Denials(clock, ledger);
    const views = (): PrincipalView[] => [...this.parties.values()].map(({ view }) => view);
    this.disclosures = new DisclosureBook({ clock, ledger, views });
    this.lastNow = clock.now();
    const subscribed = (): void => this.findListening();
    const shelf = profiles ?? { list: () => [] };
    this.context = { live, clock, zone, history, profiles: shelf, log, forms: this.forms, subscribed };
    this.subscriptions = [
      live.subscribe((batch) => this.onBatch(batch)),
      live.onCatalogue((change) => this.onCatalogue(change)),
    ];
    if (profiles !== undefined)
      this.subscriptions.push(
        profiles.onDefined((profile) => {
          for (const { view } of this.parties.values()) view.touchProfile(profilePath(profile));
        }),
      );
  }

  /** Distinct windowed, delayed or rate-limited readings kept for all views together. */
  get formCount(): number {
    return this.forms.size;
  }

  /** Replaces all roles; every view is compiled anew. Principals of a role that is gone see nothing. */
  setRoles(roles: Roles): void {
    this.roles = roles;
    for (const party of this.parties.values()) this.compile(party);
    this.plan();
  }

  /**
   * Adds a principal, or replaces its record and role. `role` is for principals whose role stands in no file
   * (extension instances). Takes effect within the call.
   */
  putPrincipal(principal: PrincipalRecord, role?: Role): void {
    const known = this.parties.get(principal.name);
    const party: Party = known ?? { view: new PrincipalView(principal, this.context), principal, role };
    party.principal = principal;
    party.role = role;
    this.parties.set(principal.name, party);
    this.compile(party);
    this.findListening();
    this.plan();
  }

  /** Ends a principal within the call: its view denies everything, tells a last revision and is not found again. */
  removePrincipal(name: string): void {
    const party = this.parties.get(name);
    if (party === undefined) return;
    this.parties.delete(name);
    this.disclosures.write(party.view);
    party.view.retire();
    this.findListening();
    this.plan();
  }

  view(principal: string): View | undefined {
    return this.parties.get(principal)?.view;
  }

  /** The same, or SMX_ACCESS_UNAUTHENTICATED. */
  require(principal: string): View {
    const view = this.view(principal);
    if (view === undefined)
      throw new SmxError('SMX_ACCESS_UNAUTHENTICATED', `there is no principal "${principal}" (any more); log in again`);
    return view;
  }

  /**
   * What a principal of `role` would see right now, shown to `look` through a view that ends with it: windows come from
   * what runs or from history, and nothing counts as disclosed. Rejects SMX_ACCESS_ROLE_UNKNOWN.
   */
  async preview<T>(role: string, look: (view: View, seen: Preview) => T): Promise<T> {
    const { clock } = this.options;
    const meant = this.roles.get(role);
    if (meant === undefined) throw new SmxError('SMX_ACCESS_ROLE_UNKNOWN', `there is no role "${role}"`);
    const view = new PrincipalView({ name: '', kind: 'local', role, created: clock.now() }, this.context);
    try {
      view.compile(view.principal, meant);
      let late: Disposable | undefined;
      const patience = new Promise<void>((resolve) => {
        late = clock.after(PREVIEW_TIME, resolve);
      });
      await Promise.race([this.seeder.settled(), patience]);
      late?.dispose();
      return look(view, { role: meant, holding: view.holding, principals: this.holders(role) });
    } finally {
      view.retire();
    }
  }

  /** All roles, the built-in ones included. */
  roleHolders(): RoleHolders[] {
    return [...this.roles.values()].map((role) => ({ role, principals: this.holders(role.name) }));
  }

  /** Counts a refused access; summed per minute, principal and `what` into the ledger. */
  deny(principal: string, what: string): void {
    this.denials.add(principal, what);
    this.arm();
  }

  /** Ends timers and subscriptions and writes what was refused; views answer on from what they have. */
  close(): void {
    this.closed = true;
    this.timer?.dispose();
    this.seeder.close();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.disclosures.close();
    this.denials.flush();
  }

  private holders(role: string): string[] {
    return [...this.parties.values()].flatMap(({ principal }) => (principal.role === role ? [principal.name] : []));
  }

  private compile(party: Party): void {
    party.view.compile(party.principal, party.role ?? this.roles.get(party.principal.role));
  }

  private findListening(): void {
    this.listening = [...this.parties.values()].map(({ view }) => view).filter((view) => view.hasSubscribers);
  }

  private onBatch(batch: SampleBatch): void {
    const now = this.options.clock.now();
    // a busy loop may have kept the timer of an edge from firing
    if (now >= this.edge || now < this.edgeBack || now < this.lastNow - LOOK) this.look(now);
    this.forms.ingest(batch, now);
    const changed = this.forms.takeChanged();
    for (const view of this.listening) view.deliver(batch, changed);
    if (this.forms.due < this.timerDue) this.arm();
  }

  private onCatalogue(change: CatalogueChange): void {
    if (change.kind === 'device' || change.kind === 'device-removed') {
      const name = change.kind === 'device' ? change.device.name : change.name;
      for (const { view } of this.parties.values()) view.touchDevice(name);
      return;
    }
    const { handle, definition } = change;
    for (const { view } of this.parties.values())
      if (change.kind === 'removed') view.unplace(handle);
      else view.place(handle, definition);
    if (this.forms.due < this.timerDue) this.arm();
  }

  /** Finds the next edge of all views and arms the timer. */
  private plan(): void {
    this.edge = Infinity;
    this.edgeBack = -Infinity;
    for (const { view } of this.parties.values()) {
      this.edge = Math.min(this.edge, view.nextEdge);
      if (view.isTimed) this.edgeBack = Math.max(this.edgeBack, view.compiledAt);
    }
    this.arm();
  }

  private arm(): void {
    this.timer?.dispose();
    this.timer = undefined;
    this.timerDue = Infinity;
    const next = Math.min(this.edge, this.forms.due, this.denials.due);
    if (this.closed || (next === Infinity && this.edgeBack === -Infinity)) return;
    const now = this.options.clock.now();
    const wait = Math.min(Math.max(Math.ceil(next - now), 0), LOOK);
    this.timerDue = now + wait;
    this.timer = this.options.clock.after(wait, () => this.onTimer());
  }

  private onTimer(): void {
    this.look(this.options.clock.now());
    this.deliverForms();
  }

  /** Tells what forms changed without a batch: windows closed by the clock, delays over, history that came in. */
  private deliverForms(): void {
    const changed = this.forms.takeChanged();
    if (changed.length > 0) for (const view of this.listening) view.deliver(undefined, changed);
    this.arm();
  }

  /** Does what is due by the wall clock. */
  private look(now: number): void {
    // the clock was set back: windows may lie ahead of it
    if (now < this.lastNow - LOOK) this.forms.restart(now);
    this.lastNow = now;
    if (now >= this.edge || now < this.edgeBack) {
      for (const party of this.parties.values()) {
        const { nextEdge, isTimed, compiledAt } = party.view;
        if (now >= nextEdge || (isTimed && now < compiledAt)) this.compile(party);
      }
      this.plan();
    }
    if (now >= this.forms.due) this.forms.tick(now);
    this.denials.tick(now);
  }
}
