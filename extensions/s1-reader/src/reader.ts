import { Alarms, type Device, type SmxContext, type StatusState } from '@smx-edge/extension-api';
import { describeError, SmxError, Zone } from '@smx-edge/model';
import type { S1Block, S1Counts } from '@smx-edge/protocols/s1';
import { HourLimit } from './events/hour-limit.js';
import type { Health } from './line/health.js';
import { S1Line } from './line/s1-line.js';
import { atFirstSpeed, leavesSpeed } from './line/speed-trial.js';
import { Recognition, type Recalled } from './loads/recognition.js';
import { Memory } from './memory.js';
import { Meter, type MeterTools } from './meter.js';
import { Direction } from './points/direction.js';
import { Feed } from './samples/feed.js';
import { FormatWatch } from './samples/format-watch.js';
import { settingsOf, type S1Config, type Settings } from './settings.js';
import type { WeekReport } from './week/report.js';
import { WeekBook } from './week/week-book.js';

/** Samples a second that the analysis takes (e-MUCS H 1.3 §4: below 4200). */
const RATES = { least: 2000, most: 4200 } as const;

/** ms for which frames may come of whose samples none can be taken. */
const PATIENCE = 5000;
/** ms for which a fault must be gone until its alarm is: a loose contact raises one alarm, and not one each second. */
const CALM = 30_000;
const UNUSABLE =
  'Frames come, but the meter says that their samples are corrupt or not how many it takes a second: it needs a look by who installed it';
const MIXED =
  'Frames of different meters or formats come by turns, so values have gaps: only one meter may be on this line';

/** What the reader says of its port. */
interface Verdict {
  readonly code: Health['code'] | 'rate' | 'mixed' | 'unusable';
  readonly text: string;
}

/** What raises the alarm of the line. */
const FAULTS: readonly Verdict['code'][] = ['silent', 'no-frames', 'not-open', 'rate', 'mixed', 'unusable'];

/** What is known from earlier runs. */
interface Kept {
  readonly memory: Memory;
  readonly alarms: Alarms;
  readonly weeks: WeekBook;
  readonly loads: Recalled;
}

/** The weeks of a site after EN 50160. */
interface Weeks {
  /** IANA zone by whose Mondays they begin. */
  readonly timezone: string;
  /** Null while no meter is there. */
  readonly running: WeekReport | null;
  /** Those that are over, the newest first, at most 8. */
  readonly past: readonly WeekReport[];
}

/** An S1 port of the box. */
export class Reader {
  /** Appliances, where the resident wants them recognised. */
  readonly loads: Recognition;
  private readonly feed = new Feed();
  private readonly formats = new FormatWatch();
  private readonly direction: Direction;
  private readonly line: S1Line;
  private readonly device: Device;
  private readonly tools: MeterTools;
  private current: Meter | undefined;
  private said = '';
  private judged: Verdict['code'] | undefined;
  /** When the last samples came that can be analysed, ms UTC. */
  private taken = NaN;
  /** When a fault was last there, ms UTC, by its alarm. */
  private readonly faultAt = new Map<string, number>();
  /** Rate in Hz that cannot be analysed. */
  private refused: number | undefined;

  private constructor(
    private readonly smx: SmxContext<S1Config>,
    private readonly settings: Settings,
    private readonly kept: Kept,
  ) {
    this.direction = new Direction(kept.memory.kept, settings.invert);
    this.feed.isInverted = this.direction.isInverted === true;
    this.device = smx.device(settings.device, { kind: 'power-quality-meter', interval: '1s' });
    this.loads = new Recognition(smx, this.device, kept.loads);
    const { feed, direction, device, loads } = this;
    const { memory, weeks } = kept;
    const limit = new HourLimit();
    this.tools = { smx, settings, feed, direction, device, loads, memory, weeks, limit };
    this.line = new S1Line({
      ...{
        line: smx.open(atFirstSpeed(settings.source), { recording: settings.recording }),
        searchSpeed: leavesSpeed(settings.source),
        now: () => smx.now(),
      },
      onBlock: (block, at) => this.take(block, at),
      onFault: (error) => smx.log.warn('the speed of the line could not be set', { error: describeError(error) }),
    });
  }

