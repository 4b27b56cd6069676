import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import type { Log } from '@smx-edge/model';

const text = (message: unknown): string =>
  typeof message === 'string' ? message : inspect(message, { depth: 2, breakLength: Infinity });

/** What Nest says about itself: its faults in the log, its chatter not. */
export class NestLog implements LoggerService {
  constructor(private readonly out: Log) {}

  log(message: unknown): void {
    this.out.debug(text(message));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.out.error(text(message), { more });
  }

  warn(message: unknown): void {
    this.out.warn(text(message));
  }
}
