import { EARLIEST_CLOCK } from '@smx-edge/model';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of systemd-timesyncd, with `synchronized` in it once it has set the clock (systemd-timesyncd.service(8)). */
const TIMESYNC = '/run/systemd/timesync';

/**
 * `set` by the time service; `untold`: it may be right, and no service tells; `unsynchronized`: the service runs and has
 * not set it yet; `early`: it is before this software was made.
 */
type ClockVerdict = 'set' | 'untold' | 'unsynchronized' | 'early';

/** Whether the wall clock of the box (ms UTC) can be believed: the one judge for points, messages, commands and doctor. */
export function judgeClock(now: number, service = TIMESYNC): ClockVerdict {
  if (now < EARLIEST_CLOCK) return 'early';
  if (!existsSync(service)) return 'untold';
  return existsSync(join(service, 'synchronized')) ? 'set' : 'unsynchronized';
}

/** The same as messages and commands take it: in doubt only where something speaks against the clock. */
export function clockState(now: number, service = TIMESYNC): 'ok' | 'unsure' {
  const verdict = judgeClock(now, service);
  return verdict === 'set' || verdict === 'untold' ? 'ok' : 'unsure';
}
