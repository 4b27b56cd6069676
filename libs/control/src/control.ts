import { randomUUID } from 'node:crypto';
import type { View } from '@smx-edge/access';
import { SmxError, type CommandQuery, type CommandStage, type LiveSource } from '@smx-edge/model';
import { Arbiter } from './arbiter.js';
import type { Circumstances } from './check.js';
import { Chronicle } from './chronicle.js';
import type { ControlOptions } from './control-options.js';
import { CORE, Devices, type SetpointDoor } from './devices.js';
import { Envelope } from './envelope.js';
import { factsOf } from './facts.js';
import { Followers, type Follower } from './followers.js';
import { Grants } from './grants.js';
import { judgedCommand } from './judge.js';
import { Keeper } from './keeper.js';
import type { ArbiterPorts } from './ports.js';
import { Proofs } from './proofs.js';
import { CommandRate, RateError } from './rate.js';
import { keyOf, recordOf, stageOf, type CommandRecord } from './record.js';
import { ScheduleDesk, sorted } from './schedule-desk.js';
import { Schedules } from './schedules.js';
import { SiteBounds } from './site-bounds.js';
import type { CommandWish } from './wish.js';

/** Commands that hold or wait at once in the whole box. */
const MOST_OPEN = 500;
/** How long the devices may take to be put back when the box stops, ms. */
const LAST_WRITES = 3000;

/** Commands of all exits: checked against grants, kept, arbitrated, put on devices, proved, told. */
export class Control {
  private readonly arbiter: Arbiter;
  private readonly proofs: Proofs;
  private readonly chronicle: Chronicle;
  private readonly grants: Grants;
  private readonly rate: CommandRate;
  private readonly bounds: SiteBounds;
  private readonly envelope: Envelope;
  private readonly followers = new Followers();
  private readonly running: Schedules;
  readonly schedules: ScheduleDesk;
  private readonly keeper: Keeper;
  private readonly devices: Devices;
  private closed = false;

  constructor(private readonly o: ControlOptions) {
    const { clock, gate, live, limits } = o;
    this.rate = new CommandRate(clock);
    this.chronicle = new Chronicle({ ...o, unit: (point) => this.definition(point)?.unit ?? null });
    this.keeper = new Keeper(o);
    this.arbiter = new Arbiter(this.ports());
    this.proofs = new Proofs(live, (setpoint, measured) => this.arbiter.see(setpoint, measured));
    this.envelope = new Envelope({
      ...{ live, limits, clock },
      changed: () => this.bounds.revise(),
      told: (raised, text) => this.chronicle.alarm('box', { code: 'site.failsafe', raised, text }),
    });
    this.devices = new Devices({ live, envelope: this.envelope });
    this.bounds = new SiteBounds({
      ...{ live, limits, clock, envelope: this.envelope },
      told: (point) => this.arbiter.present(point).value,
      changed: (point) => this.arbiter.revise(point),
    });
    this.grants = new Grants({
      ...{ live, gate, open: () => this.arbiter.open },
      ended: (record, why) => void this.arbiter.cancel(record.principal, record.id, why),
    });
    this.running = new Schedules({
      ...{ clock, arbiter: this.arbiter, holds: (record: CommandRecord) => this.grants.holds(record) },
      paused: (point: string) => this.isFaulty(point),
      tell: (record, stage) => this.keeper.keep({ records: [record] }, () => this.tell(record, stage)),
    });
    this.schedules = new ScheduleDesk({
      ...{ schedules: this.running, shelf: o.shelf },
      admit: (principal, point) => this.admit(principal, point),
      circumstances: () => this.circumstances(clock.now()),
      follow: (key, follower) => this.followers.set(key, follower),
      told: (record, stage) => this.tell(record, stage),
      watch: (view, record) => this.grants.follow(view, record, clock.monotonic()),
    });
  }

