import {
  filterMatches,
  profilePath,
  roundTo,
  BAD,
  type Clock,
  type DeviceRecord,
  type Disposable,
  type HistorySource,
  type LaneForm,
  type LiveSource,
  type Log,
  type PointDefinition,
  type PointValue,
  type PrincipalRecord,
  type ProfileDefinition,
  type ProfileSource,
  type Reading,
  type SampleBatch,
  type Zone,
} from '@smx-edge/model';
import { commandGrant } from './command-access.js';
import { COMMAND, GrantIndex, READ, HISTORY } from './compiled-grant.js';
import type { Form } from './form.js';
import type { FormRegistry } from './form-registry.js';
import { grantedHistory, matchingPoints } from './history-access.js';
import { laneForm, resumes } from './lane-access.js';
import { PathAccess } from './path-access.js';
import { LIVE, Plan, type ReadAccess } from './plan.js';
import { DisclosureTally, type Disclosed } from './disclosures.js';
import type { Grant, Role } from './role.js';
import { deviceTopicGranted } from './topics.js';
import { Validity } from './validity.js';
import type {
  AskedAction,
  CallFacts,
  CommandGrant,
  GrantedHistory,
  GrantedHistoryQuery,
  GrantedPoint,
  ProfileGrant,
  View,
} from './view.js';
import { ViewListeners } from './view-listeners.js';

/** What all views of a gate share. */
export interface ViewContext {
  readonly live: LiveSource;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly history: HistorySource;
  readonly profiles: Pick<ProfileSource, 'list'>;
  readonly log: Log;
  readonly forms: FormRegistry;
  /** Tells the gate that there is a subscriber more or fewer. */
  readonly subscribed: () => void;
}

const NOBODY: Role = { name: '', authority: 'controller', grants: [] };

/** The view of one principal: a compiled plan, swapped whole when roles or time change it. */
export class PrincipalView implements View {
  revision = 0;
  /** Wall clock at which the plan must be compiled anew. */
  nextEdge = Infinity;
  /** Time can change the plan, also back where the clock is set back. */
  isTimed = false;
  /** Wall clock of the instant the plan is for. */
  compiledAt = -Infinity;
  private plan: Plan;
  private role: Role = NOBODY;
  /** The role that `plan` was compiled from. */
  private planned: Role = NOBODY;
  private record: PrincipalRecord;
  private readonly listeners: ViewListeners;
  private readonly paths: PathAccess;
  private readonly disclosed = new DisclosureTally();

  constructor(
    principal: PrincipalRecord,
    private readonly context: ViewContext,
  ) {
    this.record = principal;
    this.plan = this.emptyPlan();
    const { clock, log, subscribed } = context;
    this.listeners = new ViewListeners({ log, subscribed, principal: () => this.record.name });
    this.paths = new PathAccess({ clock, index: () => this.plan.index });
  }

  get principal(): PrincipalRecord {
    return this.record;
  }

  get hasSubscribers(): boolean {
    return this.listeners.any;
  }

  /** Compiles what `role` gives `principal` now and swaps it in. */
  compile(principal: PrincipalRecord, role: Role | undefined): void {
    const now = this.context.clock.now();
    const isOver = principal.expires !== undefined && now >= principal.expires;
    this.record = principal;
    this.role = isOver || role === undefined ? NOBODY : role;
    const plan = new Plan(new GrantIndex(this.role, now, this.context.zone), this.context.forms, this.context.live);
    plan.placeAll(now);
    this.swap(plan);
    this.compiledAt = now;
    this.isTimed = plan.index.isTimed || principal.expires !== undefined;
    this.nextEdge = Math.min(plan.index.nextEdge, isOver ? Infinity : (principal.expires ?? Infinity));
  }

  /** Denies everything from now on. */
  retire(): void {
    this.role = NOBODY;
    this.nextEdge = Infinity;
    this.isTimed = false;
    this.swap(this.emptyPlan());
  }

  /** What was given since the last call; undefined where nothing was. */
  takeDisclosed(): Disclosed | undefined {
    this.collect();
    return this.disclosed.take();
  }

  /** Grants of the role that hold now. */
  get holding(): readonly Grant[] {
    const { clock, zone } = this.context;
    return this.role.grants.filter((grant) => new Validity(grant, zone).holds(clock.now()));
  }

  place(handle: number, definition: PointDefinition): void {
    this.collect(handle);
    if (this.plan.place(handle, definition, this.context.clock.now())) this.touch();
  }

  unplace(handle: number): void {
    this.collect(handle);
    if (this.plan.remove(handle)) this.touch();
  }

