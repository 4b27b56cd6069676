import type { PointInit, SampleValue } from '@smx-edge/extension-api';
import type { PointValue } from '@smx-edge/model';
import { P1_POINTS } from '@smx-edge/protocols/p1';
import type { CatPoint, NowSample } from '@smx-edge/protocols/smx1';

/** Least ms between two tellings of a number that stays as it is, and as many times its points of a box that has many. */
const REST = 900;
const REST_OF_MANY = 2;
/** What a message says is so is so at the time of the message. */
const LIVE: ReadonlySet<string> = new Set(['good', 'uncertain', 'substituted']);
/** A catalogue does not say what is about a person; on a meter it is this. */
const PERSONAL: ReadonlySet<string> = new Set(P1_POINTS.filter(({ personal }) => personal).map(({ path }) => path));
const REASONS: Readonly<Record<string, string>> = {
  stale: 'stale at the other box',
  bad: 'bad at the other box',
  uncertain: 'uncertain at the other box',
};

/** When a message was made and came, ms UTC, and how long what comes as it comes holds, ms. */
export interface Taking {
  readonly t: number;
  readonly received: number;
  readonly maxAge: number;
  /** Points of the box. */
  readonly size: number;
}

/** A point of the other box that is shown here, and what was told of it. */
export class RemotePoint {
  private told: NowSample | undefined;
  /** When that was told, ms UTC here; and of when its last live value is, ms UTC. */
  private toldAt = 0;
  private t: number | undefined;

  constructor(public definition: CatPoint) {}

  /** As it is declared here; `maxAge`: ms of what comes as it comes. */
  init(maxAge: number): PointInit {
    const { path, unit, type, kind, obis, every = 0 } = this.definition;
    return {
      ...{ unit, type, maxAge: Math.max(maxAge, 3 * every) },
      // a set-point would count as a device that may be commanded here
      kind: kind === 'setpoint' ? 'parameter' : kind,
      personal: PERSONAL.has(path.slice(path.indexOf('/') + 1)),
      ...(obis !== undefined && { obis }),
    };
  }

  /** What is to be told of a live message; undefined where it says nothing new of this point. */
  live(sample: NowSample, taking: Taking): SampleValue | undefined {
    const { t, received } = taking;
    const isLive = LIVE.has(sample.quality);
    const isSame = this.told !== undefined && isEqual(sample, this.told);
    const isRested = Math.abs(received - this.toldAt) >= this.rest(taking);
    if (isSame && !(isLive && isRested)) return undefined;
    if (isLive) this.t = t;
    return this.tell(sample, received);
  }

  /** What is to be told of a message that lay with the broker, nobody knows how long; undefined where more is known. */
  kept(sample: NowSample, received: number): SampleValue | undefined {
    if (this.told !== undefined) return undefined;
    if (!LIVE.has(sample.quality)) return this.tell(sample, received);
    const reason = 'left with the broker; how old it is, nobody knows';
    return this.tell({ value: sample.value, quality: 'stale', reason }, received);
  }

  /** What is to be told where the other box went away; undefined where it is not fresh anyway. */
  left(reason: string, received: number): SampleValue | undefined {
    if (this.told === undefined || !LIVE.has(this.told.quality)) return undefined;
    return this.tell({ value: this.told.value, quality: 'stale', reason }, received);
  }

  private tell({ value, quality, reason = REASONS[quality] }: NowSample, received: number): SampleValue {
    this.told = { value, quality };
    this.toldAt = received;
    // a value that is stale keeps the time at which it was not
    return { value, quality, ...(reason !== undefined && { reason }), ...(this.t !== undefined && { t: this.t }) };
  }

  /** ms after which what stays is told again: numbers as a meter here is read, windows once they must have ended twice. */
  private rest({ maxAge, size }: Taking): number {
    const { every = 0, type } = this.definition;
    if (every > 0) return Math.max(1.5 * every, maxAge / 3);
    return type === 'number' ? Math.max(REST, REST_OF_MANY * size) : maxAge / 3;
  }
}

function isEqual(a: NowSample, b: NowSample): boolean {
  return a.quality === b.quality && isSameValue(a.value, b.value);
}

function isSameValue(a: PointValue, b: PointValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
