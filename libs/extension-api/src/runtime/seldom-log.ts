import type { Clock, Log } from '@smx-edge/model';

/** ms. */
const HOUR = 3_600_000;

/**
 * A log in which the same message is told once an hour, and in between only to who looks closely: for lines that are opened and
 * given back all day, as on a port that readers share.
 */
export function seldomLog(log: Log, clock: Clock): Log {
  const told = new Map<string, number>();
  const seldom =
    (level: 'info' | 'warn'): Log['info'] =>
    (message, fields) => {
      const now = clock.monotonic();
      const isNew = now - (told.get(message) ?? -Infinity) >= HOUR;
      if (isNew) told.set(message, now);
      log[isNew ? level : 'debug'](message, fields);
    };
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: seldom('info'),
    warn: seldom('warn'),
    error: (message, fields) => log.error(message, fields),
  };
}