  /** A device changed; of interest where one of its points is readable. */
  touchDevice(name: string): void {
    for (const { handle, definition } of this.context.live.points())
      if (definition.device === name && this.canRead(handle)) {
        this.touch();
        return;
      }
  }

  /** A load profile is new or another; of interest where it is granted. */
  touchProfile(path: string): void {
    if (this.paths.profile(path) !== undefined) this.touch();
  }

  /** Raises the revision; listeners hear of it once per turn. */
  private touch(): void {
    this.revision++;
    this.listeners.revised();
  }

  /** Hands what changed of the granted readings to the subscribers. `batch` undefined: only forms changed. */
  deliver(batch: SampleBatch | undefined, forms: readonly Form[]): void {
    this.listeners.tellRevision();
    const handles = this.listeners.room((batch?.n ?? 0) + forms.length);
    let n = 0;
    if (batch !== undefined) {
      const { modes } = this.plan;
      const changed = batch.handle;
      for (let i = 0; i < batch.n; i++) {
        const handle = changed[i]!;
        if (modes[handle] === LIVE) handles[n++] = handle;
      }
    }
    for (const form of forms) if (this.plan.read(form.handle)?.form === form) handles[n++] = form.handle;
    if (n > 0) this.listeners.tell(handles, n);
  }

  canRead(handle: number): boolean {
    return this.plan.has(handle, READ);
  }

  points(match?: string): GrantedPoint[] {
    const found: GrantedPoint[] = [];
    for (const { handle, definition } of matchingPoints(this.context.live, match)) {
      const read = this.plan.read(handle);
      if (read === undefined) continue;
      const { every, as, delay, round, interval } = read.shape;
      const nextAt = read.form?.nextAt ?? Infinity;
      const next = nextAt === Infinity ? {} : { nextAt };
      found.push({ handle, definition, every, as, delay, round, interval, ...next });
    }
    return found.sort((a, b) => a.handle - b.handle);
  }

  reachable(): { handle: number; definition: PointDefinition }[] {
    return matchingPoints(this.context.live, undefined)
      .filter(({ handle }) => this.plan.has(handle, READ | HISTORY | COMMAND))
      .sort((a, b) => a.handle - b.handle);
  }

  reading(handle: number): Reading | undefined {
    const read = this.plan.read(handle);
    if (read === undefined) return undefined;
    this.plan.given[handle] = 1;
    if (read.form !== undefined) return this.isBeforeGrant(read) ? beforeGrant() : read.form.reading();
    const reading = this.context.live.reading(handle);
    const { round } = read.shape;
    return round === 0 ? reading : { ...reading, value: rounded(reading.value, round) };
  }

  subscribe(listener: (handles: Int32Array, n: number) => void): Disposable {
    return this.listeners.onChange(listener);
  }

  onRevision(listener: () => void): Disposable {
    return this.listeners.onRevision(listener);
  }

  async history(query: GrantedHistoryQuery): Promise<GrantedHistory[]> {
    const { live, history, zone, clock } = this.context;
    const isGranted = (handle: number): boolean => this.plan.has(handle, HISTORY);
    const { role } = this;
    return grantedHistory(this.plan, query, {
      live,
      source: history,
      zone,
      now: clock.now(),
      isGranted,
      given: (path, { compiled, every, as, from, to }) =>
        this.disclosed.addHistory(path, { grant: role.grants.indexOf(compiled.grant) + 1, every, as, from, to }),
    });
  }

  historyForm(handle: number): Omit<GrantedPoint, 'handle' | 'definition' | 'nextAt'> | undefined {
    const definition = this.plan.has(handle, HISTORY) ? this.context.live.definition(handle) : undefined;
    const finest = definition === undefined ? undefined : this.plan.grants(definition, HISTORY)[0];
    if (finest === undefined || definition === undefined) return undefined;
    const { every, as, delay, round, interval } = finest.shapeFor(definition);
    return { every, as, delay, round, interval };
  }

  laneForm(handle: number): LaneForm | undefined {
    const { live } = this.context;
    const definition = live.definition(handle) ?? live.former(handle);
    return definition === undefined ? undefined : laneForm(this.plan, handle, definition);
  }

  resumes(handle: number): boolean {
    const { live, zone, clock } = this.context;
    return resumes(this.role, { handle, live, zone, now: clock.now() });
  }

  gave(handles: readonly number[]): void {
    for (const handle of handles) if (this.plan.read(handle) !== undefined) this.plan.given[handle] = 1;
  }

