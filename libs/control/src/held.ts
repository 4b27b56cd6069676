import type { Clock, Disposable } from '@smx-edge/model';
import type { ReadBack } from './read-back.js';
import type { CommandRecord } from './record.js';

/** A lease by the wall clock, or of a command that was found at the start, is looked at this often, ms. */
const LOOK = 1000;

/** A command that is accepted and not over. */
export class Held {
  /** Its value went to the device, or its limit is in force. */
  written = false;
  /** It is durably marked as executed. */
  marked = false;
  /** Another took the point from it. */
  displaced = false;
  /** Of a limit. */
  readBack: ReadBack | undefined;
  settling: Disposable | undefined;
  private timer: Disposable | undefined;
  private beatAt: number;
  private readonly begun: number;

  constructor(
    public record: CommandRecord,
    readonly order: number,
    private readonly o: { readonly clock: Clock; readonly restored?: true; readonly begun?: number },
  ) {
    this.begun = o.begun ?? o.clock.monotonic();
    this.beatAt = this.begun;
  }

  /** A sign of life of its controller. */
  beat(): void {
    this.beatAt = this.o.clock.monotonic();
  }

  /** ms until its lease ends; 0 or less where it has. */
  get left(): number {
    const { clock } = this.o;
    const { absolute, hb, lease, until } = this.record;
    const now = clock.monotonic();
    return Math.min(
      this.begun + lease - now,
      hb === undefined ? Infinity : this.beatAt + 2 * hb - now,
      absolute === true ? until - clock.now() : Infinity,
    );
  }

  /** Calls `look` at the end of the lease, or earlier where a clock may have been set meanwhile. */
  arm(look: () => void): void {
    this.timer?.dispose();
    const { absolute } = this.record;
    const most = absolute === true || this.o.restored === true ? LOOK : Infinity;
    this.timer = this.o.clock.after(Math.max(0, Math.min(most, Math.ceil(this.left))), look);
  }

  dispose(): void {
    this.timer?.dispose();
    this.settling?.dispose();
  }
}
