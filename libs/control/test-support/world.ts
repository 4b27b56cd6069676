import { applied, clamped, ignored, refused, type SetpointCommand } from '@smx-edge/extension-api';
import type { Authority, CommandGrant } from '@smx-edge/access';
import {
  VirtualClock,
  type CommandStage,
  type Disposable,
  type PointDefinition,
  type PointValue,
} from '@smx-edge/model';
import { Arbiter } from '../src/arbiter.js';
import { factsOf } from '../src/facts.js';
import { EVERYTHING, type Interval } from '../src/interval.js';
import { judgedCommand } from '../src/judge.js';
import type { ArbiterPorts, WriteAnswer } from '../src/ports.js';
import { keyOf, type CommandRecord } from '../src/record.js';
import { isSchedule } from '../src/schedule.js';
import type { CommandWish } from '../src/wish.js';

export const POINT = 'battery/power/setpoint';
export const START = Date.UTC(2026, 0, 1);

/** What a device does with a command it gets. */
export const HABITS = ['obey', 'clamp', 'ignore', 'lie', 'refuse', 'slow', 'late', 'mute', 'drift', 'forget'] as const;
export type Habit = (typeof HABITS)[number];
const TRUE_HABITS: ReadonlySet<Habit> = new Set(['obey', 'slow', 'late', 'forget']);

export interface Party {
  readonly authority: Authority;
  readonly priority: number;
  readonly between: readonly [number, number];
  readonly lease: number;
}

export interface Written {
  readonly id: string;
  readonly value: PointValue;
  /** Of the virtual clock. */
  readonly mono: number;
  readonly life: number;
  readonly until: number | undefined;
  readonly heartbeat: number | undefined;
  readonly wall: number;
  /** What the site let pass at that moment. */
  readonly hard: Interval;
  /** Number of the time between two deaths of core or device. */
  readonly session: number;
}

/** A device behind the arbiter, with its habits; its value outlives the process that speaks for it. */
export class Device {
  value = 0;
  habit: Habit = 'obey';
  /** Whose value it has; undefined = its default. */
  of: string | undefined;
  /** It fell back to its default by itself, and was told nothing since. */
  hasForgotten = false;
  /** It does, or will do, exactly what it was told last. */
  isTrue = true;
  /** Monotonic time at which it last did not take its default. */
  keptAt = -Infinity;
  /** Monotonic time at which it was last told something. */
  toldAt = -Infinity;
  readonly writes: Written[] = [];
  private queued: Disposable | undefined;
  releases = 0;

  constructor(private readonly clock: VirtualClock) {}

  write(command: SetpointCommand, done: (answer: WriteAnswer) => void): Disposable {
    const asked = Number(command.value);
    this.toldAt = this.clock.monotonic();
    this.hasForgotten = false;
    this.isTrue = TRUE_HABITS.has(this.habit);
    this.queued?.dispose();
    const soon = (ms: number, fn: () => void): Disposable => this.clock.after(ms, fn);
    switch (this.habit) {
      case 'obey':
        this.value = asked;
        return soon(2, () => done(applied(asked)));
      case 'clamp':
        this.value = Math.max(-1000, Math.min(1000, asked));
        return soon(2, () => done(this.value === asked ? applied(asked) : clamped(this.value)));
      case 'ignore':
        return soon(2, () => done(ignored()));
      case 'lie':
        return soon(2, () => done(applied(asked)));
      case 'refuse':
        return soon(2, () => done(refused('DEVICE_BUSY', 'not now')));
      case 'slow':
        return soon(4000, () => {
          this.value = asked;
          done(applied(asked));
        });
      case 'late':
        // its gateway holds one command; a release overtakes it
        this.queued = soon(3000, () => (this.value = asked));
        return soon(2, () => done(applied(asked)));
      case 'mute':
        return soon(30_000, () => done({ outcome: 'failed', code: 'SMX_EXTENSION_TIMEOUT', text: 'no answer' }));
      case 'drift':
        this.value = asked / 2;
        return soon(2, () => done(applied(asked)));
      case 'forget':
        this.value = asked;
        this.queued = soon(20_000, () => this.forget());
        return soon(2, () => done(applied(asked)));
    }
  }

  release(done: (answer: WriteAnswer) => void): Disposable {
    this.releases++;
    this.toldAt = this.clock.monotonic();
    if (this.habit === 'refuse') {
      this.keptAt = this.clock.monotonic();
      return this.clock.after(2, () => done(refused('DEVICE_BUSY', 'not now')));
    }
    this.reset();
    return this.clock.after(2, () => done(applied(0)));
  }

  /** Loses in the middle of a lease what it was told, as by a watchdog of its own. */
  forget(): void {
    this.hasForgotten ||= this.of !== undefined && this.value !== 0;
    this.value = 0;
  }

  /** Is at its default, and nobody's. */
  reset(): void {
    this.value = 0;
    this.of = undefined;
    this.hasForgotten = false;
    this.isTrue = true;
  }
}

/** Everything around an arbiter on a virtual clock: a store that outlives it, a device, parties, and what they are told. */
export class World {
  readonly clock = new VirtualClock(START);
  readonly device = new Device(this.clock);
  readonly parties = new Map<string, Party>();
  readonly told: { record: CommandRecord; stage: CommandStage; mono: number }[] = [];
  readonly alarms: { code: string; raised: boolean }[] = [];
  /** What survives a crash. */
  readonly rows = new Map<string, CommandRecord>();
  readonly heldPoints = new Map<string, PointValue>();
  hard: Interval = EVERYTHING;
  envelope: Interval = EVERYTHING;
  verify = true;
  /** The proving point gives nothing. */
  silent = false;
  definition: PointDefinition = {
    ...{ path: POINT, device: 'battery', instance: 'dev', unit: 'W', type: 'number', kind: 'setpoint', maxAge: 0 },
    setpoint: { min: -5000, max: 5000, default: 0, verify: 'battery/power', interval: 0, tolerance: 0.1 },
  };
  /** Of the store, ms. */
  latency = 1;
  storeFails = false;
  life = 0;
  session = 0;
  up = false;
  clockState: 'ok' | 'unsure' = 'ok';
  arbiter!: Arbiter;
  due: () => void = () => undefined;
  private pending = new Set<Disposable>();
  private beat: Disposable | undefined;

