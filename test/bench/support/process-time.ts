import { readFileSync } from 'node:fs';

/** Of the kernel, a second: USER_HZ (time(7)). */
const TICKS = 100;

/** CPU seconds of a process so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
