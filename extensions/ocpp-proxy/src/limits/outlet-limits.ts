import { applied, clamped, refused, type SetpointAnswer, type SetpointCommand } from '@smx-edge/extension-api';
import type { Limit, LimitState, RateUnit, Rung } from '@smx-edge/protocols/ocpp-j';
import type { Outlet } from '../observe/outlet.js';
import { IN_FORCE, InForce, type InForceDoors } from './in-force.js';
import type { LimitDriver } from './limit-driver.js';

export interface OutletDoors extends InForceDoors {
  isConnected(): boolean;
  /** The driver, once it is known what the charge point takes. */
  driver(outlet: Outlet, unit: RateUnit): Promise<LimitDriver>;
  /** Something was put on the charge point, or taken off. */
  changed(outlet: Outlet): void;
}

/** Of a limit that a party set. */
interface Wanted {
  readonly value: number;
  readonly command: string;
  readonly reason: string | undefined;
  readonly until: number | undefined;
}

/** How a limit stands, for `status`. */
export interface LimitStanding {
  readonly setpoint: string;
  readonly value: number;
  readonly unit: RateUnit;
  readonly command: string;
  readonly reason?: string;
  /** ms UTC: end of the lease. */
  readonly until?: number;
  /** Whether it is the lower one of the two, which counts. */
  readonly counts: boolean;
  readonly state: LimitState;
  /** What the charge point accepted, in the unit of its profile. */
  readonly accepted?: number;
  readonly profile?: Rung;
}

/** The limit of an outlet in one line. */
export interface OutletStanding {
  readonly state: LimitState;
  /** What is wanted, and what the charge point accepted, both in the unit. */
  readonly asked: number | null;
  readonly value: number | null;
  readonly unit: RateUnit | null;
  readonly purpose: string | null;
  readonly reason: string | null;
  /** The car draws more than that all the same. */
  readonly isExceeded: boolean;
}

const PATHS = { A: 'current/limit', W: 'power/limit' } as const satisfies Record<RateUnit, string>;
const UNITS = Object.keys(PATHS) as RateUnit[];
/** What no charge point gives. */
const MAX = { A: 1000, W: 1_000_000 } as const;
/** A profile has one decimal. */
const TENTH = 0.1;
/** A raise waits up to 15 s behind the last one. */
const SETTLE = '25s';

/** The set-points of one outlet: of the two the lower limit is put on the charge point. */
export class OutletLimits {
  driver: LimitDriver | undefined;
  readonly inForce: InForce;
  private readonly wanted = new Map<RateUnit, Wanted>();

  constructor(
    readonly outlet: Outlet,
    private readonly o: OutletDoors,
  ) {
    for (const unit of UNITS) this.declare(unit);
    this.inForce = new InForce(outlet, o);
    this.tell();
  }

  /** What counts of what parties want; undefined: no limit. */
  get limit(): Limit | undefined {
    const limits = [...this.wanted].map(([unit, { value }]) => ({ unit, value }));
    return limits.sort((one, other) => this.watts(one) - this.watts(other))[0];
  }

  get standing(): readonly LimitStanding[] {
    const { plan } = this.driver ?? {};
    const counting = this.limit?.unit;
    return [...this.wanted].map(([unit, { value, command, reason, until }]) => ({
      ...{ setpoint: `${this.outlet.device.name}/${PATHS[unit]}`, value, unit, command, counts: unit === counting },
      state: plan?.state ?? 'trying',
      ...(reason !== undefined && { reason }),
      ...(until !== undefined && { until }),
      ...(plan?.value !== undefined && { accepted: plan.value }),
      ...(plan?.rung !== undefined && { profile: plan.rung }),
    }));
  }

  get inShort(): OutletStanding | undefined {
    const { plan } = this.driver ?? {};
    if (plan === undefined) return undefined;
    const { limit } = this;
    const unit = limit?.unit ?? plan.rung?.unit ?? null;
    const accepted = plan.value !== undefined && plan.rung !== undefined && unit !== null ? this.inUnit(unit, { unit: plan.rung.unit, value: plan.value }) : null; // prettier-ignore
    return {
      state: plan.state,
      asked: limit?.value ?? null,
      value: accepted,
      unit,
      purpose: plan.rung?.purpose ?? null,
      reason: (limit && this.wanted.get(limit.unit)?.reason) ?? null,
      isExceeded: this.inForce.isExceeded,
    };
  }

