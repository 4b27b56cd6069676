import type { SmxContext, StatusState } from '../context.js';
import type { Device } from '../device.js';
import type { MeterState } from './meter-health.js';

/** Kept free before the next beat, ms. */
const MARGIN = 20;
/** For the word of all meters that are let go of, ms: a silent one may not hold the end up. */
const PARTING = 500;

/** A meter as its line sees it. Nothing rejects: a fault is a state. */
export interface MeterTurn {
  readonly device: Pick<Device, 'name'>;
  readonly state: MeterState;
  begin(): Promise<void>;
  /** Reads what is due at `now`, ms UTC. */
  beat(now: number): Promise<void>;
  /** Reads of what the meter keeps in its own memory what fits into `left` ms. Resolves to whether there was something. */
  fill(left: number): Promise<boolean>;
  /** Lets go of the meter; its word is waited for `within` ms at most. */
  stop(within: number): Promise<void>;
}

export interface MeterTurnsOptions {
  readonly smx: Pick<SmxContext, 'every' | 'onStop' | 'now' | 'status'>;
  readonly meters: readonly MeterTurn[];
  /** ms between beats. */
  readonly interval: number;
  /** After the turns of each beat. */
  turned?(): Promise<void>;
  /** At the end, once all meters are let go of. */
  stopped?(): Promise<void>;
}

/** All meters of one line, one after the other: values first, load profiles and logs in the time left until the next beat. */
export class MeterTurns {
  /** When the beat came that waits; undefined where none does. */
  private due: number | undefined;
  private turns: Promise<void> | undefined;
  private said = '';
  private turn = 0;

  constructor(private readonly o: MeterTurnsOptions) {}

  async begin(): Promise<void> {
    const { smx, meters, interval, stopped } = this.o;
    for (const meter of meters) await meter.begin();
    smx.every(interval, () => this.beat());
    smx.onStop(async () => {
      // one after the other, as on a line of turns
      for (const meter of meters) await meter.stop(PARTING / meters.length);
      await stopped?.();
    });
    smx.status('busy', 'waiting for the meter');
  }

  /** A beat that comes while a slice is still on the line is made up for at once: else all its values would be lost. */
  beat(): void {
    this.due = this.o.smx.now();
    this.turns ??= this.takeTurns();
  }

  private async takeTurns(): Promise<void> {
    try {
      for (let began = this.due; began !== undefined; began = this.due) {
        this.due = undefined;
        await this.turnOf(began);
      }
    } finally {
      this.turns = undefined;
    }
  }

  private async turnOf(began: number): Promise<void> {
    const { smx, meters, interval, turned } = this.o;
    for (const meter of meters) await meter.beat(began);
    this.tell();
    // a clock that was set may not hold the next beat up
    const left = (): number => Math.min(interval, began + interval - MARGIN - smx.now());
    for (let idle = 0; idle < meters.length && left() > 0;) {
      const meter = meters[this.turn++ % meters.length]!;
      idle = (await meter.fill(left())) ? 0 : idle + 1;
    }
    await turned?.();
  }

  private tell(): void {
    const states = this.o.meters.map(({ device, state }) => ({ name: device.name, ...state }));
    const text = states.map(({ name, text: own }) => (states.length === 1 ? own : `${name}: ${own}`)).join('; ');
    const reading = states.filter(({ code }) => code === 'reading').length;
    const waiting = states.some(({ code }) => code === 'waiting');
    const state: StatusState = reading === states.length ? 'ok' : reading > 0 ? 'warning' : waiting ? 'busy' : 'error';
    if (this.said === state + text) return;
    this.said = state + text;
    this.o.smx.status(state, text);
  }
}