  static async open(smx: SmxContext<S1Config>): Promise<Reader> {
    const { state, log } = smx;
    const [memory, alarms] = [await Memory.load({ state, log, now: () => smx.now() }), await Alarms.load(state, log)];
    const weeks = await WeekBook.load({ state, log, zone: new Zone(smx.timezone) });
    const loads = await Recognition.recall(state);
    return new Reader(smx, settingsOf(smx.config), { memory, alarms, weeks, loads });
  }

  get counts(): Readonly<S1Counts> {
    return this.line.counts;
  }

  /** Throws SMX_EXTENSION_CALL while nothing comes: what came last is not what is now. */
  get meter(): Meter {
    const { current, said } = this;
    if (current === undefined) throw new SmxError('SMX_EXTENSION_CALL', `No S1 frame came yet: ${said}`);
    if (!this.isReading) throw new SmxError('SMX_EXTENSION_CALL', `Nothing comes now to be looked at: ${said}`);
    return current;
  }

  get weeks(): Weeks {
    const { smx, kept } = this;
    return { timezone: smx.timezone, running: kept.weeks.now ?? null, past: kept.weeks.past };
  }

  /** Reads until the line is closed. */
  async run(): Promise<void> {
    const { smx, settings } = this;
    if (settings.calibrateFrom !== undefined && settings.invert === undefined)
      smx.subscribe(`${settings.calibrateFrom}/power/active`, (changes) => {
        for (const { value, quality } of changes)
          if (typeof value === 'number' && quality === 'good') this.direction.hear(value, smx.now());
      });
    smx.every('1s', () => this.look());
    smx.every('1m', () => this.kept.weeks.look(smx.now()));
    smx.onStop(async () => {
      await this.kept.memory.flush();
      await this.kept.weeks.save();
    });
    this.look();
    await this.line.run();
  }

  private get isReading(): boolean {
    return this.judged === 'ok' || this.judged === 'lossy';
  }

  private take(block: S1Block, at: number): void {
    const { rate } = block;
    if (rate !== null) {
      this.refused = rate < RATES.least || rate > RATES.most ? rate : undefined;
      if (this.refused !== undefined || !this.formats.isOfMeter(block, rate)) {
        this.feed.drop(block);
        return;
      }
      const { format = block.format } = this.formats;
      if (this.current?.format !== format)
        this.current = new Meter(this.tools, format, { rate, frequency: block.frequency });
    }
    if (block.valid && rate !== null) this.taken = at;
    this.current?.take(block, at);
  }

  private judge(): Verdict {
    const health = this.line.tick();
    const isMixed = this.formats.tick();
    // of a line that does not read, that comes first
    if (health.code !== 'ok' && health.code !== 'lossy') return health;
    if (this.refused !== undefined) return { code: 'rate', text: rateText(this.refused) };
    if (isMixed) return { code: 'mixed', text: MIXED };
    const isLate = !(this.smx.now() - this.taken < PATIENCE);
    return isLate ? { code: 'unusable', text: UNUSABLE } : health;
  }

  private look(): void {
    this.kept.memory.look();
    const { code, text } = this.judge();
    // a line that cannot be opened is waited for first, with the same words
    const isNews = code !== this.judged || text !== this.said;
    this.judged = code;
    this.said = text;
    this.alarm('line', FAULTS.includes(code) ? text : undefined);
    this.alarm('frames-lost', code === 'lossy' ? text : undefined);
    if (!isNews) return;
    this.device.online(this.isReading, text);
    this.smx.status(severity(code), text);
  }

  private alarm(name: string, text: string | undefined): void {
    const now = this.smx.now();
    if (text !== undefined) this.faultAt.set(name, now);
    // either way, as clocks are set
    else if (Math.abs(now - (this.faultAt.get(name) ?? -Infinity)) < CALM) return;
    this.kept.alarms.set({ device: this.device }, name, text === undefined ? undefined : { text });
  }
}

/** A port that is not there is nothing that is wrong. */
function severity(code: Verdict['code']): StatusState {
  if (code === 'ok' || code === 'absent') return 'ok';
  if (code === 'waiting') return 'busy';
  return code === 'lossy' ? 'warning' : 'error';
}

function rateText(rate: number): string {
  return `The meter says that it takes ${Math.round(rate)} samples a second; only ${RATES.least} to ${RATES.most} can be analysed`;
}