  /** Takes all limits back, for the end of the instance. */
  async withdraw(): Promise<void> {
    this.wanted.clear();
    this.tell();
    await this.driver?.set(undefined);
  }

  /** What parties want, as the values of the set-points themselves. */
  private tell(): void {
    for (const unit of UNITS)
      this.outlet.device.set({ [PATHS[unit]]: this.wanted.get(unit)?.value ?? { value: null, reason: 'no limit' } });
  }

  private declare(unit: RateUnit): void {
    const { device } = this.outlet;
    const { settings } = this.o;
    // kept as long as a limit may stand that is not sent again
    device.point(IN_FORCE[unit], { unit, kind: 'measurement', maxAge: 3 * settings.refresh });
    device.setpoint(
      PATHS[unit],
      {
        ...{ unit, min: 0, max: MAX[unit], verify: IN_FORCE[unit], settle: SETTLE, maxAge: 0 },
        tolerance: unit === 'A' ? TENTH : TENTH * settings.volts * settings.phases,
      },
      (command) => this.command(unit, command),
      () => this.release(unit),
    );
  }

  private async command(unit: RateUnit, { id, value, reason, until }: SetpointCommand): Promise<SetpointAnswer> {
    if (typeof value !== 'number') return refused('SMX_COMMAND_BOUNDS', 'a limit is a number');
    if (!this.o.isConnected()) return refused('SMX_OCPP_ABSENT', 'the charge point is not connected');
    const before = this.wanted.get(unit);
    this.wanted.set(unit, { value, command: id, reason, until });
    this.tell();
    const driver = await this.put(unit);
    const answer = this.answerOf(driver, { unit, value });
    if (answer.outcome !== 'refused' || this.wanted.get(unit)?.command !== id) return answer;
    // what was refused is not wanted any more; what held before goes on
    if (before === undefined) this.wanted.delete(unit);
    else this.wanted.set(unit, before);
    this.tell();
    await this.driver?.set(this.limit);
    return answer;
  }

  private async release(unit: RateUnit): Promise<SetpointAnswer> {
    this.wanted.delete(unit);
    this.tell();
    const isOff = this.driver === undefined || (this.driver.plan.state === 'idle' && this.driver.owned.size === 0);
    if (isOff) return applied(null);
    const driver = await this.put(unit);
    if (this.limit === undefined && driver.owned.size > 0)
      return refused(this.o.isConnected() ? 'SMX_OCPP_UNANSWERED' : 'SMX_OCPP_ABSENT', 'the limit is taken off as soon as the charge point answers'); // prettier-ignore
    return applied(null);
  }

  private async put(unit: RateUnit): Promise<LimitDriver> {
    let driver = await this.o.driver(this.outlet, this.limit?.unit ?? unit);
    this.driver = driver;
    await driver.set(this.limit);
    // a boot with another firmware may have put another one in its place meanwhile
    while (this.driver !== driver) {
      driver = this.driver;
      await driver.set(this.limit);
    }
    this.o.changed(this.outlet);
    return driver;
  }

  private answerOf({ plan }: LimitDriver, limit: Limit): SetpointAnswer {
    switch (plan.state) {
      case 'refused':
        return refused('SMX_OCPP_LIMIT', 'the charge point takes no charging profile');
      case 'trying':
        return refused('SMX_OCPP_UNANSWERED', 'the charge point did not say whether it took the limit');
      case 'overruled':
        return refused('SMX_OCPP_OVERRULED', 'a profile of the back end for this transaction counts instead');
      default: {
        const counts = this.limit;
        // the other of the two allows less; what the back end allows shows in what is in force
        const isOther = counts !== undefined && counts.unit !== limit.unit;
        return isOther ? clamped(this.inUnit(limit.unit, counts)) : applied(limit.value);
      }
    }
  }

  private watts(limit: Limit): number {
    return this.inUnit('W', limit);
  }

  private inUnit(unit: RateUnit, limit: Limit): number {
    const factor = this.o.settings.volts * this.o.settings.phases;
    if (limit.unit === unit) return limit.value;
    return unit === 'W' ? limit.value * factor : limit.value / factor;
  }
}
