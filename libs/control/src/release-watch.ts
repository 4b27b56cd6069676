import type { PointValue } from '@smx-edge/model';
import type { ArbiterPorts, WriteAnswer } from './ports.js';
import { sameValue } from './read-back.js';

/** Pause before a device that did not take its default is given it again, ms: longer each time. */
const RETRY = 2000;
const LONGEST_RETRY = 60_000;
/** How often a device that still shows an old command is put back before somebody is called. */
const MOST_RELEASES = 3;

/** Sees to it that the default of a set-point comes back and stays, and calls somebody where it does not. */
export class ReleaseWatch {
  /** The last value that was sent. */
  private wrote: PointValue | undefined;
  private refusals = 0;
  private stuck = 0;
  /** An earlier life of the box may have sent more than the store knows of; what is late comes within the time to settle. */
  private inDoubt = false;

  constructor(private readonly o: { readonly point: string; readonly ports: ArbiterPorts }) {}

  /** A value goes to the device. */
  sent(value: PointValue): void {
    this.wrote = value;
    this.stuck = 0;
    this.inDoubt = false;
  }

  /** An earlier life of the box left it there. */
  doubt(value: PointValue): void {
    this.sent(value);
    this.inDoubt = true;
  }

  /** The device took its default. */
  taken(): void {
    if (this.refusals > 0) this.alarm('command.release', false, 'is back at its default');
    this.refusals = 0;
  }

  /** The device did not take it; gives the pause before the next time, ms. */
  refused(answer: WriteAnswer): number {
    if (this.refusals++ === 0) this.alarm('command.release', true, `cannot be put back to its default: ${why(answer)}`);
    return Math.min(LONGEST_RETRY, RETRY * this.refusals);
  }

  /** What is to be done some time after it was taken: a device may take a command so late that it comes after the release. */
  look(): 'rest' | 'release' | 'wait' {
    if (this.inDoubt) {
      this.inDoubt = false;
      return 'release';
    }
    const { point, ports } = this.o;
    const { wrote } = this;
    const facts = ports.facts(point);
    const shown = ports.reading(point);
    const shows = (value: PointValue): boolean => sameValue(shown, value, facts.tolerance(value));
    if (shown === null || wrote === undefined || !shows(wrote) || shows(facts.default)) return 'rest';
    if (++this.stuck <= MOST_RELEASES) return 'release';
    this.alarm('command.stuck', true, `was put back to its default and still shows ${String(shown)}`);
    return 'wait';
  }

  private alarm(code: string, raised: boolean, what: string): void {
    const { point, ports } = this.o;
    ports.alarm(point, { code, raised, text: `${point} ${what}` });
  }
}

function why(answer: WriteAnswer): string {
  if (answer.outcome === 'ignored') return 'the device ignores it';
  return 'code' in answer ? `${answer.code}: ${answer.text ?? ''}` : '';
}
