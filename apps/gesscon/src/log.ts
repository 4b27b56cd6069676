import type { Log } from '@smx-edge/model';
import pino from 'pino';

/** Structured log on standard output. */
export function openLog(level: string): Log {
  const logger = pino({
    ...{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    formatters: { level: (label) => ({ level: label }) },
  });
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
