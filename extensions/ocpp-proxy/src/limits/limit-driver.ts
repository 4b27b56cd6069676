import type { Limit, LimitCapabilities, LimitPlan, PlannedCall, ProfileOutcome } from '@smx-edge/protocols/ocpp-j';

export interface DriverDoors {
  /** What the plan was made for. */
  readonly capabilities: LimitCapabilities;
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
  /** Runs one behind the other. */
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;
  private isRetired = false;

  constructor(
    readonly plan: LimitPlan,
    private readonly o: DriverDoors,
  ) {}

  get capabilities(): LimitCapabilities {
    return this.o.capabilities;
  }

  /** Resolves once what this brings about was sent and answered. */
  set(limit: Limit | undefined): Promise<void> {
    this.plan.setLimit(limit);
    return this.run();
  }

  /** Whether the plan has something to say without any news. */
  isDue(now: number): boolean {
    const { wakeAt } = this.plan;
    return this.waiting === 0 && wakeAt !== undefined && wakeAt <= now;
  }

  /** Resolves once there is nothing to be sent now: what was changed meanwhile is sent as well. */
  run(): Promise<void> {
    this.waiting += 1;
    this.tail = this.tail.then(() => this.carryOut()).finally(() => (this.waiting -= 1));
    return this.tail;
  }

  /** Another one takes its place. Resolves once nothing of this one is under way. */
  retire(): Promise<void> {
    this.isRetired = true;
    return this.tail;
  }

  private async carryOut(): Promise<void> {
    const { plan, o } = this;
    for (let i = 0; i < MOST_CALLS && o.isConnected() && !this.isRetired; i++) {
      const call = plan.next(o.now());
      if (call === undefined) return;
      await this.give(call);
    }
  }

  private async give(call: PlannedCall): Promise<void> {
    if (call.isTheirs === true) {
      this.plan.answered(await this.o.send(call), this.o.now());
      return;
    }
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
