import { EnergySeries, type Device, type GuardedCounters, type SmxContext } from '@smx-edge/extension-api';
import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { Way } from './blend.js';
import { ENERGIES } from './energy-table.js';
import type { Identity } from './identity.js';

export interface EnergiesOptions {
  readonly smx: SmxContext;
  readonly device: Device;
  readonly kind: Identity['kind'];
  readonly counters: GuardedCounters;
  /** ms between samples of power, and for how long counters are waited for. */
  readonly period: number;
  readonly settle: number;
  /** Whether registers are read as well, of which the counters come first. */
  readonly hasModbus: boolean;
  readonly monotonic: () => number;
}

/** Longest time between two powers that is bridged where they come often, ms: a host that is slow is asked more rarely. */
const LEAST_GAP = 180_000;
/** What a counter may differ by that is seen by two ways, Wh. */
const APART = 50;

/** The energy of one device: counters where it has them, of one way where the ways count differently, else the integral of its power. */
export class Energies {
  private readonly began: number;
  private readonly key: string;

  private constructor(
    private readonly o: EnergiesOptions,
    private readonly series: EnergySeries,
    private owner: Way | undefined,
  ) {
    this.began = o.monotonic();
    this.key = ownerKey(o.device);
  }

  static async open(o: EnergiesOptions): Promise<Energies> {
    const { smx, device, kind, period, settle } = o;
    const { positive, negative } = ENERGIES[kind];
    const series = await EnergySeries.open(smx, device, {
      ...(positive !== undefined && { positive }),
      ...(negative !== undefined && { negative }),
      ...{ period, settle, gap: Math.max(3 * period, LEAST_GAP), keep: Math.min(60_000, settle) },
    });
    return new Energies(o, series, await smx.state.get<Way>(ownerKey(device)));
  }

  /** Whether a path is the energy that this tells of. */
  tells(path: string): boolean {
    const { positive, negative } = ENERGIES[this.o.kind];
    return path === positive || path === negative;
  }

  /** Takes what is shown of a reading: its power, and its counters. */
  take(way: Way, points: readonly SunSpecPoint[]): void {
    const { power, positive, negative } = ENERGIES[this.o.kind];
    const at = (path: string | undefined): number | null => {
      const value = points.find((point) => point.path === path)?.value;
      return typeof value === 'number' ? value : null;
    };
    const counted = { positive: this.guarded(way, positive, at(positive)), negative: this.guarded(way, negative, at(negative)) }; // prettier-ignore
    if (counted.positive !== null || counted.negative !== null) this.series.counters(counted);
    this.series.take(at(power));
  }

  private guarded(way: Way, path: string | undefined, value: number | null): number | null {
    if (path === undefined || value === null || !this.mayCount(way)) return null;
    const { counters, device } = this.o;
    return counters.take(`${device.name}/${path}`, { value, step: APART }) ?? null;
  }

  /** The first way to count owns the series for good; registers are waited for where they are read. */
  private mayCount(way: Way): boolean {
    const { kind, hasModbus, smx, settle, monotonic } = this.o;
    if (ENERGIES[kind].isShared || this.owner === way) return true;
    if (this.owner !== undefined) return false;
    if (way === 'api' && hasModbus && monotonic() - this.began < settle) return false;
    this.owner = way;
    void smx.state.set(this.key, way).catch(() => (this.owner = undefined));
    return true;
  }
}

const ownerKey = (device: Device): string => `counted ${device.name}`;
