import type { Clock, Disposable } from '@smx-edge/model';

/** Timers by name: setting one anew ends the one before. */
export class Timers<Name extends string> {
  private readonly running = new Map<Name, Disposable>();

  constructor(private readonly clock: Clock) {}

  has(name: Name): boolean {
    return this.running.has(name);
  }

  after(name: Name, ms: number, fn: () => void): void {
    this.end(name);
    this.running.set(
      name,
      this.clock.after(ms, () => {
        this.running.delete(name);
        fn();
      }),
    );
  }

  end(name: Name): void {
    this.running.get(name)?.dispose();
    this.running.delete(name);
  }

  clear(): void {
    for (const timer of this.running.values()) timer.dispose();
    this.running.clear();
  }
}
