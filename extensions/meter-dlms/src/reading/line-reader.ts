import type { Alarms, SmxContext, StatusState } from '@smx-edge/extension-api';
import { EventPace } from '../event-log/event-pace.js';
import { MeterLine } from '../line/meter-line.js';
import { settingsOf, type DlmsConfig } from '../settings.js';
import type { MeterPush } from '../push/meter-push.js';
import { MeterReader } from './meter-reader.js';

/** Kept free before the next beat, ms. */
const MARGIN = 20;
/** For the word of all meters that are let go of, ms: a silent one may not hold the end up. */
const PARTING = 500;

/** All meters of one line, one after the other: values first, load profiles in the time left until the next beat. */
export class LineReader {
  readonly meters: readonly MeterReader[];
  /** Undefined where the meters only push. */
  private readonly line: MeterLine | undefined;
  private readonly pushes: readonly MeterPush[];
  private readonly interval: number;
  /** When the beat came that waits; undefined where none does. */
  private due: number | undefined;
  private turns: Promise<void> | undefined;
  private said = '';
  private turn = 0;

  constructor(
    private readonly smx: SmxContext<DlmsConfig>,
    alarms: Alarms,
  ) {
    const settings = settingsOf(smx.config, smx.timezone);
    const { source } = settings;
    const line = source === undefined ? undefined : new MeterLine({ line: smx.open(source, { idle: 0, remote: true }), settings, state: smx.state }); // prettier-ignore
    this.line = line;
    const pace = new EventPace();
    this.meters = settings.meters.map((meter) => new MeterReader({ smx, meter, alarms, pace, ...(line && { line }) }));
    this.pushes = this.meters.flatMap(({ push }) => push ?? []);
    this.interval = settings.meters[0]!.instantaneous;
  }

  async run(): Promise<void> {
    const { smx } = this;
    for (const meter of this.meters) await meter.begin();
    smx.every(this.interval, () => this.beat());
    smx.onStop(async () => {
      // one after the other, as on a line of turns
      for (const meter of this.meters) await meter.stop(PARTING / this.meters.length);
      await this.line?.save();
    });
    smx.status('busy', 'waiting for the meter');
    await Promise.all([this.line?.run(), ...this.pushes.map((push) => push.run())]);
  }

  /** A beat that comes while a slice is still on the line is made up for at once: else all its values would be lost. */
  private beat(): void {
    this.due = this.smx.now();
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
    for (const meter of this.meters) await meter.beat(began);
    this.tell();
    // a clock that was set may not hold the next beat up
    const left = (): number => Math.min(this.interval, began + this.interval - MARGIN - this.smx.now());
    for (let idle = 0; idle < this.meters.length && left() > 0;) {
      const meter = this.meters[this.turn++ % this.meters.length]!;
      idle = (await meter.fill(left())) ? 0 : idle + 1;
    }
  }

  private tell(): void {
    const states = this.meters.map(({ device, state }) => ({ name: device.name, ...state }));
    const text = states.map(({ name, text: own }) => (states.length === 1 ? own : `${name}: ${own}`)).join('; ');
    const reading = states.filter(({ code }) => code === 'reading').length;
    const waiting = states.some(({ code }) => code === 'waiting');
    const state: StatusState = reading === states.length ? 'ok' : reading > 0 ? 'warning' : waiting ? 'busy' : 'error';
    if (this.said === state + text) return;
    this.said = state + text;
    this.smx.status(state, text);
  }
}
