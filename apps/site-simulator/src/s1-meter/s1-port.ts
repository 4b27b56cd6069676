import type { Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { FaultBook, MeterPort, type Fault, type MeterPlaces, type WireEnd } from '../line/index.js';
import { AMBIENT_FLICKER, Disturbances, type DisturbanceKind, type Flicker } from './disturbances.js';
import { FrameLine, type FrameCounts } from './frame-line.js';
import { S1_FAULTS, type S1Fault } from './line-faults.js';
import type { Distortion } from './mains.js';
import { formatOf, highestOrder, type SamplingOptions } from './sampling.js';
import { Sampler } from './sampler.js';
import { Truth } from './truth.js';
import { Wave } from './wave.js';

export interface S1PortOptions extends MeterPlaces, SamplingOptions {
  /** Of the voltage; absent, the street's. */
  readonly harmonics?: Distortion;
  /** Of the street; absent, hardly any. */
  readonly flicker?: Flicker;
  /** The meter counts current the other way round. */
  readonly isInverted: boolean;
  /** Seed of the line's faults. */
  readonly seed: number;
  readonly faults?: readonly Fault<S1Fault>[];
}

interface S1Tools {
  readonly house: House;
  readonly log: Log;
  /** Times the wall clock. */
  readonly speed: number;
}

export interface DisturbanceWish {
  readonly kind: DisturbanceKind;
  /** % of the voltage. */
  readonly to: number;
  /** ms. */
  readonly duration: number;
  readonly phases: readonly number[];
}

/** An S1 port listens to nobody. */
const DEAF: WireEnd = { bytes: 0, receive: () => {}, drop: () => {} };
/** Frames that are sent at once at most: as many as a reader may lag behind. */
const AT_ONCE = 5000;
/** ms of the wall clock for which frames are made up for where the simulator was held up; those before them are lost. */
const MOST_OWED = 30_000;

/** An S1 port of the house: every sample of voltages and currents, the same for all who read. */
export class S1Port extends MeterPort<S1Fault> {
  readonly truth = new Truth();
  private readonly wave: Wave;
  private readonly sampler: Sampler;
  private readonly line: FrameLine;
  private readonly disturbances: Disturbances;
  /** Frames of this run of the sampler that come too late. */
  private surplus = 0;

  private readonly speed: number;

  private constructor(o: S1PortOptions, { house, log, speed }: S1Tools) {
    const faults = new FaultBook<S1Fault>(o.seed, S1_FAULTS);
    super(o, { log, faults, rules: S1_FAULTS });
    this.speed = speed;
    const format = formatOf(o);
    const { connection, harmonics, isInverted } = o;
    this.disturbances = new Disturbances(o.flicker ?? AMBIENT_FLICKER);
    this.wave = new Wave({
      ...{ connection, harmonics, isInverted },
      highest: highestOrder(format),
      disturbances: this.disturbances,
    });
    this.line = new FrameLine(format, { faults, send: (bytes) => this.broadcast(bytes) });
    this.sampler = new Sampler({
      ...{ house, format, wave: this.wave },
      onSecond: (second, sample) => this.truth.note(second, sample),
    });
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: S1PortOptions, tools: S1Tools): Promise<S1Port> {
    const port = new S1Port(options, tools);
    await port.start({ faults: options.faults, isOneWay: true });
    return port;
  }

  get counts(): Readonly<FrameCounts> {
    return this.line.counts;
  }

  /**
   * Sends what the house was up to `t`, ms UTC, or the next part of it where that is much; the first call is the begin. The
   * house has passed `t`.
   */
  advance(t: number): void {
    const { sampler } = this;
    this.surplus = sampler.due(t - MOST_OWED * this.speed);
    sampler.run(Math.min(t, sampler.latest(this.surplus + AT_ONCE) ?? t), this.take);
    this.line.flush();
  }

  /** Begins at the next sample. Throws SMX_SIMULATOR_SETPOINT. */
  disturb({ kind, to, duration, phases }: DisturbanceWish): void {
    const from = this.sampler.count;
    const disturbance = { kind, to, phases, from, until: from + this.samplesOf(duration) };
    this.disturbances.add(disturbance);
    this.truth.disturb(disturbance);
  }

  /** In place of the street's own flicker, for so many ms. */
  flick(flicker: Flicker, duration: number): void {
    this.disturbances.flick(flicker, this.sampler.count + this.samplesOf(duration));
  }

  /** Ends all disturbances. */
  still(): void {
    this.disturbances.still();
    this.truth.still(this.sampler.count);
  }

  /** What really runs and happened since `since`, ms UTC, and what went over the line. */
  tell(since = -Infinity): object {
    return { t: this.sampler.t, sample: this.sampler.count, frames: { ...this.counts }, ...this.truth.tell(since) };
  }

  protected override endOf(): WireEnd {
    return DEAF;
  }

  private samplesOf(ms: number): number {
    return Math.max(1, Math.round(ms / this.sampler.interval));
  }

  private readonly take = (): void => {
    if (this.surplus-- > 0) this.line.lose();
    else this.line.take(this.wave.sample);
  };
}
