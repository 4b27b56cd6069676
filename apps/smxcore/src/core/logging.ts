import pino from 'pino';
import type { Log } from '@smx-edge/model';

const SECRETS = ['token', 'password', 'secret', 'key', 'authorization', 'setup'];
/** What waits for a slow reader of the log before lines are dropped, bytes. */
const BACKLOG = 1 << 20;

export interface LogOutput {
  readonly log: Log;
  /** Writes what is left; called last. */
  close(): void;
}

/** Structured log on standard output; never blocks the core, and drops lines when its reader stands still. */
export function openLog(level: 'debug' | 'info' | 'warn' | 'error', fd = 1): LogOutput {
  const out = pino.destination({ fd, sync: false, minLength: 0, maxLength: BACKLOG });
  // a log that cannot be written is no reason to stop reading meters
  out.on('error', () => undefined);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
    },
    out,
  );
  return {
    log: {
      debug: (message, fields) => logger.debug(fields ?? {}, message),
      info: (message, fields) => logger.info(fields ?? {}, message),
      warn: (message, fields) => logger.warn(fields ?? {}, message),
      error: (message, fields) => logger.error(fields ?? {}, message),
    },
    close: () => {
      out.flushSync();
      out.end();
    },
  };
}
