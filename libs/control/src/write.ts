import type { SetpointCommand } from '@smx-edge/extension-api';
import type { PointValue } from '@smx-edge/model';
import type { Choice } from './decide.js';
import type { Held } from './held.js';
import { judged, type Judgement } from './judgement.js';
import type { SetpointFacts, WriteAnswer } from './ports.js';
import { ReadBack, sameValue, type Verdict } from './read-back.js';

const UNKNOWN: Verdict = { kind: 'unknown' };

/** One value on its way to the device, and what is known of how it fared. */
export class Write {
  /** What the device says it took. */
  taken: PointValue;
  clampedByDevice = false;
  private readBack: ReadBack | undefined;

  constructor(
    readonly seq: number,
    readonly choice: Choice<Held>,
    private readonly o: {
      readonly facts: SetpointFacts;
      /** What was sent before it. */
      readonly before: Choice<Held> | undefined;
      /** What the proving point showed then. */
      readonly shown: PointValue;
    },
  ) {
    this.taken = choice.value;
    const { facts, shown } = o;
    const tolerance = facts.tolerance(choice.value);
    const fits = (measured: PointValue): boolean => sameValue(measured, this.taken, tolerance);
    if (facts.proven) this.readBack = new ReadBack({ fits, tolerance, before: shown });
  }

  get before(): Choice<Held> | undefined {
    return this.o.before;
  }

  /** As the device is told it. */
  get command(): SetpointCommand {
    const { holder, value } = this.choice;
    const { id, until, hb, reason } = holder?.record ?? { id: 'envelope' };
    return {
      id,
      value,
      ...(until === undefined ? {} : { until }),
      ...(hb === undefined ? {} : { heartbeat: hb }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** It may still be proved. */
  get isOpen(): boolean {
    return this.readBack !== undefined;
  }

  took({ outcome, value }: Extract<WriteAnswer, { outcome: 'applied' | 'clamped' }>): void {
    const asked = this.choice.value;
    this.taken = value;
    this.clampedByDevice = outcome === 'clamped' || !sameValue(value, asked, this.o.facts.tolerance(asked));
  }

  /** A reading of the proving point; true where it proves it. */
  see(measured: PointValue): boolean {
    return this.readBack?.see(measured) === true;
  }

  get fits(): boolean {
    return this.readBack?.verdict().kind === 'fits';
  }

  /** At the end of its time: undefined where the device still moves and is given more. */
  late(): Verdict | undefined {
    return this.readBack === undefined ? UNKNOWN : this.readBack.late();
  }

  /** Its outcome; it is not looked at any more. */
  close(held: Held, verdict = this.readBack?.verdict() ?? UNKNOWN): Judgement {
    this.readBack = undefined;
    return judged(verdict, this.evidence(held));
  }

  /** The outcome of a command that ends before its time to settle is over. */
  soFar(held: Held): Judgement {
    const verdict = this.readBack?.verdict();
    if (verdict?.kind === 'fits') return judged(verdict, this.evidence(held));
    return TOO_EARLY;
  }

  private evidence(held: Held): Parameters<typeof judged>[1] {
    const { value } = held.record;
    const { facts } = this.o;
    const asAsked = sameValue(value, this.taken, facts.tolerance(value));
    return { taken: this.taken, asAsked, clampedByDevice: this.clampedByDevice, proven: facts.proven };
  }
}

export const TOO_EARLY: Judgement = { state: 'unverified', reason: 'it ended before the device showed it' };
