import type { PointValue } from '@smx-edge/model';
import type { ArbiterPorts } from './ports.js';
import { sameValue } from './read-back.js';
import type { CommandRecord } from './record.js';

/**
 * What the store knows of a set-point: that a value other than the default may stand on its device, so that a restart puts
 * it back. Nothing goes to a device before the store knows it. One change is under way at a time.
 */
export class Mark {
  private durable = false;
  private value: PointValue | undefined;
  private changing = false;

  constructor(private readonly o: { readonly point: string; readonly keep: ArbiterPorts['keep'] }) {}

  get stands(): boolean {
    return this.durable;
  }

  /** A change is under way; the set-point looks again when it is over. */
  get isBusy(): boolean {
    return this.changing;
  }

  /** An earlier life of the box left it. */
  found(): void {
    this.durable = true;
  }

  /** Whether the store knows that this value may stand there. */
  covers(value: PointValue): boolean {
    return this.durable && sameValue(this.value ?? null, value);
  }

  /** Makes it durable together with the commands that go with it. */
  set(value: PointValue, { records, done }: { records: readonly CommandRecord[]; done: (ok: boolean) => void }): void {
    this.changing = true;
    this.o.keep({ records, held: [{ point: this.o.point, value }] }, (ok) => {
      this.claimed(ok ? value : undefined);
      done(ok);
    });
  }

  /** It goes to the store along with a new command. */
  claim(): void {
    this.changing = true;
  }

  /** The store has taken it, or with undefined has not. */
  claimed(value: PointValue | undefined): void {
    this.changing = false;
    if (value === undefined) return;
    this.durable = true;
    this.value = value;
  }

  /** The default stands there, and stays: a restart has nothing to put back. `failed` where the store still thinks otherwise. */
  free(failed: () => void): void {
    this.durable = false;
    this.o.keep({ records: [], freed: [this.o.point] }, (ok) => {
      if (ok || this.durable) return;
      this.durable = true;
      failed();
    });
  }
}
