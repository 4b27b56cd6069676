import type { Device, EventFile, EventInit, SmxContext } from '@smx-edge/extension-api';
import { describeError, SmxError } from '@smx-edge/model';
import { PowerQuality, type PowerQualityEvent, type Values } from '@smx-edge/protocols/power-quality';
import type { S1Block, S1Format } from '@smx-edge/protocols/s1';
import { phasorsOf, type Phasors } from './calls/phasors.js';
import { spectrumOf, type SpectrumAnswer } from './calls/spectrum.js';
import { eventInit } from './events/event-text.js';
import { EventTeller } from './events/event-teller.js';
import type { HourLimit } from './events/hour-limit.js';
import { SeldomLine } from './events/seldom-line.js';
import { waveformOf, type Waveform } from './events/waveform.js';
import type { Recognition } from './loads/recognition.js';
import type { Memory } from './memory.js';
import type { Direction } from './points/direction.js';
import { MeterPoints } from './points/meter-points.js';
import { SecondGatherer } from './points/second.js';
import type { Feed } from './samples/feed.js';
import { Ring } from './samples/ring.js';
import { channelsOf, type Channels } from './samples/wiring.js';
import type { Settings } from './settings.js';
import { MeterWeeks } from './week/meter-weeks.js';
import type { WeekBook } from './week/week-book.js';

/** Share of the nominal frequency by which the meter's own may be off (IEC 61000-4-30 §5.1.2) and tell how long a cycle is. */
const OFF = 0.15;
/** Cycles of which phasors are made. */
const PHASOR_CYCLES = 10;
const DOUBT = 'an event is not told: only samples that stand in for lost ones show it';
const NOT_KEPT = 'an event could not be kept';
const COUNTED =
  'More events came than are told one by one (1,000 an hour, four a second); some of this hour are only counted, in pq/events and in the week: look at the mains, the plug, the adapter';

export interface MeterTools {
  readonly smx: SmxContext;
  readonly device: Device;
  readonly settings: Settings;
  readonly memory: Memory;
  readonly direction: Direction;
  readonly feed: Feed;
  readonly weeks: WeekBook;
  readonly loads: Recognition;
  readonly limit: HourLimit;
}

/** A meter on the S1 port as its frames describe it: from samples to points, events and answers of calls. */
export class Meter {
  private readonly channels: Channels;
  private readonly quality: PowerQuality;
  private readonly ring: Ring;
  private readonly points: MeterPoints;
  private readonly gatherer: SecondGatherer;
  private readonly events: EventTeller;
  private readonly weeks: MeterWeeks;
  private readonly nominal: 50 | 60;
  private readonly refused: SeldomLine;
  private frequency: number | null = null;
  private spectrum: SpectrumAnswer | undefined;

  constructor(
    private readonly tools: MeterTools,
    readonly format: S1Format,
    { rate, frequency }: { readonly rate: number; readonly frequency: number | null },
  ) {
    const { device, settings, memory, smx } = tools;
    this.refused = new SeldomLine({ now: () => smx.now(), write: (fields) => smx.log.warn(NOT_KEPT, fields) });
    const channels = channelsOf(format);
    this.channels = channels;
    this.nominal = (frequency ?? 50) > 55 ? 60 : 50;
    this.points = new MeterPoints(device, channels);
    this.gatherer = new SecondGatherer(this.points.seconds);
    for (const [kind, count] of Object.entries(memory.kept.events))
      device.point(`pq/events/${kind}`, { unit: '1', kind: 'counter', maxAge: 0 }).set(count);
    if (format.meterId !== null) {
      device.update({ serial: format.meterId });
      device.point('serial', { type: 'string', personal: true, maxAge: 0 }).set(format.meterId);
    }
    this.ring = new Ring({ rate, voltages: format.phases, currents: format.phases + (channels.hasNeutral ? 1 : 0) });
    // without a neutral a phase has no power of its own
    if (channels.wiring !== '3-wire') tools.loads.begin({ phases: format.phases, declared: settings.declared });
    this.events = new EventTeller({
      ...{ ring: this.ring, channels, wave: settings.wave },
      tell: (event, files) => this.tell(event, files),
    });
    const place = { wiring: channels.wiring, rate, nominal: this.nominal, declared: settings.declared };
    this.weeks = new MeterWeeks(
      { device, weeks: tools.weeks, log: smx.log },
      { ...place, voltages: channels.voltages },
      smx.now(),
    );
    const doubts = new SeldomLine({ now: () => smx.now(), write: (fields) => smx.log.info(DOUBT, fields) });
    this.quality = new PowerQuality(
      { ...place, thresholds: settings.thresholds },
      {
        onWindow: (values) => this.window(values),
        onFrequency: (frequency, end) => this.weeks.addFrequency(frequency, end),
        onInterval: (values) => {
          this.points.interval(values);
          this.weeks.addInterval(values);
        },
        onEventBegin: (event) => this.events.begin(event),
        onEvent: (event) => this.events.end(event),
        onDoubt: (event) => doubts.add(event),
      },
    );
  }

