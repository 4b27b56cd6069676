import type { Log } from '@smx-edge/model';
import { describeError, systemClock } from '@smx-edge/model';
import type { Core } from './core.js';
import { ServiceNotifier } from './notify.js';

/** Most a clean end may take, ms. */
const END_TIME = 10_000;

/** Starts a core and runs it until a signal ends it; gives the exit status. Tells systemd. */
export async function serve(start: () => Promise<Core>, log: Log): Promise<number> {
  const notifier = new ServiceNotifier({ env: process.env, clock: systemClock, log });
  // a signal that comes while it starts ends it as cleanly as any other
  const signal = nextSignal();
  const core = await start();
  notifier.ready(() => core.works());
  log.info('stopping', { signal: await signal });
  const late = setTimeout(() => {
    log.error('the core did not end in time');
    process.exit(1);
  }, END_TIME);
  late.unref();
  void notifier.stopping();
  await core.stop();
  clearTimeout(late);
  return 0;
}

/** The first signal; later ones are ignored, since terminals, npm and timeout(1) send theirs twice. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

/** A fault that nobody caught leaves the state of the process unknown: it is written down and the process ends, for its supervisor to start it anew. */
export function endOnFault(log: Log, flush: () => void): void {
  process.on('uncaughtException', (error) => {
    log.error('a fault nobody caught', { error: describeError(error), stack: error.stack });
    flush();
    process.exit(1);
  });
}
