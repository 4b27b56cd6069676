import { isSmxError } from '@smx-edge/model';
import type { Decoded } from '@smx-edge/protocols/sunspec';
import type { Device } from '../../device.js';
import type { Duration, SampleValue } from '../../point.js';
import { applied, clamped, ignored, refused, type SetpointAnswer, type SetpointCommand } from '../../setpoint.js';
import { refusalOf } from './refusal.js';
import { revertOf } from './revert.js';
import type { HoldResult, RegisterHold } from './register-hold.js';
import type { Asked, SetpointGroup } from './setpoint-group.js';
import type { WritePace } from './write-pace.js';

const UNSEEN = 'the device was written to and does not show since what stands there';
/** What was asked is not known to be there. */
export const BEHIND: ReadonlySet<HoldResult['kind']> = new Set(['refused', 'unmoved', 'unread']);
/** Of a conversion between watts and percent. */
const ROUNDING = 1e-6;

export interface HeldGroupOptions<Wish> {
  readonly device: Device;
  readonly hold: RegisterHold<Wish>;
  readonly pace: WritePace;
  /** s until the device ends by itself what nobody refreshes; undefined = by the heartbeat of each command. */
  readonly revert: number | undefined;
  /** How long the device may take until a poll shows a command. */
  readonly settle: Duration;
  /** What stood there was of somebody else, and was left as it is. */
  foreign(): void;
}

/** What one set-point is asked. */
interface Taken {
  readonly value: number;
  /** s until the device ends it by itself where nobody refreshes it; 0 = it is not asked to. */
  readonly revert: number;
}