  /** Takes a block of its format. */
  take(block: S1Block, at: number): void {
    const piece = this.tools.feed.take(block, at);
    if (piece === undefined) return;
    this.frequency = block.frequency;
    this.ring.push(piece);
    this.quality.push(piece);
    this.events.look();
  }

  /** The last so many cycles. Throws SMX_EXTENSION_CALL. */
  scope(cycles: number): Waveform {
    const { ring } = this;
    const stretch = ring.cut(ring.endTime - (cycles / this.mains) * 1000, ring.endTime);
    if (stretch === undefined) throw nothingYet();
    return waveformOf(stretch, this.channels);
  }

  /** Fundamentals of the last ten cycles. Throws SMX_EXTENSION_CALL. */
  phasors(): Phasors {
    return phasorsOf(this.scope(PHASOR_CYCLES), this.mains);
  }

  /** Throws SMX_EXTENSION_CALL. */
  harmonics(): SpectrumAnswer {
    if (this.spectrum === undefined) throw nothingYet();
    return this.spectrum;
  }

  /** Hz by which cycles are counted. */
  private get mains(): number {
    const { frequency, nominal } = this;
    return frequency !== null && Math.abs(frequency - nominal) <= OFF * nominal ? frequency : nominal;
  }

  private window(values: Values): void {
    // a step down is told from one up by its sign, so that must be known
    if (this.tools.direction.isInverted !== undefined) this.tools.loads.take(values);
    const second = this.gatherer.add(values);
    // each second is enough to be looked at
    if (second !== undefined || this.spectrum === undefined) this.spectrum = spectrumOf(values, this.channels);
    if (second === undefined) return;
    const { direction, memory, feed, smx, settings } = this.tools;
    const unsure = direction.isInverted === undefined ? unsureText(settings.calibrateFrom) : undefined;
    this.points.second(second, this.frequency, unsure);
    if (!direction.compare(second.means.get('power/active')!, smx.now())) return;
    feed.isInverted = direction.isInverted === true;
    memory.save();
    smx.log.info('the way in which the S1 port counts current is known', { inverted: feed.isInverted });
  }

  private tell(event: PowerQualityEvent, files: readonly EventFile[]): void {
    const { device, memory, smx } = this.tools;
    const { events } = memory.kept;
    events[event.kind]++;
    memory.save();
    this.weeks.addEvent(event);
    device.set({ [`pq/events/${event.kind}`]: events[event.kind] });
    const how = this.tools.limit.take(smx.now());
    if (how === 'told') this.keep(event.kind, { ...eventInit(event, this.channels), files });
    else if (how === 'first') this.keep('events-only-counted', { severity: 'warning', text: COUNTED });
  }

  private keep(code: string, event: EventInit): void {
    const refused = (error: unknown): void => this.refused.add({ error: describeError(error) });
    void this.tools.device.event(code, event).catch(refused);
  }
}

function nothingYet(): SmxError {
  return new SmxError('SMX_EXTENSION_CALL', 'No samples came yet; try again in a moment');
}

function unsureText(from: string | undefined): string {
  return from === undefined
    ? 'nobody said which way the meter counts current: set `calibrate-from` or `invert`'
    : `the way in which the meter counts current is being compared with ${from}/power/active`;
}
