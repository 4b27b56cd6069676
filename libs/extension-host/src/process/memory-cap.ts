import { spawn } from 'node:child_process';
import { describeError, type Log } from '@smx-edge/model';

/** What a process may still map beyond its limit for stacks, code and the like, bytes. */
const SLACK = 64 << 20;

export interface MemoryUse {
  /** Data that the process has mapped, used or not, bytes. */
  readonly mapped: number;
  /** What it uses of it, bytes. */
  readonly used: number;
}

/**
 * Has the kernel refuse a process memory beyond `limit` bytes (RLIMIT_DATA, setrlimit(2)): a burst between two looks at
 * it cannot take the memory of the box. Where util-linux is missing the looks alone hold it.
 */
export function capMemory(pid: number, { mapped, used, limit, log }: MemoryUse & { limit: number; log: Log }): void {
  const most = mapped + Math.max(0, limit - used) + SLACK;
  const setting = spawn('prlimit', [`--pid=${pid}`, `--data=${most}`], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  });
  setting.on('error', (error) => log.debug('its memory has no hard limit', { error: describeError(error) }));
}
