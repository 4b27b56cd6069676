import type { Clock, Disposable } from '@smx-edge/model';

/** Calls `fn` on a fixed grid of `interval` ms from now; beats that fall into a running call are left out. */
export function repeat(clock: Clock, interval: number, fn: () => Promise<void> | undefined): Disposable {
  const start = clock.monotonic();
  const step = Math.max(1, interval);
  let beat = 1;
  let timer: Disposable;
  let running = false;
  const arm = (): void => {
    timer = clock.after(start + beat * step - clock.monotonic(), () => {
      beat = Math.max(beat + 1, Math.floor((clock.monotonic() - start) / step) + 1);
      arm();
      if (running) return;
      const run = fn();
      if (run === undefined) return;
      running = true;
      void run.finally(() => (running = false));
    });
  };
  arm();
  return { dispose: () => timer.dispose() };
}
