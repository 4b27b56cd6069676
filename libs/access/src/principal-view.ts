import {
  describeError,
  roundTo,
  BAD,
  type Clock,
  type DeviceRecord,
  type Disposable,
  type HistorySource,
  type LiveSource,
  type Log,
  type PointDefinition,
  type PointValue,
  type PrincipalRecord,
  type Reading,
  type SampleBatch,
  type Zone,
} from '@smx-edge/model';
import { commandGrant } from './command-access.js';
import { COMMAND, GrantIndex, reaches, READ, HISTORY, type Entry } from './compiled-grant.js';
import type { Form } from './form.js';
import type { FormRegistry } from './form-registry.js';
import { grantedHistory, matchingPoints } from './history-access.js';
import { LIVE, Plan, type ReadAccess } from './plan.js';
import { DisclosureTally, type Disclosed } from './disclosures.js';
import type { Grant, Role } from './role.js';
import { deviceTopicGranted } from './topics.js';
import { Validity } from './validity.js';
import type { CommandGrant, GrantedHistory, GrantedHistoryQuery, GrantedPoint, ProfileGrant, View } from './view.js';

/** What all views of a gate share. */
export interface ViewContext {
  readonly live: LiveSource;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly history: HistorySource;
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
  private readonly changeListeners = new Set<(handles: Int32Array, n: number) => void>();
  private readonly revisionListeners = new Set<() => void>();
  private isRevisionUntold = false;
  private handles = new Int32Array(64);
  private isDelivering = false;
  private readonly disclosed = new DisclosureTally();

  constructor(
    principal: PrincipalRecord,
    private readonly context: ViewContext,
  ) {
    this.record = principal;
    this.plan = this.emptyPlan();
  }

  get principal(): PrincipalRecord {
    return this.record;
  }

  get hasSubscribers(): boolean {
    return this.changeListeners.size > 0;
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

  /** Raises the revision; listeners hear of it once per turn. */
  private touch(): void {
    this.revision++;
    if (this.isRevisionUntold) return;
    this.isRevisionUntold = true;
    queueMicrotask(() => this.tellRevision());
  }

  /** Hands what changed of the granted readings to the subscribers. `batch` undefined: only forms changed. */
  deliver(batch: SampleBatch | undefined, forms: readonly Form[]): void {
    if (this.isRevisionUntold) this.tellRevision();
    const most = (batch?.n ?? 0) + forms.length;
    // a subscriber that ingests calls this again while others still read the array
    const handles = this.isDelivering ? new Int32Array(most) : this.handlesFor(most);
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
    if (n > 0) this.call(handles, n);
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
    return this.register(this.changeListeners, (handles: Int32Array, n: number) => listener(handles, n));
  }

  onRevision(listener: () => void): Disposable {
    return this.register(this.revisionListeners, () => listener());
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

  seesEvent(path: string, t?: number): boolean {
    const { live } = this.context;
    const handle = live.handleOf(path);
    const definition = handle === undefined ? undefined : live.definition(handle);
    const names = definition === undefined ? [path] : [definition.path, ...(definition.aliases ?? [])];
    const isPersonal = definition?.personal === true;
    return names.some((name) => this.anyHolds(this.plan.index.events.match(name), { t, isPersonal }));
  }

  seesProfile(path: string, t?: number): boolean {
    return this.anyHolds(this.plan.index.profiles.match(path), { t, isPersonal: false });
  }

  profile(path: string): ProfileGrant | undefined {
    const entries = this.plan.index.profiles.match(path);
    const [first] = entries;
    if (first === undefined) return undefined;
    return {
      chain: chainOf(entries),
      sees: (end) => this.seesProfile(path, end),
      given: (from, to) => {
        const grant = this.role.grants.indexOf(first.compiled.grant) + 1;
        this.disclosed.addProfile(path, { grant, from, to });
      },
    };
  }

  devices(): DeviceRecord[] {
    const { live } = this.context;
    const granted = new Set<string>();
    for (const { handle, definition } of live.points()) if (this.canRead(handle)) granted.add(definition.device);
    return [...live.devices()].filter(({ name }) => granted.has(name)).map((device) => this.deviceAsGranted(device));
  }

  canCall(instance: string, name: string, detail?: string): boolean {
    const path = detail === undefined ? `${instance}/${name}` : `${instance}/${name}/${detail}`;
    return this.plan.index.calls.match(path).length > 0;
  }

  canManage(area: string): boolean {
    const { areas } = this.plan.index;
    return areas.has('#') || areas.has(area);
  }

  command(handle: number): CommandGrant | undefined {
    const definition = this.plan.has(handle, COMMAND) ? this.context.live.definition(handle) : undefined;
    if (definition === undefined) return undefined;
    return commandGrant(this.plan.grants(definition, COMMAND), definition, this.role.authority);
  }

  mqttPublish(topic: string): boolean {
    return deviceTopicGranted(this.role.mqtt?.publish, topic);
  }

  mqttSubscribe(topic: string): boolean {
    return deviceTopicGranted(this.role.mqtt?.subscribe, topic);
  }

  private anyHolds(
    entries: readonly Entry[],
    { t, isPersonal }: { t: number | undefined; isPersonal: boolean },
  ): boolean {
    const now = this.context.clock.now();
    return entries.some((entry) => {
      if (!reaches(entry, isPersonal)) return false;
      const { validity, grant } = entry.compiled;
      // a device whose clock is ahead of the box is no reason to hold back what nobody delays
      return (t === undefined || validity.holds(t)) && (grant.delay === 0 || (t ?? now) + grant.delay <= now);
    });
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

  private handlesFor(n: number): Int32Array {
    if (this.handles.length < n) this.handles = new Int32Array(n * 2);
    return this.handles;
  }

  private call(handles: Int32Array, n: number): void {
    const outermost = !this.isDelivering;
    this.isDelivering = true;
    for (const listener of this.changeListeners) {
      try {
        listener(handles, n);
      } catch (error) {
        this.complain('a subscriber of changes failed', error);
      }
    }
    if (outermost) this.isDelivering = false;
  }

  private tellRevision(): void {
    if (!this.isRevisionUntold) return;
    this.isRevisionUntold = false;
    for (const listener of [...this.revisionListeners]) {
      try {
        listener();
      } catch (error) {
        this.complain('a listener of revisions failed', error);
      }
    }
  }

  private complain(what: string, error: unknown): void {
    this.context.log.error(what, { principal: this.record.name, error: describeError(error) });
  }

  private register<T>(listeners: Set<T>, listener: T): Disposable {
    listeners.add(listener);
    this.context.subscribed();
    return {
      dispose: () => {
        if (listeners.delete(listener)) this.context.subscribed();
      },
    };
  }
}

/** Grants that leave rows out between others would give these away by the hashes around them. */
function chainOf(entries: readonly Entry[]): ProfileGrant['chain'] {
  const eternal = entries.filter(({ compiled }) => compiled.validity.isEternal);
  if (eternal.some(({ compiled }) => compiled.grant.delay === 0)) return 'whole';
  if (eternal.length > 0 || (entries.length === 1 && !entries[0]!.compiled.validity.isDaily)) return 'run';
  return 'none';
}

function beforeGrant(): Reading {
  return { value: null, t: 0, received: 0, quality: BAD, reason: 'nothing since the grant began to hold' };
}

function rounded(value: PointValue, step: number): PointValue {
  if (typeof value === 'number') return roundTo(value, step);
  return typeof value === 'object' && value !== null ? value.map((part) => roundTo(part, step)) : value;
}
