import { readFileSync, readdirSync } from 'node:fs';

/** Of the kernel, a second: USER_HZ (time(7)). */
const TICKS = 100;

/** CPU seconds of a process so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The same to the ns, of the threads that it has now: for what costs less than a tick (proc(5), schedstat). */
export function cpuSecondsOfThreads(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
  return ns.reduce((sum, one) => sum + one, 0) / 1e9;
}