  constructor() {
    this.boot();
    this.deviceUp();
    this.tick();
  }

  party(name: string, party: Partial<Party> = {}): void {
    this.parties.set(name, { authority: 'controller', priority: 40, between: [-4000, 4000], lease: 900_000, ...party });
  }

  /** Gives a command; its record once the store has it. */
  send(principal: string, wish: Partial<CommandWish> & { id: string }): CommandRecord {
    const full = {
      point: POINT,
      ...(wish.min === undefined && wish.max === undefined ? { value: 100 } : {}),
      for: 60_000,
      ...wish,
    };
    const record = judgedCommand(this.view(principal), full, {
      at: {
        live: { handleOf: (path) => (path === POINT ? 1 : undefined), definition: () => this.definition },
        now: this.clock.now(),
        clock: this.clockState,
        controlled: () => true,
        reachable: () => this.arbiter.present(POINT).ready,
      },
    });
    this.arbiter.take(record, () => undefined);
    return record;
  }

  pass(ms: number): void {
    this.clock.advance(ms);
  }

  /** States of a command as they were told, in order. */
  states(id: string): string[] {
    return this.told.filter(({ record }) => record.id === id).map(({ stage }) => stage.state);
  }

  stage(id: string, state: string): CommandStage | undefined {
    return this.told.find(({ record, stage }) => record.id === id && stage.state === state)?.stage;
  }

  /** The process of the core is killed: what it was about to hear is lost. */
  crash(): void {
    for (const one of this.pending) one.dispose();
    this.pending.clear();
    this.session++;
    this.up = false;
    this.boot();
  }

  deviceDown(): void {
    if (!this.up) return;
    this.up = false;
    this.session++;
    this.arbiter.leave(POINT, 'the instance ended');
  }

  deviceUp(): void {
    if (this.up) return;
    this.up = true;
    this.arbiter.arrive(POINT);
  }

  private boot(): void {
    this.life++;
    const { life } = this;
    this.arbiter = new Arbiter(this.ports(life));
    this.arbiter.restore(
      [...this.rows.values()].filter((record) => record.over !== true && !isSchedule(record)),
      [...this.heldPoints].map(([point, value]) => ({ point, value })),
    );
  }

  private tick(): void {
    this.beat?.dispose();
    this.beat = this.clock.after(1000, () => {
      if (this.up && this.verify && !this.silent) this.arbiter.see(POINT, this.device.value);
      this.tick();
    });
  }

  private view(name: string) {
    const party = this.parties.get(name);
    const grant = (): CommandGrant | undefined =>
      party && this.parties.get(name) === party
        ? {
            between: [...party.between],
            lease: party.lease,
            priority: party.priority,
            authority: party.authority,
            interval: 0,
          }
        : undefined;
    return { principal: { name, kind: 'token' as const, role: name, created: 0 }, command: grant, canRead: () => true };
  }

  private ports(life: number): ArbiterPorts {
    const { clock } = this;
    let free = 0;
    // requests are worked off in order, as by the store's thread
    const later = (ms: number, fn: () => void): void => {
      free = Math.max(free, clock.monotonic() + ms);
      const one = clock.after(free - clock.monotonic(), () => {
        this.pending.delete(one);
        if (life === this.life) fn();
      });
      this.pending.add(one);
    };
    const put = (records: readonly CommandRecord[]): void => {
      for (const record of records) this.rows.set(keyOf(record.principal, record.id), record);
    };
    return {
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        // timers of a killed core never fire
        after: (ms, fn) => clock.after(ms, () => life === this.life && fn()),
      },
      claim: ({ record, held }, done) =>
        later(this.latency, () => {
          if (this.storeFails) {
            done('failed');
            return;
          }
          const known = this.rows.get(keyOf(record.principal, record.id));
          if (known === undefined) put([record]);
          if (known === undefined && held !== undefined) this.heldPoints.set(held.point, held.value);
          done(known === undefined ? {} : { known });
        }),
      keep: ({ records, held = [], freed = [] }, done) =>
        later(this.latency, () => {
          if (!this.storeFails) {
            put(records);
            for (const { point, value } of held) this.heldPoints.set(point, value);
            for (const point of freed) this.heldPoints.delete(point);
          }
          done(!this.storeFails);
        }),
      write: (_point, command, done) => {
        const { id, value, until, heartbeat } = command;
        const { hard, session } = this;
        this.device.writes.push({
          id,
          value,
          mono: clock.monotonic(),
          life,
          until,
          heartbeat,
          wall: clock.now(),
          hard,
          session,
        });
        this.device.of = id;
        this.pending.add(this.device.write(command, (answer) => life === this.life && done(answer)));
      },
      release: (_point, done) => this.pending.add(this.device.release((answer) => life === this.life && done(answer))),
      facts: () => factsOf(this.definition, this.verify),
      ground: () => ({ hard: this.hard, envelope: this.envelope }),
      reading: () => this.device.value,
      mayHold: (record) => this.parties.has(record.principal),
      told: (record, stage) => this.told.push({ record, stage, mono: clock.monotonic() }),
      alarm: (_point, { code, raised }) => this.alarms.push({ code, raised }),
      due: () => this.due(),
    };
  }
}