/** One group of set-points on one device: takes commands, tells what the registers show, gives the registers back. */
export class HeldGroup<Wish> {
  /** By the names of the set-points. */
  private taken: ReadonlyMap<string, Taken> = new Map();
  /** s since the device last counted its time anew; a new command may have left it another time than its own. */
  private counted = Infinity;
  private declared = '';
  private isFollowing = false;
  /** What was asked last is not there. */
  private isBehind = false;
  /** By the names of the set-points; empty until they are declared. */
  private paths: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly group: SetpointGroup<Wish>,
    private readonly o: HeldGroupOptions<Wish>,
  ) {}

  /** What of the device it holds. */
  get name(): string {
    return this.group.rules.name;
  }

  get model(): number {
    return this.group.rules.model;
  }

  /** An earlier process put something there that is not back yet, or a release did not reach the device. */
  get isLeft(): boolean {
    return this.o.hold.isOpen && !this.isAsked;
  }

  /** A read of the model: declares what the device allows, and shows what it holds to. */
  see(model: Decoded): void {
    this.declare(model);
    this.show(model);
  }

  /** Takes back what stands there of ours, before others in the queue have their turns to write again. */
  release(): Promise<HoldResult> {
    return this.o.pace.take(() => this.apply());
  }

  /** Puts there what the asked comes to by now, as where it follows a meter; undefined where that is so already. */
  async follow(): Promise<HoldResult | undefined> {
    const { moves } = this.group;
    const isDue = moves !== undefined && (moves(this.asked) || this.isBehind);
    if (!isDue || !this.isAsked || this.isFollowing) return undefined;
    this.isFollowing = true;
    try {
      return await this.o.pace.paced(() => this.apply());
    } finally {
      this.isFollowing = false;
    }
  }

  /** To be called each `beat` s: has the device count its own time anew where the next beat would come after half of it. */
  async refresh(beat: number): Promise<void> {
    if (!this.isAsked) return;
    this.counted += beat;
    if (this.counted + beat <= this.revert / 2) return;
    await this.o.pace.take(async () => {
      if (this.isAsked) await this.o.hold.refresh(this.revert);
    });
    this.counted = 0;
  }

  /** Nothing is asked any more, whoever asked it. */
  forget(): void {
    this.taken = new Map();
  }

  private get isAsked(): boolean {
    return this.taken.size > 0;
  }

  private get asked(): Asked {
    return Object.fromEntries([...this.taken].map(([name, { value }]) => [name, value]));
  }

  /** One timer is for all that is asked: the shortest of their times. */
  private get revert(): number {
    return Math.min(...[...this.taken.values()].map(({ revert }) => revert));
  }

  private declare(model: Decoded): void {
    const setpoints = this.group.setpoints(model);
    // a device that shows its bounds no more keeps those it had
    if (setpoints === undefined || JSON.stringify(setpoints) === this.declared) return;
    this.declared = JSON.stringify(setpoints);
    const entries = Object.entries(setpoints).flatMap(([name, each]) =>
      each === undefined ? [] : [[name, each] as const],
    );
    this.paths = new Map(entries.map(([name, { path }]) => [name, path]));
    const { device, settle } = this.o;
    for (const [name, { path, ...bounds }] of entries) {
      const verify = heldPath(path);
      device.point(verify, { unit: bounds.unit });
      device.setpoint(
        path,
        { ...bounds, verify, settle, maxAge: 0 },
        (command) => this.command(name, command),
        () => this.end(name),
      );
      this.tellAsked(name);
    }
  }

  private async command(name: string, { value, heartbeat }: SetpointCommand): Promise<SetpointAnswer> {
    if (typeof value !== 'number') return refused('SMX_POINT_TYPE', 'it takes a number');
    const before = this.taken.get(name);
    const taken = { value, revert: revertOf(this.o.revert, heartbeat) };
    this.ask(name, taken);
    const result = await this.o.pace.paced(() => this.apply());
    // what was refused is not part of what follows
    if (result.kind === 'refused' && this.taken.get(name) === taken) this.ask(name, before);
    return this.answer(result, name, value);
  }

  private async end(name: string): Promise<SetpointAnswer> {
    this.ask(name, undefined);
    const result = await this.release();
    if (result.kind === 'refused') return result.answer;
    if (result.kind === 'unmoved') return ignored();
    return result.kind === 'unread' ? refused('SMX_MODBUS_TIMEOUT', UNSEEN) : applied(null);
  }

  private async apply(): Promise<HoldResult> {
    const result = await this.putOrFree();
    this.isBehind = BEHIND.has(result.kind);
    if (result.kind === 'foreign') this.o.foreign();
    if (result.model !== undefined) this.show(result.model);
    return result;
  }

  private async putOrFree(): Promise<HoldResult> {
    const { hold } = this.o;
    if (!this.isAsked) return hold.free();
    const { asked, revert } = this;
    try {
      return await hold.put(await this.group.wish(asked), revert);
    } catch (error) {
      return { kind: 'refused', answer: refusalOf(error) };
    }
  }

  private answer(result: HoldResult, name: string, asked: number): SetpointAnswer {
    if (result.kind === 'refused') return result.answer;
    if (result.kind === 'unmoved') return ignored();
    // it may be released already; where it could not be read, a poll may yet prove it
    if (result.kind !== 'held' && result.kind !== 'elsewhere') return applied(asked);
    const value = this.heldBy(result.model)[name] ?? null;
    if (value === null) return ignored();
    const isAsAsked = Math.abs(value - asked) <= this.group.step(result.model) / 2 + ROUNDING;
    return isAsAsked ? applied(value) : clamped(value);
  }

  private heldBy(model: Decoded): Readonly<Record<string, number | null>> {
    return this.group.held(model, this.isAsked && this.o.hold.isOurs(model) ? this.asked : undefined);
  }

  private show(model: Decoded): void {
    let held: Readonly<Record<string, number | null>>;
    try {
      held = this.heldBy(model);
    } catch (error) {
      if (!isSmxError(error)) throw error;
      const nothing: SampleValue = { value: null, quality: 'bad', reason: error.message };
      this.o.device.set(Object.fromEntries([...this.paths.values()].map((path) => [heldPath(path), nothing])));
      return;
    }
    const values: Record<string, SampleValue> = {};
    // that it is held to nothing is known, and not missing
    for (const [name, path] of this.paths) values[heldPath(path)] = { value: held[name] ?? null, quality: 'good' };
    this.o.device.set(values);
  }

  private ask(name: string, taken: Taken | undefined): void {
    const others = [...this.taken].filter(([other]) => other !== name);
    this.taken = new Map(taken === undefined ? others : [...others, [name, taken]]);
    this.counted = Infinity;
    this.tellAsked(name);
  }

  private tellAsked(name: string): void {
    const path = this.paths.get(name);
    if (path !== undefined)
      this.o.device.set({ [path]: { value: this.taken.get(name)?.value ?? null, quality: 'good' } });
  }
}

const heldPath = (path: string): string => `${path}/held`;
