import type { Limit, LimitPlan, PlannedCall, ProfileOutcome } from '@smx-edge/protocols/ocpp-j';

export interface DriverDoors {
  now(): number;
  /** Whether anything can be sent now. */
  isConnected(): boolean;
  /** Sends a CALL of the plan; never rejects. */
  send(call: PlannedCall): Promise<ProfileOutcome>;
}

/** No plan needs more CALLs in one go: a ladder has fewer rungs. */
const MOST_CALLS = 100;

/** Carries out the plan of one outlet, one CALL after the other. */
export class LimitDriver {
  /** Ids of own profiles that the charge point has, or may have. */
  readonly owned = new Set<number>();
  private running: Promise<void> | undefined;

  constructor(
    readonly plan: LimitPlan,
    private readonly o: DriverDoors,
  ) {}

  /** Resolves once what this brings about was sent and answered. */
  set(limit: Limit | undefined): Promise<void> {
    this.plan.setLimit(limit);
    return this.run();
  }

  /** Whether the plan has something to say without any news. */
  isDue(now: number): boolean {
    const { wakeAt } = this.plan;
    return this.running === undefined && wakeAt !== undefined && wakeAt <= now;
  }

  /** Resolves once there is nothing to be sent now: what was changed meanwhile is sent as well. */
  async run(): Promise<void> {
    while (this.running !== undefined) await this.running;
    this.running = this.carryOut();
    await this.running;
  }

  private async carryOut(): Promise<void> {
    const { plan, o } = this;
    try {
      for (let i = 0; i < MOST_CALLS && o.isConnected(); i++) {
        const call = plan.next(o.now());
        if (call === undefined) break;
        await this.give(call);
      }
    } finally {
      this.running = undefined;
    }
  }

  private async give(call: PlannedCall): Promise<void> {
    const { id } = call.profile;
    const wasOwned = this.owned.has(id);
    if (call.action === 'SetChargingProfile') this.owned.add(id);
    const outcome = await this.o.send(call);
    this.plan.answered(outcome, this.o.now());
    if (call.action === 'ClearChargingProfile') {
      if (outcome !== 'failed') this.owned.delete(id);
    } else if (!wasOwned && outcome !== 'accepted' && outcome !== 'failed') this.owned.delete(id);
  }
}
