import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { View } from '@smx-edge/access';
import type { Disposable } from '@smx-edge/model';
import { DOORS, type Doors } from '../doors.js';

/** Calls beyond the first are summed over this time in the ledger, as disclosures are. */
const SPAN = 15 * 60_000;
/** Different calls of one span; beyond them their details are left out. */
const MOST = 1000;

interface Tally {
  readonly principal: string;
  readonly role: string;
  readonly call: string;
  readonly since: number;
  readonly timer: Disposable;
  calls: number;
  failed: number;
}

/** What was asked of a call, INSTANCE/NAME, narrowed by its detail where it has one. */
export interface CallName {
  readonly id: string;
  readonly name: string;
  readonly detail: string | undefined;
}

/** Who called what, for the ledger: the first call at once, so that it stands there whatever it does, more of the same summed. */
@Injectable()
export class CallBook implements OnModuleDestroy {
  private readonly tallies = new Map<string, Tally>();

  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  /** Notes a call that is about to be made; the answer is to be told how it failed, if it does. */
  begin({ principal }: View, { id, name, detail }: CallName): { failed(): void } {
    const whole = `${id}/${name}`;
    const exact = detail === undefined ? whole : `${whole}/${detail}`;
    const call = this.tallies.size < MOST || this.tallies.has(keyOf(principal.name, exact)) ? exact : whole;
    const key = keyOf(principal.name, call);
    let tally = this.tallies.get(key);
    if (tally === undefined) {
      const { clock } = this.doors;
      const timer = clock.after(SPAN, () => this.close(key));
      tally = { principal: principal.name, role: principal.role, call, since: clock.now(), timer, calls: 0, failed: 0 };
      this.tallies.set(key, tally);
      this.write(tally, {});
    }
    tally.calls++;
    return {
      failed: () => {
        tally.failed++;
      },
    };
  }

  onModuleDestroy(): void {
    for (const key of [...this.tallies.keys()]) this.close(key);
  }

  private close(key: string): void {
    const tally = this.tallies.get(key);
    if (tally === undefined) return;
    this.tallies.delete(key);
    tally.timer.dispose();
    const { calls, failed } = tally;
    if (calls > 1 || failed > 0) this.write(tally, { until: this.doors.clock.now(), calls, failed });
  }

  private write({ principal, role, call, since }: Tally, sums: object): void {
    const { clock, ledger } = this.doors;
    ledger.append({ t: clock.now(), kind: 'command', principal, data: { role, call, since, ...sums } });
  }
}

const keyOf = (principal: string, call: string): string => `${principal} ${call}`;
