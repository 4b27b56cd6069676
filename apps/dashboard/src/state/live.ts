import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Point, SampleEvent } from '../api/answers.js';
import { get } from '../api/client.js';
import { readEvents } from '../api/event-stream.js';
import { Problem } from '../api/problem.js';
import type { Reading } from './reading.js';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** What the points are; their values are in `reading`. */
export const points = signal<readonly Point[]>([]);
/** `off`: no connection, so that nothing shown is known to hold now. */
export const connection = signal<'opening' | 'on' | 'off'>('opening');

const readings = new Map<string, Signal<Reading | undefined>>();

function own(path: string): Signal<Reading | undefined> {
  let found = readings.get(path);
  if (found === undefined) readings.set(path, (found = signal(undefined)));
  return found;
}

/** Value of a point as it comes; undefined where it is not granted or not there. */
export const reading = (path: string): ReadonlySignal<Reading | undefined> => own(path);

/** Follows the live values until told to stop. */
export function follow(): () => void {
  const end = new AbortController();
  const again = new Alarm();
  const hurry = (): void => again.ring();
  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);
  void keepUp(end.signal, again);
  return () => {
    end.abort();
    again.ring();
    window.removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
    forget();
  };
}

/** A pause that can be cut short. */
class Alarm {
  private wake: () => void = () => undefined;

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  ring(): void {
    this.wake();
  }
}

async function keepUp(signal: AbortSignal, again: Alarm): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  let wait = FIRST_PAUSE;
  while (!isOver()) {
    const stood = await once(signal);
    if (isOver()) return;
    connection.value = 'off';
    if (stood) wait = FIRST_PAUSE;
    await again.pause(wait);
    wait = Math.min(LONGEST_PAUSE, wait * 2);
  }
}

/** One connection, to its end; whether it stood. */
async function once(signal: AbortSignal): Promise<boolean> {
  let stood = false;
  const opened = (): void => {
    stood = true;
    connection.value = 'on';
  };
  const incoming = new Incoming(signal);
  try {
    // asked at once: the list tells what the values are of
    void incoming.learn();
    await readEvents('/api/v1/stream', { opened, event: (name, data) => incoming.event(name, data) }, signal);
  } catch (error) {
    if (!isOfTheLine(error)) throw error;
  } finally {
    incoming.close();
  }
  return stood;
}

/** Samples of one connection, shown once a frame: a busy box must not keep a phone busy. */
class Incoming {
  private readonly waiting = new Map<string, Reading | undefined>();
  private known = new Set<string>();
  private frame = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private learning = false;

  constructor(private readonly signal: AbortSignal) {}

  /** Asks what the points are, until the box has said it. */
  async learn(): Promise<void> {
    if (this.learning) return;
    this.learning = true;
    try {
      const found = await get<Point[]>('points', this.signal);
      this.known = new Set(found.map(({ path }) => path));
      batch(() => {
        for (const { path, value, t, quality, reason } of found)
          if (!this.waiting.has(path) && own(path).peek() === undefined)
            own(path).value = { v: value, t, q: quality, ...(reason === undefined ? {} : { reason }) };
        points.value = found;
      });
    } catch (error) {
      if (!isOfTheLine(error)) throw error;
      this.retry = setTimeout(() => void this.learn(), FIRST_PAUSE);
    } finally {
      this.learning = false;
    }
  }

  event(name: string, data: string): void {
    if (name === 'sample') {
      const { path, ...sample } = JSON.parse(data) as SampleEvent;
      if (!this.known.has(path)) void this.learn();
      this.put(path, sample);
    } else if (name === 'gone') {
      this.put((JSON.parse(data) as { path: string }).path, undefined);
      void this.learn();
    }
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.retry);
  }

  private put(path: string, sample: Reading | undefined): void {
    if (this.waiting.size === 0) this.frame = requestAnimationFrame(() => this.show());
    this.waiting.set(path, sample);
  }

  private show(): void {
    batch(() => {
      for (const [path, sample] of this.waiting) own(path).value = sample;
    });
    this.waiting.clear();
  }
}

/** A request that was refused, cut or ended, which another try may mend; anything else is a fault of the page. */
const isOfTheLine = (error: unknown): boolean =>
  error instanceof Problem || error instanceof TypeError || error instanceof DOMException;

function forget(): void {
  batch(() => {
    points.value = [];
    connection.value = 'opening';
    for (const known of readings.values()) known.value = undefined;
  });
  readings.clear();
}