  seesEvent(path: string, t?: number): boolean {
    return this.eventDue(path, t) <= this.context.clock.now();
  }

  eventDue(path: string, t?: number): number {
    const { live } = this.context;
    const handle = live.handleOf(path);
    // an event outlives the point that it is of
    const definition = handle === undefined ? live.formerAt(path) : live.definition(handle);
    const names = definition === undefined ? [path] : [definition.path, ...(definition.aliases ?? [])];
    return this.paths.eventDue(names, { t, isPersonal: definition?.personal === true });
  }

  seesProfile(path: string, t?: number): boolean {
    return this.paths.profileDue(path, t) <= this.context.clock.now();
  }

  profile(path: string): ProfileGrant | undefined {
    const access = this.paths.profile(path);
    if (access === undefined) return undefined;
    return {
      chain: access.chain,
      sees: (end) => this.seesProfile(path, end),
      due: (end) => this.paths.profileDue(path, end),
      given: (from, to) => {
        const grant = this.role.grants.indexOf(access.grant) + 1;
        this.disclosed.addProfile(path, { grant, from, to });
      },
    };
  }

  profiles(match = '#'): ProfileDefinition[] {
    return this.context.profiles.list().filter((profile) => {
      const path = profilePath(profile);
      return filterMatches(match, path) && this.paths.profile(path) !== undefined;
    });
  }

  devices(): DeviceRecord[] {
    const { live } = this.context;
    const granted = new Set<string>();
    for (const { handle, definition } of live.points()) if (this.canRead(handle)) granted.add(definition.device);
    return [...live.devices()].filter(({ name }) => granted.has(name)).map((device) => this.deviceAsGranted(device));
  }

  canCall(instance: string, name: string, { detail, isPersonal = false }: CallFacts = {}): boolean {
    return this.paths.calls(detail === undefined ? `${instance}/${name}` : `${instance}/${name}/${detail}`, isPersonal);
  }

  canManage(area: string): boolean {
    return this.paths.manages(area);
  }

  ask(action: AskedAction, on: string, isPersonal = false): number {
    return this.paths.ask(action, on, isPersonal);
  }

  command(handle: number): CommandGrant | undefined {
    const definition = this.plan.has(handle, COMMAND) ? this.context.live.definition(handle) : undefined;
    if (definition === undefined) return undefined;
    const { commands } = this.plan;
    if (!commands.has(handle))
      commands.set(handle, commandGrant(this.plan.grants(definition, COMMAND), definition, this.role.authority));
    return commands.get(handle);
  }

  mqttPublish(topic: string): boolean {
    return deviceTopicGranted(this.role.mqtt?.publish, topic);
  }

  mqttSubscribe(topic: string): boolean {
    return deviceTopicGranted(this.role.mqtt?.subscribe, topic);
  }

  private deviceAsGranted(device: DeviceRecord): DeviceRecord {
    const serial = this.context.live.handleOf(`${device.name}/serial`);
    if (serial !== undefined && this.canRead(serial)) return device;
    const { name, instance, kind, online, reason, since } = device;
    return { name, instance, kind, online, since, ...(reason === undefined ? {} : { reason }) };
  }

  /** Windows begun, or values seen, before the grant began to hold. */
  private isBeforeGrant({ compiled, shape, form }: ReadAccess): boolean {
    if (compiled.since === -Infinity || form === undefined) return false;
    if (shape.every > 0) return form.start < compiled.since;
    return shape.delay > 0 && this.context.clock.now() - shape.delay < compiled.since;
  }

  private emptyPlan(): Plan {
    const { clock, zone, forms, live } = this.context;
    return new Plan(new GrantIndex(NOBODY, clock.now(), zone), forms, live);
  }

  /** Notes under which grants the marked points were given. */
  private collect(handle?: number): void {
    for (const { path, compiled, shape } of this.plan.takeGiven(handle))
      this.disclosed.addRead(path, { grant: this.planned.grants.indexOf(compiled.grant) + 1, shape });
  }

  private swap(plan: Plan): void {
    this.collect();
    this.planned = plan.index.role;
    const before = this.plan;
    this.plan = plan;
    before.release();
    this.touch();
  }
}

function beforeGrant(): Reading {
  return { value: null, t: 0, received: 0, quality: BAD, reason: 'nothing since the grant began to hold' };
}

function rounded(value: PointValue, step: number): PointValue {
  if (typeof value === 'number') return roundTo(value, step);
  return typeof value === 'object' && value !== null ? value.map((part) => roundTo(part, step)) : value;
}
