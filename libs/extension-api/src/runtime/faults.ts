import { describeError, type Clock } from '@smx-edge/model';
import { bounded, REPORT } from './bounded.js';
import type { Channel } from './channel.js';

interface Known {
  unsent: number;
  waiting: boolean;
}

const QUIET_MS = 1000;
const MOST_ORIGINS = 100;

/** Exceptions of an author's callbacks: reported once with their origin, then only counted; they end nothing. */
export class Faults {
  private readonly known = new Map<string, Known>();
  private readonly channel: Channel;
  private readonly clock: Clock;

  constructor(o: { channel: Channel; clock: Clock }) {
    this.channel = o.channel;
    this.clock = o.clock;
  }

  /** Runs `fn`; what it throws, or its promise rejects with, is reported under `origin`. Undefined where it ran to its end at once. */
  guard(origin: string, fn: () => unknown): Promise<void> | undefined {
    try {
      const result = fn();
      if (!(result instanceof Promise)) return undefined;
      return result.then(undefined, (error: unknown) => this.report(origin, error));
    } catch (error) {
      this.report(origin, error);
      return undefined;
    }
  }

  report(origin: string, error: unknown): void {
    const text = describeError(error);
    const key = this.known.size < MOST_ORIGINS ? `${origin}\n${text}` : origin;
    const known = this.known.get(key);
    if (known === undefined) {
      this.known.set(key, { unsent: 0, waiting: false });
      this.channel.send(['exception', bounded(origin, 400), bounded(withPlace(error, text), REPORT), 1]);
      return;
    }
    known.unsent++;
    if (known.waiting) return;
    known.waiting = true;
    this.clock.after(QUIET_MS, () => {
      known.waiting = false;
      this.channel.send(['exception', bounded(origin, 400), '', known.unsent]);
      known.unsent = 0;
    });
  }
}

/** The message and the first places of its stack, which is what an author needs. */
function withPlace(error: unknown, text: string): string {
  if (!(error instanceof Error) || error.stack === undefined) return text;
  const places = error.stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 3)
    .map((line) => line.trim());
  return [text, ...places].join(' ');
}