  /** Takes up what an earlier life left. Before it nothing is taken. Rejects with SMX_STORE_FAILED. */
  async start(): Promise<void> {
    const { rows, held } = await this.o.shelf.openCommands();
    const { commands, schedules } = sorted(rows.map(recordOf));
    this.arbiter.restore(commands, held);
    const { fault } = this.o;
    for (const { principal, id, point } of [...this.arbiter.open])
      if (this.isFaulty(point)) this.arbiter.cancel(principal, id, fault?.message);
    for (const schedule of schedules) this.running.add(schedule);
    this.envelope.start();
    for (const point of Envelope.points) this.arbiter.arrive(point);
  }

  /** Opens the way to the devices. */
  attach(door: SetpointDoor): void {
    this.devices.attach(door, (path, { instance, ready }) => {
      if (ready) {
        this.arbiter.arrive(path);
        this.running.due();
      } else
        this.arbiter.leave(
          path,
          `the instance ${instance} ended; its device is put back to its default when it is back`,
        );
    });
  }

  /**
   * Takes a command of a principal. Resolves once it is accepted, refused or expired, and that is durable; for an id that
   * was there before, to that command as it is now. `follow` gets every stage once it is durable, first the present one of
   * a command that was there before. Throws RateError.
   */
  async submit(view: View, wish: CommandWish, follow?: Follower): Promise<CommandRecord> {
    const principal = view.principal.name;
    const id = wish.id ?? randomUUID();
    this.beat(principal);
    const known = this.arbiter.find(principal, id);
    if (known !== undefined) return this.again(known, follow);
    this.admit(principal, wish.point);
    const record = this.judge(view, { ...wish, id });
    const key = keyOf(principal, id);
    this.followers.set(key, follow);
    const taken = await new Promise<CommandRecord>((resolve) => this.arbiter.take(record, resolve));
    if (taken !== record) {
      if (follow !== undefined) this.followers.delete(key);
      return this.again(taken, follow);
    }
    this.noted(view, record);
    return record;
  }

  /** Resolves once a command has its outcome, and that is durable. */
  async outcome({ principal, id }: CommandRecord): Promise<CommandRecord> {
    const now = await this.find(principal, id);
    if (now?.outcome !== undefined) return now;
    return new Promise((resolve) => {
      this.followers.add(keyOf(principal, id), (record) => {
        if (record.outcome !== undefined) resolve(record);
      });
    });
  }

  /** A sign of life of a controller (`hb`). */
  beat(principal: string): void {
    this.arbiter.beat(principal);
    const view = this.o.gate.view(principal);
    for (const point of Envelope.points) {
      const handle = this.o.live.handleOf(point);
      const authority = handle === undefined ? undefined : view?.command(handle)?.authority;
      if (authority === 'dso' || authority === 'emergency') this.envelope.heard();
    }
  }

  /** A command by its id; undefined where this principal has none. */
  async find(principal: string, id: string): Promise<CommandRecord | undefined> {
    const open = this.arbiter.find(principal, id);
    if (open !== undefined) return open;
    const row = await this.o.shelf.findCommand(principal, id);
    return row === undefined ? undefined : recordOf(row);
  }

  /** Ends a command before its time; gives it as it then is, durable. Undefined where there is none. Rejects with SMX_STORE_FAILED. */
  async cancel(
    { principal, id }: Pick<CommandRecord, 'principal' | 'id'>,
    why = 'cancelled',
    follow?: Follower,
  ): Promise<CommandRecord | undefined> {
    if (follow !== undefined && this.arbiter.find(principal, id) !== undefined)
      this.followers.set(keyOf(principal, id), follow);
    const ended = this.arbiter.cancel(principal, id, why) !== undefined;
    // the store works its requests off in order: what it gives is as durable as the end
    const row = await this.o.shelf.findCommand(principal, id);
    if (ended && row?.over !== true)
      throw new SmxError(
        'SMX_STORE_FAILED',
        'the device is put back, but the store does not take the end of the command',
      );
    return row === undefined ? undefined : recordOf(row);
  }

  /** Commands as they are kept, newest first, each with its number in the store; at most 1000. */
  async list(query: CommandQuery): Promise<{ readonly seq: number; readonly record: CommandRecord }[]> {
    return (await this.o.shelf.commands(query)).map((row) => ({ seq: row.seq, record: recordOf(row) }));
  }

