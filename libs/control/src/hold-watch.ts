import type { PointValue } from '@smx-edge/model';
import type { Held } from './held.js';
import type { ArbiterPorts } from './ports.js';
import { sameValue } from './read-back.js';

/** How often one command is written again to a device that lost it before somebody is called. */
const MOST_REWRITES = 3;

/** Sees to it that a value that was proved stays on the device for its lease, and calls somebody where it does not. */
export class HoldWatch {
  private held: Held | undefined;
  private value: PointValue = null;
  private rewrites = 0;
  private raised = false;

  constructor(private readonly o: { readonly point: string; readonly ports: ArbiterPorts }) {}

  /** The device showed the value of a command. */
  proved(held: Held, value: PointValue): void {
    this.follow(held, value);
    this.clear('shows its value again');
  }

  /** The value of a command has to be there from now on. */
  follow(held: Held, value: PointValue): void {
    if (held !== this.held || !sameValue(value, this.value)) this.forget();
    this.held = held;
    this.value = value;
  }

  /** Something else goes to the device. */
  forget(): void {
    this.clear('is not held by that command any more');
    this.held = undefined;
    this.rewrites = 0;
  }

  /** Whether this is the command that was proved and has to stay. */
  follows(held: Held | undefined): boolean {
    return held !== undefined && held === this.held;
  }

  /** A reading of the proving point; true where it is not what was proved. */
  isLost(measured: PointValue): boolean {
    const isThere = sameValue(measured, this.value, this.o.ports.facts(this.o.point).tolerance(this.value));
    if (isThere) this.clear('shows its value again');
    return !isThere;
  }

  /** What is to be done about a value that was lost for the time that a device has to settle. */
  next(): 'write' | 'wait' {
    if (this.rewrites < MOST_REWRITES) {
      this.rewrites++;
      return 'write';
    }
    if (!this.raised) this.alarm(true, `was given ${String(this.value)} ${MOST_REWRITES} times again and loses it`);
    this.raised = true;
    return 'wait';
  }

  private clear(what: string): void {
    if (this.raised) this.alarm(false, what);
    this.raised = false;
  }

  private alarm(raised: boolean, what: string): void {
    const { point, ports } = this.o;
    ports.alarm(point, { code: 'command.lost', raised, text: `${point} ${what}` });
  }
}
