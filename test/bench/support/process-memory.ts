import { readFileSync } from 'node:fs';

/**
 * Memory of a process in MB (2^20), from /proc/PID/smaps_rollup: what it shares counted by its share (PSS) and as a whole (RSS),
 * what is its own, and what of that is in no file.
 */
export function processMemory(pid: number): { pss: number; rss: number; own: number; anonymous: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? NaN);
  const own = kib('Private_Clean') + kib('Private_Dirty');
  return { pss: kib('Pss') / 1024, rss: kib('Rss') / 1024, own: own / 1024, anonymous: kib('Pss_Anon') / 1024 };
}

/** PID of the child of `parent` whose command line holds `mark`. */
export function childOf(parent: number, mark: string): number | undefined {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
  return children
    .filter((pid) => pid !== '')
    .map(Number)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark));
}