  /** Commands that hold or wait now, the newest first. */
  open(): CommandRecord[] {
    return [...this.arbiter.open].sort((a, b) => b.received - a.received);
  }

  /** Puts all defaults back, then takes and writes nothing more. */
  async stop(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.arbiter.close();
    const { clock } = this.o;
    const end = clock.monotonic() + LAST_WRITES;
    while (!this.arbiter.isIdle && clock.monotonic() < end)
      await new Promise<void>((resolve) => clock.after(10, resolve));
    this.devices.close();
    this.running.close();
    this.proofs.close();
    this.bounds.close();
    this.envelope.close();
    this.grants.close();
    this.chronicle.flush();
  }

  private judge(view: View, wish: CommandWish & { readonly id: string }): CommandRecord {
    const { clock } = this.o;
    return judgedCommand(view, wish, {
      at: this.circumstances(clock.now()),
      more: (record, grant) => {
        this.grants.within(record, grant, clock.monotonic());
        if (this.arbiter.size >= MOST_OPEN)
          throw new SmxError('SMX_COMMAND_FULL', `${MOST_OPEN} commands hold or wait already`);
      },
    });
  }

  /** What follows from a command that is new. */
  private noted(view: View, record: CommandRecord): void {
    const { code, state } = stageOf(record);
    if (code === 'SMX_ACCESS_DENIED' || code === 'SMX_POINT_UNKNOWN')
      this.o.gate.deny(view.principal.name, 'command without a grant');
    if (state !== 'refused') this.grants.follow(view, record, this.o.clock.monotonic());
  }

  private circumstances(now: number): Circumstances {
    const { live, controlled, clockState } = this.o;
    const reachable = (point: string): boolean => this.arbiter.present(point).ready;
    return {
      live,
      now,
      clock: clockState(),
      controlled: (instance) => instance === CORE || controlled(instance),
      reachable,
    };
  }

  private definition(point: string): ReturnType<LiveSource['definition']> {
    const handle = this.o.live.handleOf(point);
    return handle === undefined ? undefined : this.o.live.definition(handle);
  }

  private ports(): ArbiterPorts {
    const { claim, keep } = this.keeper;
    return {
      ...{ clock: this.o.clock, claim, keep },
      write: (point, command, done) => this.devices.ask(point, command, done),
      release: (point, done) => this.devices.ask(point, undefined, done),
      facts: (point) => factsOf(this.definition(point), this.proofs.handleOf(point) !== undefined),
      ground: (point) => this.bounds.of(this.definition(point)),
      reading: (point) => this.proofs.reading(point),
      mayHold: (record) => this.grants.holds(record),
      told: (record, stage) => this.tell(record, stage),
      alarm: (point, fault) => this.chronicle.alarm(point, fault),
      due: () => this.running.due(),
    };
  }

  private tell(record: CommandRecord, stage: CommandStage): void {
    this.chronicle.stage(record, stage);
    this.followers.tell(record, stage);
    this.running.told(record, stage);
  }

  /** Throws RateError where this party may not come now. */
  private admit(principal: string, point: string): void {
    if (this.closed) throw new SmxError('SMX_COMMAND_UNREACHABLE', 'the box stops');
    if (this.o.fault !== undefined && this.isFaulty(point)) throw this.o.fault;
    this.beat(principal);
    const seconds = this.rate.take(principal);
    if (seconds > 0) throw new RateError(seconds);
  }

  /** Whether the limits that should bound a set-point are not known; those of the grid operator are limits themselves. */
  private isFaulty(point: string): boolean {
    return this.o.fault !== undefined && !Envelope.points.includes(point);
  }

  /** A command that was there before is answered as it is, and followed from now on. */
  private again(record: CommandRecord, follow: Follower | undefined): CommandRecord {
    if (follow === undefined) return record;
    if (record.over !== true) this.followers.set(keyOf(record.principal, record.id), follow);
    follow(record, stageOf(record));
    return record;
  }
}
