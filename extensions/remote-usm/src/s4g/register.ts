import type { SampleValue } from '@smx-edge/extension-api';
import type { Unit, Zone } from '@smx-edge/model';
import type { ObisReading } from '@smx-edge/protocols/obis-json';
import { GoingOn } from '../reading/going-on.js';
import { Pace } from '../reading/pace.js';
import { utcOf, wallOf } from './local-stamp.js';
import { primaryOf } from './transformers.js';

/** A stamp further than this from the box's clock is no time of a value (contracts §3), ms. */
const TRUSTED = 600_000;
const STANDS_STILL = 'its time stamp is old, or the clock of the gateway is off';
const WITHOUT_STAMP = 'the gateway gives no time with it';

/** How the message that has a reading came. */
export interface Coming {
  /** ms UTC here. */
  readonly received: number;
  /** It lay with the broker for nobody knows how long. */
  readonly isKept: boolean;
  /** It is not the same text as the one before it. */
  readonly isOther: boolean;
  /** Some of its values are also given before current transformers. */
  readonly isBehind: boolean;
}

export interface RegisterOptions {
  readonly zone: Zone;
  readonly ratio: number | undefined;
  /** ms in which it is read, where the operator says so. */
  readonly interval: number | undefined;
  readonly unit: Unit | null;
  readonly isSigned: boolean;
}

/** One register of an SMXCore, which goes on telling the last value with its time for as long as it reads none. */
export class Register {
  readonly pace: Pace;
  private readonly clock = new GoingOn();
  private isKnown = false;

  constructor(private readonly o: RegisterOptions) {
    this.pace = new Pace(o.interval);
  }

  /** What is to be told of a reading; undefined where it is nothing new. A value that is not known to be new is told once, as stale. */
  take(reading: ObisReading, coming: Coming): SampleValue | undefined {
    const { received } = coming;
    const t = reading.readAt === undefined ? undefined : utcOf(wallOf(reading.readAt), this.o.zone, received);
    const isNew = this.isNew(reading, t, coming);
    const isFirst = !this.isKnown;
    this.isKnown = true;
    if (!isNew && !isFirst) return undefined;
    if (!isNew) return this.sample(reading, coming, { quality: 'stale', reason: STANDS_STILL });
    this.pace.news(received);
    if (t === undefined) return this.sample(reading, coming, { quality: 'uncertain', reason: WITHOUT_STAMP });
    const off = Math.round((t - received) / 1000);
    if (Math.abs(t - received) > TRUSTED) return this.sample(reading, coming, { quality: 'uncertain', reason: `the clock of the gateway is ${off} s off; is \`timezone\` right?` }); // prettier-ignore
    return this.sample(reading, coming, { t });
  }

  private isNew({ readAt }: ObisReading, t: number | undefined, { received, isKept, isOther }: Coming): boolean {
    if (readAt === undefined || t === undefined) return isOther && !isKept;
    const wall = wallOf(readAt);
    // of the first one only a clock that is right can tell that it is not the last one of yesterday
    const isDoubtful = !this.isKnown && Math.abs(t - received) > this.pace.maxAge;
    if (isKept || isDoubtful) {
      this.clock.seen(wall);
      return false;
    }
    return this.clock.isNew(wall);
  }

  private sample(reading: ObisReading, { isBehind }: Coming, how: Omit<SampleValue, 'value'>): SampleValue {
    const { ratio, unit, isSigned } = this.o;
    const { value, doubt } = primaryOf(reading, unit, { ratio, isBehind });
    if (value < 0 && !isSigned) return { ...how, value: null, quality: 'bad', reason: 'negative' };
    return doubt === undefined || how.quality !== undefined
      ? { ...how, value }
      : { ...how, value, quality: 'uncertain', reason: doubt };
  }
}
